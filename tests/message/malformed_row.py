"""One row of the tables of malformed messages, and how requests are put together for them."""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """One message that must not pass.

    :ivar label: what is wrong with it.
    :ivar data: the message.
    :ivar status: status code of the answer that the client gets; the connection closes after it.
    :ivar rule: where it is forbidden.
    """

    label: str
    data: bytes
    status: int
    rule: str


def rows(status: int, rule: str, messages: dict[str, bytes]) -> list[Row]:
    return [Row(label, data, status, rule) for label, data in messages.items()]


def line(start: bytes) -> bytes:
    """A request with this request line."""
    return start + b"\r\nHost: a.example\r\n\r\n"


def field(raw: bytes) -> bytes:
    """A request with this raw text between its Host and another field."""
    return b"GET / HTTP/1.1\r\nHost: a.example\r\n" + raw + b"\r\nX-Last: 1\r\n\r\n"


def post(raw: bytes, body: bytes = b"hello", version: bytes = b"HTTP/1.1") -> bytes:
    """A request with a body, and these raw framing fields."""
    return b"POST / " + version + b"\r\nHost: a.example\r\n" + raw + b"\r\n\r\n" + body


CHUNKS = b"5\r\nhello\r\n0\r\n\r\n"
UNWRITABLE = [bytes((code,)) for code in [*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F]]
