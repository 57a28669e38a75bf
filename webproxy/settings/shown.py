"""Settings as they hold, each with whose word it is.

Rule of this file: texts as they were written, never what was made of them; and no secret, whoever wrote it where.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from webproxy.settings.options import OPTIONS
from webproxy.settings.policies import settings_written
from webproxy.settings.wrong import TextError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from webproxy.settings.options import Option
    from webproxy.settings.settle import Given

HIDDEN = "***"
"""What stands for a secret."""

#: A policy's setting whose key has one of these words is taken for a secret.
_SECRET = frozenset({"auth", "credential", "credentials", "key", "passphrase", "password", "secret", "token"})


class Shown(NamedTuple):
    """One setting as it holds.

    :ivar name: of the option.
    :ivar texts: as written; none for a list that is empty.
    :ivar where: whose word it is: an address, or ``default``.
    """

    name: str
    texts: tuple[str, ...]
    where: str


def shown(sources: Sequence[Mapping[str, Given]]) -> list[Shown]:
    """Show what holds of what the sources say.

    :param sources: the strongest first.
    """
    return [_shown(option, sources) for option in OPTIONS]


def _shown(option: Option, sources: Iterable[Mapping[str, Given]]) -> Shown:
    for source in sources:
        if given := source.get(option.name):
            return Shown(option.name, tuple(_without_secrets(option, text) for text in given.texts), given.where)
    return Shown(option.name, (option.default,) if option.default is not None else (), "default")


def _without_secrets(option: Option, text: str) -> str:
    """Hide what nobody should read over a shoulder."""
    if option.secret:
        return HIDDEN
    if option.name != "policy":
        return text
    name, colon, rest = text.partition(":")
    try:
        texts = settings_written(rest)
    except TextError:
        return f"{name}:{HIDDEN}"
    return name + colon + ",".join(f"{key}={HIDDEN if _is_secret(key) else text}" for key, text in texts.items())


def _is_secret(key: str) -> bool:
    return not _SECRET.isdisjoint(re.split("-", key))
