"""One word out of a few: ``--on-disconnect abort``, ``--log-format json``, ``--forward-user yes``.

Rule of this file: text -> the same text, if it is one of the words that the setting's type lists.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from webproxy.settings.wrong import TextError, near_miss

if TYPE_CHECKING:
    from collections.abc import Callable


def one_of(literal: Any) -> Callable[[str], str]:
    """Make the parser of a setting whose type is ``literal``, a ``Literal`` of words."""
    words: tuple[str, ...] = get_args(literal)

    def parse(text: str) -> str:
        """Read one of the words.

        :raises TextError: none of them.
        """
        if text in words:
            return text
        known = "it is " + " or ".join(words)
        meant = near_miss(text, words)
        raise TextError(f"{text!r} is not known", f"did you mean {meant}? {known}" if meant else known)

    return parse


def switch(text: str) -> bool:
    """Read whether something is wanted.

    :raises TextError: neither yes nor no.
    """
    if text not in ("yes", "no"):
        raise TextError(f"{text!r} is neither yes nor no", "write yes or no")
    return text == "yes"
