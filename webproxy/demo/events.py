"""``GET /events``: numbered server-sent events at a fixed pace, for ``curl -N`` and ``EventSource``.

Source: the HTML standard, server-sent events. A client that comes back with ``Last-Event-ID`` gets the rest; one that
comes back after the last event gets 204, which tells it to stay away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.web.http import NO_CONTENT
from twisted.web.server import NOT_DONE_YET

from webproxy.demo.answer import Leaf, as_json, query_number
from webproxy.demo.chat import COUNTS, DEFAULT_INTERVAL, INTERVALS, set_stream_fields
from webproxy.demo.flow import Flow, Last

if TYPE_CHECKING:
    from collections.abc import Iterator

    from twisted.internet.interfaces import IReactorTime
    from twisted.web.server import Request

    from webproxy.demo.tally import Tallies

DEFAULT_COUNT = 20


class Events(Leaf):
    """Query: ``count``, and ``interval`` in seconds."""

    def __init__(self, clock: IReactorTime, tallies: Tallies) -> None:
        super().__init__()
        self._clock = clock
        self._tallies = tallies

    def render_GET(self, request: Request) -> bytes | int:
        """The events after the last one that the client has."""
        count = int(query_number(request, "count", DEFAULT_COUNT, COUNTS))
        interval = query_number(request, "interval", DEFAULT_INTERVAL, INTERVALS)
        last = (request.getHeader(b"last-event-id") or b"").strip()
        first = int(last) + 1 if last.isdigit() else 1
        if first > count:
            request.setResponseCode(NO_CONTENT)
            return b""
        set_stream_fields(request, b"text/event-stream")
        pieces = self._pieces(range(first, count + 1))
        Flow(self._clock, request, pieces, interval, self._tallies.streams).start()
        return NOT_DONE_YET

    def _pieces(self, numbers: range) -> Iterator[bytes]:
        began = self._clock.seconds()
        for number in numbers:
            self._tallies.pieces += 1
            sent = round(self._clock.seconds() - began, 6)
            event = b"id: %d\ndata: %s\n\n" % (number, as_json({"number": number, "of": numbers[-1], "sent": sent}))
            yield Last(event) if number == numbers[-1] else event
