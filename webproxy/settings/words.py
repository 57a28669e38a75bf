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
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from webproxy.settings.options import Option

#: What may be written: a setting, or where settings are written.
KNOWN = {**BY_NAME, CONFIG.name: CONFIG}


def strange(word: str) -> SettingsError:
    """Answer a word that is no option of the proxy's."""
    return unknown_option(word) if word.startswith("-") and word != "-" else stray_word(word)


def read_words(
    words: Sequence[str], known: Mapping[str, Option] = KNOWN, refusal: Callable[[str], SettingsError] = strange
) -> dict[str, Given]:
    """Read a command line.

    :param known: options by their names; the proxy's, if nothing else is said.
    :param refusal: answers a word that is none of them.
    :returns: what it says, by name of option; nothing is parsed yet.
    :raises SettingsError: an unknown option, one without a value or given twice, or a word too many.
    """
    given: dict[str, Given] = {}
    for option, text in _pairs(words, known, refusal):
        where = f"--{option.name}"
        before = given.get(option.name)
        if before and not option.repeatable:
            raise SettingsError(where, f"given twice ({before.texts[0]} and {text})", "give it once")
        given[option.name] = Given((*before.texts, text) if before else (text,), where)
    return given


def _pairs(
    words: Sequence[str], known: Mapping[str, Option], refusal: Callable[[str], SettingsError]
) -> Iterator[tuple[Option, str]]:
    """Take the words two by two, or at their equals sign."""
    remaining = iter(words)
    for word in remaining:
        name, equals, text = word.partition("=")
        option = known.get(name[2:]) if name.startswith("--") else None
        if option is None:
            raise refusal(word)
        if not equals:
            text = next(remaining, "--")
            if text.startswith("--"):
                raise SettingsError(name, "no value is given", f"write {name} {option.example or option.metavar}")
        yield option, text
