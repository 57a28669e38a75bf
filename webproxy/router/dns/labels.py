"""Names as they stand in messages: labels, each with its length in front (RFC 1035 §3.1).

Rule of this file: pure, bytes and texts in, labels in lower case out: names are compared without case (RFC 4343 §3).
"""

from __future__ import annotations

Labels = tuple[bytes, ...]
"""A name without its root, the outermost label last: ``(b"www", b"example", b"com")``."""

LONGEST_LABEL = 63
LONGEST_NAME = 255
"""Bytes, with all lengths and the root (RFC 1035 §3.1)."""

_POINTER = 0xC0


class MalformedError(ValueError):
    """A message that breaks its format (RFC 1035 §4.1.1: RCODE 1)."""


def of_text(name: str) -> Labels:
    """Give the labels of a written name, with or without a dot at its end.

    :raises ValueError: it is no name.
    """
    labels = tuple(label.encode("ascii") for label in name.lower().removesuffix(".").split("."))
    if not all(0 < len(label) <= LONGEST_LABEL for label in labels) or length(labels) > LONGEST_NAME:
        raise ValueError(f"{name!r} is not a name")
    return labels


def dotted(labels: Labels) -> bytes:
    """Write a name of ours with dots, as twisted.names takes it."""
    return b".".join(labels)


def length(labels: Labels) -> int:
    """How many bytes a name takes in a message."""
    return sum(map(len, labels)) + len(labels) + 1


def read(message: bytes, at: int) -> tuple[Labels, int]:
    """Read the name of a question, which nothing stands before that a pointer could lead to (RFC 1035 §4.1.4).

    :returns: the name, and where it ends.
    :raises MalformedError: it is none.
    """
    labels = []
    start = at
    while size := _byte(message, at):
        if size > LONGEST_LABEL:
            raise MalformedError("a pointer, or a kind of label that never came to be (RFC 6891 §5)")
        label = message[at + 1 : at + 1 + size]
        at += 1 + size
        if len(label) < size or at + 1 - start > LONGEST_NAME:
            raise MalformedError("a name that does not end in time")
        labels.append(label.lower())
    return tuple(labels), at + 1


def skip(message: bytes, at: int) -> int:
    """Find the end of a name whose labels nobody wants to know; a pointer ends it.

    :raises MalformedError: it does not end.
    """
    while size := _byte(message, at):
        if size >= _POINTER:
            _byte(message, at + 1)
            return at + 2
        if size > LONGEST_LABEL:
            raise MalformedError("a kind of label that never came to be (RFC 6891 §5)")
        at += 1 + size
    return at + 1


def _byte(message: bytes, at: int) -> int:
    try:
        return message[at]
    except IndexError:
        raise MalformedError("the message ends within a name") from None
