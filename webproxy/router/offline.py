"""What a client hears whose machine is away: over TLS, in HTTP, and nothing of the request is read.

Rule of this file: the only HTTP that the router speaks, and it only speaks. One answer, then the end.
"""

from __future__ import annotations

import math
import time
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

from twisted.internet.interfaces import IProtocol
from zope.interface import implementer

if TYPE_CHECKING:
    from collections.abc import Callable

    from twisted.python.failure import Failure

    from webproxy.net.sweep import IdleSweep

RETRY = 30
"""Seconds after which a client should ask again."""
LINGER = 5.0
"""Seconds that a client has to take the answer and close."""

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="{retry}"><title>{name} is offline</title>
<style>:root{{color-scheme:light dark}}body{{font:1rem/1.5 system-ui,sans-serif;max-width:38rem;margin:20vh auto;
padding:0 1.5rem}}</style></head>
<body><h1>{name} is offline</h1><p>{why}</p><p>This page asks again every {retry} seconds.</p></body></html>
"""


def answer(name: str, why: str, now: float | None = None) -> bytes:
    """Write the whole answer.

    :param name: the public name.
    :param why: a sentence, such as ``Its machine has been away since ...``.
    """
    body = _PAGE.format(name=name, why=why, retry=RETRY).encode()
    head = (
        "HTTP/1.1 503 Service Unavailable\r\n"
        f"Date: {formatdate(now if now is not None else time.time(), usegmt=True)}\r\n"
        "Content-Type: text/html; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\nRetry-After: {RETRY}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body


def since(until: float) -> str:
    """Tell for how long a machine has been away."""
    return f"Its machine has been away since {formatdate(until, usegmt=True)}."


@implementer(IProtocol)
class Offline:
    """Says one answer once the client has asked for anything. States: listening, said, closed.

    :param text: the whole answer.
    :param over: told when the connection is gone.
    """

    __slots__ = ("_over", "_sweep", "_text", "due", "transport")

    def __init__(self, text: bytes, sweep: IdleSweep, over: Callable[[], None]) -> None:
        self._text = text
        self._sweep = sweep
        self._over = over
        self.due = math.inf
        self.transport: Any = None

    def __repr__(self) -> str:
        return f"<Offline {'listening' if self._text else 'said'}>"

    def makeConnection(self, transport: Any) -> None:
        """Take the transport."""
        self.transport = transport
        self.connectionMade()

    def connectionMade(self) -> None:
        """Wait for the first byte of a request, for a while."""
        self._sweep.add(self)
        self.due = self._sweep.now + LINGER

    def dataReceived(self, data: bytes) -> None:
        """Answer; what else comes is not read."""
        text, self._text = self._text, b""
        if text:
            self.transport.write(text)
            self.due = self._sweep.now + LINGER
            self.transport.loseConnection()

    def expired(self, now: float) -> None:
        """It took too long."""
        self.transport.abortConnection()

    def connectionLost(self, reason: Failure) -> None:
        """The client has gone."""
        self._sweep.discard(self)
        self._over()
