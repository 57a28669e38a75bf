"""A question of our own to the internal service: what it answers to a visitor who calls it by this name.

Only status and Location are of interest; the connection is given up as soon as they are here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from twisted.internet.defer import Deferred

from webproxy.message.origin import normalised

if TYPE_CHECKING:
    from webproxy.errors import UpstreamError
    from webproxy.message.head import ResponseHead
    from webproxy.upstream.connection import Connection

UNKNOWN_METHOD = frozenset((405, 501))
"""How a service says that it does not answer HEAD (RFC 9110 §15.5.6, §15.6.2); Tornado does wherever nobody cared."""

REDIRECTIONS = frozenset((301, 302, 303, 307, 308))
"""Answers that send the visitor to another place (RFC 9110 §15.4)."""


class Reply(NamedTuple):
    """What came back.

    :ivar status: 0 when there was no answer in HTTP.
    :ivar location: where it sends the visitor; empty for nowhere.
    """

    status: int
    location: bytes = b""


class Question(NamedTuple):
    """A request without a body and without a name."""

    method: bytes = b"HEAD"
    target: bytes = b"/"

    def written(self, host: bytes) -> bytes:
        """Give the request as it goes on the wire."""
        return b"%b %b HTTP/1.1\r\nHost: %b\r\nUser-Agent: webproxy\r\nAccept: */*\r\nConnection: close\r\n\r\n" % (
            self.method,
            self.target,
            host,
        )

    def after(self, reply: Reply, hosts: tuple[bytes, ...]) -> Question | None:
        """Give the question that a visitor's browser would ask next; ``None`` when it has arrived.

        :param hosts: the names of the service; a redirection to elsewhere is not followed.
        """
        if reply.status in UNKNOWN_METHOD and self.method == b"HEAD":
            return self._replace(method=b"GET")
        if reply.status not in REDIRECTIONS:
            return None
        target = _path(reply.location, hosts)
        return self._replace(target=target) if target not in (b"", self.target) else None


def _path(location: bytes, hosts: tuple[bytes, ...]) -> bytes:
    """Give the target that a Location means, if that is a place of the same service; else nothing."""
    place, _, _ = location.partition(b"#")
    if normalised(place) in {scheme + host for scheme in (b"http://", b"https://") for host in hosts}:
        place = b"/" + place.partition(b"://")[2].partition(b"/")[2]
    return place if place[:1] == b"/" != place[1:2] else b""


class Probe:
    """Asks one question; an :class:`~webproxy.upstream.asker.Asker`.

    :ivar reply: fires with what came back.
    """

    def __init__(self, connection: Connection, question: Question, host: bytes) -> None:
        self.reply: Deferred[Reply] = Deferred(lambda _: connection.abort())
        self._connection = connection
        connection.ask(self, question.method, question.written(host))

    def interim(self, head: ResponseHead, block: bytes) -> None:
        """Not the answer yet."""

    def upgraded(self, head: ResponseHead, block: bytes, early: bytes) -> None:
        """Not an answer to this question."""
        self._end(Reply(0))

    def answered(self, head: ResponseHead, data: bytes, complete: bool) -> None:
        """That is it."""
        self._end(Reply(head.status, head.fields.get(b"location") or b""))

    def data_received(self, data: bytes, complete: bool) -> None:
        """Nobody reads on."""

    def upstream_stalled(self) -> None:
        """There is nothing more to send."""

    def upstream_ready(self) -> None:
        """There is nothing more to send."""

    def failed(self, error: UpstreamError) -> None:
        """No answer."""
        self._end(Reply(0))

    def _end(self, reply: Reply) -> None:
        self._connection.abort()
        if not self.reply.called:
            self.reply.callback(reply)
