"""What the demo service has to say, token by token: always the same words for the same question.

Pure: no Twisted, no clock. Pace and transport are :mod:`webproxy.demo.flow`'s.
"""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MODEL = "webproxy-demo"
QUOTED = 80
"""Characters of the question that the reply repeats."""

TEXT = (
    "These words leave the service one at a time, with the same pause after each, the way a language model sends its"
    " tokens. Every word draws a tick on the ruler when it reaches you. Ticks that stand evenly apart mean that nothing"
    " on the way held the words back. Ticks in a clump mean that something collected them first, and that is what a"
    " good proxy never does. Press stop, and the service stops thinking at once: no GPU should work for somebody who"
    " has left."
)

_TOKEN = re.compile(r"\s*\S+")


def reply(question: str) -> str:
    """The whole reply to a question, which it repeats so that one can see it has arrived."""
    heard = " ".join(question.split())
    if not heard:
        return TEXT
    if len(heard) > QUOTED:
        heard = heard[: QUOTED - 1] + "…"
    return f"You wrote “{heard}”. {TEXT}"


def tokens(text: str, count: int | None = None) -> Iterator[str]:
    """Cut a text into tokens; joined they are the text.

    :param count: how many; the text begins anew when it has fewer. ``None`` for the text once.
    """
    whole = _TOKEN.findall(text)
    if count is None:
        return iter(whole)
    again = itertools.cycle([f" {whole[0]}", *whole[1:]])
    return itertools.islice(itertools.chain(whole, again), count)


def count_tokens(text: str) -> int:
    """How many tokens a text has."""
    return len(_TOKEN.findall(text))
