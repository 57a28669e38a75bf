"""What goes over the wire, as somebody else reads it: h11, behind a check of lines that it would let pass.

Rule of this file: nothing of ``webproxy`` is used here, so that what we write is judged by a reading that is not ours.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, NamedTuple

import h11

if TYPE_CHECKING:
    from collections.abc import Iterable

LARGEST = 1 << 20
"""Most bytes of a head that is read."""

TOO_EARLY = ("peer closed connection without", "peer unexpectedly closed", "ConnectionClosed when role=SERVER")
"""How h11 says that the end came before it was due."""

_TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_START = rb"(?:%b [\x21-\x7e]+ HTTP/1\.[01]|HTTP/1\.[01] [1-5][0-9][0-9](?: [\t\x20-\x7e\x80-\xff]*)?)" % _TOKEN
_HEAD = re.compile(rb"%b\r\n(?:%b:[\t\x20-\x7e\x80-\xff]*\r\n)*\r\n" % (_START, _TOKEN))


class MalformedError(AssertionError):
    """It is not HTTP/1.1 by the letter."""


class Message(NamedTuple):
    """One message.

    :ivar start: the method and the target, or the status.
    :ivar fields: names in lower case.
    :ivar complete: whether it has its end.
    :ivar rest: what follows it.
    """

    start: tuple[bytes, ...]
    fields: list[tuple[bytes, bytes]]
    body: bytes
    complete: bool
    rest: bytes


def requests(data: bytes, most: float = math.inf, *, forgiving: bool = False) -> list[Message]:
    """Read requests that follow each other; the last one may lack its end, or even the end of its head.

    :param most: how many of them.
    :param forgiving: let a body that is malformed be one that lacks its end.
    :raises MalformedError: at the first thing that no server should have to read.
    """
    found: list[Message] = []
    while data and len(found) < most:
        message = _request(data, forgiving)
        if message is None:
            break
        found.append(message)
        data = message.rest
    return found


def answers(data: bytes, methods: Iterable[bytes], *, closed: bool = False) -> list[Message]:
    """Read the answers to requests with these methods, interim ones apart; the last one may lack its end.

    :param closed: whether the connection was closed behind it.
    :raises MalformedError: at the first thing that no client should have to read, what nobody asked for included.
    """
    found: list[Message] = []
    for method in methods:
        if not data:
            return found
        message = _answer(data, method, closed)
        if message is None:
            return found
        found.append(message)
        data = message.rest
    if data:
        raise MalformedError(f"nobody asked for {data[:200]!r}")
    return found


def _request(data: bytes, forgiving: bool) -> Message | None:
    _check_head(data)
    reader = h11.Connection(h11.SERVER, max_incomplete_event_size=LARGEST)
    reader.receive_data(data)
    head = _next(reader)
    if not isinstance(head, h11.Request):
        return None
    return Message((head.method, head.target), list(head.headers), *_body(reader, forgiving))


def _answer(data: bytes, method: bytes, closed: bool) -> Message | None:
    reader = h11.Connection(h11.CLIENT, max_incomplete_event_size=LARGEST)
    reader.send(h11.Request(method=method, target="/", headers=[("Host", "h")]))
    reader.send(h11.EndOfMessage())
    reader.receive_data(data)
    if closed:
        reader.receive_data(b"")
    while True:
        _check_head(reader.trailing_data[0])
        head = _next(reader)
        if isinstance(head, h11.Response):
            break
        if not isinstance(head, h11.InformationalResponse):
            return None
    return Message((b"%d" % head.status_code,), list(head.headers), *_body(reader))


def _body(reader: h11.Connection, forgiving: bool = False) -> tuple[bytes, bool, bytes]:
    """A body, whether its end is there, and what follows it."""
    body = b""
    try:
        while isinstance(event := _next(reader), h11.Data):
            body += event.data
    except MalformedError:
        if not forgiving:
            raise
        return body, False, b""
    complete = isinstance(event, h11.EndOfMessage)
    return body, complete, reader.trailing_data[0] if complete else b""


def _next(reader: h11.Connection) -> object:
    try:
        return reader.next_event()
    except h11.RemoteProtocolError as error:
        if any(words in str(error) for words in TOO_EARLY):
            return None
        raise MalformedError(f"{error}: {reader.trailing_data[0][:200]!r}") from error


def _check_head(data: bytes) -> None:
    """Refuse what h11 would forgive: bare line feeds, folded lines, white space at odd places."""
    end = data.find(b"\r\n\r\n") + 4
    if end > 3 and not _HEAD.fullmatch(data[:end]):
        raise MalformedError(repr(data[:end][:2000]))
