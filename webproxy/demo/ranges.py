"""Which bytes of a representation a request asks for (RFC 9110 §13 and §14), decided purely.

Pure: values in, a value out; no request, no clock.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Part(NamedTuple):
    """The bytes to send.

    :ivar status: 200, 206, 304, 412 or 416.
    :ivar first: where they begin.
    :ivar length: how many; 0 when the answer has no such body.
    """

    status: int
    first: int
    length: int


class Conditions(NamedTuple):
    """A request's field values that decide it; ``None`` for a field that is absent."""

    if_match: bytes | None = None
    if_none_match: bytes | None = None
    if_range: bytes | None = None
    range: bytes | None = None


_ONE_RANGE = re.compile(rb"bytes=[ \t]*(\d*)-(\d*)[ \t]*", re.IGNORECASE)


def choose(size: int, etag: bytes, asked: Conditions) -> Part:
    """Choose what to send of a representation of ``size`` bytes, in the order of RFC 9110 §13.2.2.

    :param size: in bytes.
    :param etag: its strong entity tag, quotes included.
    """
    if asked.if_match is not None and not _matches(asked.if_match, etag, weak=False):
        return Part(412, 0, 0)
    if asked.if_none_match is not None and _matches(asked.if_none_match, etag, weak=True):
        return Part(304, 0, 0)
    # §13.1.5: a Range whose If-Range does not match is ignored; a date never matches what has none
    if asked.range is not None and asked.if_range in (None, etag):
        return _part(size, asked.range)
    return Part(200, 0, size)


def _matches(field: bytes, etag: bytes, *, weak: bool) -> bool:
    """Whether a list of entity tags names this one (RFC 9110 §8.8.3.2)."""
    listed = [tag.strip() for tag in field.split(b",")]
    if weak:
        listed = [tag.removeprefix(b"W/") for tag in listed]
    return b"*" in listed or etag in listed


def _part(size: int, field: bytes) -> Part:
    """One byte range (RFC 9110 §14.1.2); what is not one, and more than one, is ignored as §14.2 allows."""
    found = _ONE_RANGE.fullmatch(field)
    if not found or found.groups() == (b"", b""):
        return Part(200, 0, size)
    begin, end = found.groups()
    if not begin:  # suffix: the last so many bytes
        length = min(int(end), size)
        return Part(206, size - length, length) if length else Part(416, 0, 0)
    first = int(begin)
    last = min(int(end), size - 1) if end else size - 1
    if end and int(end) < first:
        return Part(200, 0, size)
    return Part(206, first, last - first + 1) if first < size else Part(416, 0, 0)
