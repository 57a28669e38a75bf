"""What an option is: a row of the table of options."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """A setting that the operator may choose.

    :param name: its name without dashes in front, words joined by ``-``.
    :param metavar: what stands for its value in help texts.
    :param help: what it does: a sentence without the default.
    :param parse: text -> value; raises :class:`~webproxy.settings.wrong.TextError`.
    :param default: what is read when nobody says anything, as it would be written; None: the model's own holds.
    :param example: a value as it would be written; for options that must be given, and for their errors.
    :param required: somebody must say something.
    :param repeatable: may be given several times; its value is a tuple.
    :param secret: its value is never shown.
    """

    name: str
    metavar: str
    help: str
    parse: Callable[[str], object]
    default: str | None = None
    example: str = ""
    required: bool = False
    repeatable: bool = False
    secret: bool = False
