"""Large bodies that leave Python: when, and what both sides of the exchange are told of them meanwhile.

The relay moves bytes and knows no HTTP; connection, request and exchange count them here, keep the deadlines, and end
as they would have if every byte had come by.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from webproxy.message.framing import UNTIL_CLOSE
from webproxy.net.relay import UNTIL_END

if TYPE_CHECKING:
    from webproxy.downstream.request import Request
    from webproxy.net.relay import Relay
    from webproxy.net.relays import Relays
    from webproxy.resources.asking import Asking
    from webproxy.resources.forwarding import Forwarding
    from webproxy.upstream.connection import Connection

THRESHOLD = 2 << 20
"""Bytes from which on a relay is worth its trouble. CPU per body, relayed or not: 402 and 337 us for 1 MiB, 839 and 838
for 2, 1,494 and 1,629 for 4, 4,672 and 5,281 for 16; the machine was busy, so only the pairs say something."""


def worthwhile(left: int, passed: int) -> bool:
    """Decide whether the rest of a body is to be relayed.

    :param left: bytes still to come, or one of ``framing``'s kinds of an unknown length. What is chunked never is:
        chunks are checked.
    :param passed: bytes that have passed already; they tell a long body until close from a short one.
    """
    return left >= THRESHOLD or (left == UNTIL_CLOSE and passed >= THRESHOLD)


class Bypass:
    """Who is told of one exchange's relays.

    :ivar answer: the answer's relay while it runs.
    :ivar body: that of the request's body.
    """

    __slots__ = ("answer", "body")

    def __init__(self) -> None:
        self.answer: Relay | None = None
        self.body: Relay | None = None

    def __repr__(self) -> str:
        return f"<Bypass answer={self.answer} body={self.body}>"

    def take_answer(self, relays: Relays, forwarding: Forwarding, request: Request, connection: Connection) -> None:
        """Relay the rest of the answer, if these two connections can be joined."""
        owner = AnswerFlow(forwarding, request, connection)
        length = UNTIL_END if connection.body_left == UNTIL_CLOSE else connection.body_left
        self.answer = relays.join(connection.transport, request.channel.transport, owner, length)

    def take_body(self, relays: Relays, asking: Asking, request: Request, connection: Connection) -> None:
        """Relay the rest of the request's body, if these two connections can be joined."""
        owner, channel = BodyFlow(asking, request, connection), request.channel
        self.body = relays.join(channel.transport, connection.transport, owner, channel.body_left, watching=True)
        if self.body is not None:
            channel.bypassed()

    def end(self) -> None:
        """Let Python have both directions again; what is on its way is of no use any more."""
        for relay in (self.answer, self.body):
            if relay is not None:
                relay.abandon()
        self.answer = self.body = None


class AnswerFlow:
    """An answer goes past us."""

    def __init__(self, forwarding: Forwarding, request: Request, connection: Connection) -> None:
        self._forwarding = forwarding
        self._request = request
        self._connection = connection

    def moved(self, taken: int, given: int) -> None:
        """Count, and let the idle limit start anew."""
        self._connection.body_passed(taken)
        self._request.passed(given)

    def sink_stalled(self) -> None:
        """The client does not keep up."""
        self._request.enter("stall")

    def sink_ready(self) -> None:
        """It has caught up."""
        self._request.enter("idle")

    def over(self) -> None:
        """The answer is complete; or the service closed, and its connection is about to find out."""
        self._forwarding.answer_relayed(complete=self._connection.answer_passed())

    def source_failed(self, error: OSError) -> None:
        """The service's connection broke."""
        self._connection.transport.abortConnection()

    def sink_failed(self, error: OSError) -> None:
        """The client's did."""
        self._request.channel.client_lost()


class BodyFlow:
    """A request's body goes past us."""

    def __init__(self, asking: Asking, request: Request, connection: Connection) -> None:
        self._asking = asking
        self._request = request
        self._connection = connection

    def moved(self, taken: int, given: int) -> None:
        """Count, and let the idle limit start anew; an upload that is too slow ends here."""
        self._connection.sent += given
        self._request.channel.body_passed(taken)

    def sink_stalled(self) -> None:
        """The service does not keep up."""
        self._request.channel.body_waits()

    def sink_ready(self) -> None:
        """It has caught up."""
        self._request.channel.body_goes_on()

    def over(self) -> None:
        """The body is complete; or the client closed, and its connection is about to find out."""
        self._asking.body_relayed(complete=self._request.channel.body_left == 0)

    def source_failed(self, error: OSError) -> None:
        """The client's connection broke."""
        self._request.channel.client_lost()

    def sink_failed(self, error: OSError) -> None:
        """The service's did; it may have said why."""
        self._connection.broken()
