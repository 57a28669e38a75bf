"""The words of a command line -> what they say of which option.

Rule of this file: one grammar for ``twistd webproxy`` and ``webproxy run``: ``--name value`` or ``--name=value``,
whole names only, so that an option of a later version never changes what a script of today means.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from webproxy.errors import SettingsError
from webproxy.settings.options import BY_NAME, CONFIG
from webproxy.settings.settle import Given
from webproxy.settings.unknown import stray_word, unknown_option

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from webproxy.settings.options import Option

#: What may be written: a setting, or where settings are written.
KNOWN = {**BY_NAME, CONFIG.name: CONFIG}


def read_words(words: Sequence[str]) -> dict[str, Given]:
    """Read a command line.

    :returns: what it says, by name of option; nothing is parsed yet.
    :raises SettingsError: an unknown option, one without a value or given twice, or a word too many.
    """
    given: dict[str, Given] = {}
    for option, text in _pairs(words):
        where = f"--{option.name}"
        before = given.get(option.name)
        if before and not option.repeatable:
            raise SettingsError(where, f"given twice ({before.texts[0]} and {text})", "give it once")
        given[option.name] = Given((*before.texts, text) if before else (text,), where)
    return given


def _pairs(words: Sequence[str]) -> Iterator[tuple[Option, str]]:
    """Take the words two by two, or at their equals sign."""
    remaining = iter(words)
    for word in remaining:
        if not word.startswith("-") or word == "-":
            raise stray_word(word)
        name, equals, text = word.partition("=")
        option = KNOWN.get(name[2:]) if name.startswith("--") else None
        if option is None:
            raise unknown_option(word)
        if not equals:
            text = next(remaining, "--")
            if text.startswith("--"):
                raise SettingsError(name, "no value is given", f"write {name} {option.example or option.metavar}")
        yield option, text
