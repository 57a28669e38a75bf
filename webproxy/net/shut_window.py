"""Patience with a peer that is there but takes nothing: a video that is paused, a wget that is suspended.

``TCP_USER_TIMEOUT`` (RFC 5482) finds a peer that vanished with bytes under way. But the kernel also ends by it a
connection whose peer keeps its window shut for so long, although it answers every probe (Linux's ``tcp_probe_timer``;
RFC 9293 §3.8.6.1 would let it live): the idle limit of the class, half an hour for a file, never got its turn.
So whoever keeps its window shut and answers has no user timeout until it reads on, or until it stops answering.
"""

from __future__ import annotations

import socket
import struct
from typing import TYPE_CHECKING, NamedTuple

from webproxy.net.progress import queued
from webproxy.net.sockopt import USER_TIMEOUT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from twisted.internet.interfaces import IDelayedCall, IReactorTime

    from webproxy.net.stream import StreamTransport

ROUND = 30.0
"""Seconds in which every leg is looked at once: often enough within the 90 of the user timeout."""

STEPS = 30
"""In so many parts, so that thousands of legs hold nobody up (2 us each)."""

UNANSWERED = 2
"""Probes without an answer from which on a peer counts as gone: one may just be under way."""

#: struct tcp_info of linux/tcp.h: state, ca_state, retransmits, probes, backoff, three of no interest; rto, ato,
#: snd_mss, rcv_mss, unacked.
INFO = struct.Struct("=2x3B3x16xI")


class Standing(NamedTuple):
    """How a connection with something to send gets on; the kernel's own counters."""

    retransmits: int
    probes: int
    backoff: int
    unacked: int


def shut_by_a_live_peer(standing: Standing) -> bool:
    """Decide whether the peer's window is shut, and the peer is there.

    Probes are sent ever more rarely (backoff) as long as the window is shut, and an answer sets their count to zero;
    segments that nobody acknowledges are another thing: then the peer, or the way to it, is gone.
    """
    return not standing.unacked and not standing.retransmits and standing.backoff > 0 and standing.probes < UNANSWERED


class ShutWindows:
    """Looks at all legs, round and round. States: running, stopped.

    :param legs: the transports that may have something to send.
    :param every: seconds for one round.
    :param usual: the user timeout of everybody else, in milliseconds.
    """

    def __init__(
        self,
        clock: IReactorTime,
        legs: Callable[[], Iterable[StreamTransport]],
        every: float = ROUND,
        usual: int = USER_TIMEOUT,
    ) -> None:
        self._clock = clock
        self._legs = legs
        self._step = every / STEPS
        self._usual = usual
        self._ahead: list[StreamTransport] = []
        self._part = 1
        self._spared: set[StreamTransport] = set()
        self._next: IDelayedCall | None = None
        if hasattr(socket, "TCP_USER_TIMEOUT") and hasattr(socket, "TCP_INFO"):
            self._next = clock.callLater(self._step, self._look)

    def __repr__(self) -> str:
        return f"<ShutWindows {'stopped' if self._next is None else 'running'} sparing={len(self._spared)}>"

    def stop(self) -> None:
        """Look no more."""
        if self._next is not None:
            self._next.cancel()
            self._next = None

    def _look(self) -> None:
        self._next = self._clock.callLater(self._step, self._look)
        if not self._ahead:
            self._ahead = list(self._legs())
            self._part = -(-len(self._ahead) // STEPS)
            self._spared.intersection_update(self._ahead)
        part, self._ahead = self._ahead[: self._part], self._ahead[self._part :]
        for leg in part:
            number = leg.fileno()
            if number >= 0:
                self._judge(leg, number)

    def _judge(self, leg: StreamTransport, number: int) -> None:
        spared = leg in self._spared
        try:
            if not queued(number) and not spared:
                return
            spare = shut_by_a_live_peer(standing_of(number))
            if spare is not spared:
                set_user_timeout(number, 0 if spare else self._usual)
        except OSError:  # not TCP
            return
        if spare:
            self._spared.add(leg)
        else:
            self._spared.discard(leg)


def standing_of(number: int) -> Standing:
    """Ask the kernel (TCP_INFO, tcp(7)).

    :raises OSError: this is not TCP.
    """
    sock = socket.socket(fileno=number)
    try:
        return Standing(*INFO.unpack(sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, INFO.size)))
    finally:
        sock.detach()  # it is the transport's to close


def set_user_timeout(number: int, milliseconds: int) -> None:
    """Let bytes be unacknowledged for so long; 0 for as long as the kernel repeats them."""
    sock = socket.socket(fileno=number)
    try:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)
    finally:
        sock.detach()
