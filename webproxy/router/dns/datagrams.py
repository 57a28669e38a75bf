"""UDP: messages in, answers out.

Rule of this file: I/O only. An answer leaves from the address that was asked, which matters to whoever waits for it
where a machine has several (IP_PKTINFO of ip(7), RFC 3542 §4). What the system does not send at once is dropped, as
the network may: whoever asked asks again.
"""

from __future__ import annotations

import socket
import struct
from typing import TYPE_CHECKING, Any

from twisted.internet.interfaces import IReadDescriptor
from twisted.logger import Logger
from zope.interface import implementer

from webproxy.net.address import plain

if TYPE_CHECKING:
    from twisted.python.failure import Failure

    from webproxy.router.dns.responder import Responder

log = Logger()

TURN = 32
"""Messages that are answered before anybody else has a turn."""
LONGEST = 4096
"""Bytes of a message that is read; no question has so many."""
PAUSE = 60.0
"""Seconds between two messages about failures: strangers could fill the log."""
SHOWN = 128
"""Bytes of a message that the log shows."""
IP_PKTINFO: int = getattr(socket, "IP_PKTINFO", 8)
"""Python knows its name from 3.14 on."""

_V4 = struct.Struct("=i4s4s")
"""in_pktinfo: the interface, the address of ours, and the one that was asked."""
_V6 = struct.Struct("=16si")
_ROOM = socket.CMSG_SPACE(max(_V4.size, _V6.size))

Control = list[tuple[int, int, bytes]]


def bound(family: int, address: Any) -> socket.socket:
    """Bind a socket.

    :raises OSError: the port cannot be had.
    """
    sock = socket.socket(family, socket.SOCK_DGRAM)
    try:
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
        else:
            sock.setsockopt(socket.IPPROTO_IP, IP_PKTINFO, 1)
        sock.setblocking(False)
        sock.bind(address)
    except OSError:
        sock.close()
        raise
    return sock


def asked(control: Control) -> Control:
    """Give what makes an answer leave from the address that was asked; the way there is the system's to choose."""
    for level, kind, data in control:
        if (level, kind) == (socket.IPPROTO_IP, IP_PKTINFO):
            return [(level, kind, _V4.pack(0, _V4.unpack(data)[1], b"\0\0\0\0"))]
        if (level, kind) == (socket.IPPROTO_IPV6, socket.IPV6_PKTINFO):
            return [(level, kind, _V6.pack(_V6.unpack(data)[0], 0))]
    return []


@implementer(IReadDescriptor)
class Datagrams:
    """A socket whose messages are answered. States: open, closed.

    :param sock: of :func:`bound`; it belongs to this from here on.
    """

    def __init__(self, reactor: Any, sock: socket.socket, responder: Responder) -> None:
        self._reactor = reactor
        self._sock = sock
        self._responder = responder
        self._silent_until = 0.0
        reactor.addReader(self)

    def __repr__(self) -> str:
        return f"<Datagrams {'closed' if self._sock.fileno() < 0 else 'open'}>"

    def fileno(self) -> int:
        """The descriptor's number."""
        return self._sock.fileno()

    def doRead(self) -> None:
        """Answer those who wait, some of them at a time."""
        for _ in range(TURN):
            try:
                message, control, _, source = self._sock.recvmsg(LONGEST, _ROOM)
            except OSError:  # nobody waits any more, or an error of the network's own: what comes next tells
                return
            answer = self._answer(message, plain(source[0]))
            if answer is None:
                continue
            try:
                self._sock.sendmsg([answer], asked(control), 0, source)
            except OSError:
                self._responder.counts["unsent"] += 1

    def _answer(self, message: bytes, source: str) -> bytes | None:
        """Answer; a mistake of ours costs this one answer: the reactor would serve the socket no more."""
        try:
            return self._responder.datagram(message, source)
        except Exception:  # noqa: BLE001 - whatever it is
            now = self._reactor.seconds()
            if now >= self._silent_until:
                self._silent_until = now + PAUSE
                log.failure("answering {message!r} failed", message=message[:SHOWN], kind="dns-failed")
            return None

    def close(self) -> None:
        """Answer no more."""
        if self._sock.fileno() >= 0:
            self._reactor.removeReader(self)
            self._sock.close()

    def connectionLost(self, reason: Failure) -> None:
        """Do nothing: there is no connection."""

    def logPrefix(self) -> str:
        """Return what log lines about this begin with."""
        return "dns"
