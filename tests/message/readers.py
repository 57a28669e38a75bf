"""The ways in which a head may be read."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from webproxy.message import parser
from webproxy.message.forwarding import FROM_STRANGERS
from webproxy.message.hop_by_hop import HOP_BY_HOP
from webproxy.message.scan import COMPILED, NAMES, PlainScanner, scanner

if TYPE_CHECKING:
    from collections.abc import Iterator

READERS = ["strictly", "plain", *(["compiled"] if COMPILED else [])]


@contextmanager
def reading(how: str) -> Iterator[None]:
    """Have heads read strictly all of them, or those that are plain by one of the scanners."""
    before = parser._requests, parser._responses
    if how == "strictly":
        parser._requests = parser._responses = None
    elif how == "plain":
        parser._requests = PlainScanner(NAMES, FROM_STRANGERS, parser._TELLING)
        parser._responses = PlainScanner(NAMES, HOP_BY_HOP, frozenset())
    else:
        parser._requests, parser._responses = scanner(FROM_STRANGERS, parser._TELLING), scanner(HOP_BY_HOP)
    try:
        yield
    finally:
        parser._requests, parser._responses = before
