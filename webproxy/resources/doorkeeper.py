"""Keeps out requests of clients whose address may not come.

Connections of such clients are turned away as they come in; this file is for those that a trusted proxy speaks for,
each request naming another client, and for connections that stood when the settings changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.web.server import NOT_DONE_YET

from webproxy.downstream.doors import refusal
from webproxy.resources.chain import StreamingResource

if TYPE_CHECKING:
    from webproxy.downstream.doors import Doors
    from webproxy.downstream.request import Request


class Doorkeeper(StreamingResource):
    """Asks for the address, and for nothing else.

    :param doors: who may come.
    :param inner: the resource that gets their requests.
    """

    def __init__(self, doors: Doors, inner: StreamingResource) -> None:
        self._doors = doors
        self.inner = inner

    def render(self, request: Request) -> int:
        """Pass a request on, or refuse it."""
        if request.record.client in self._doors:
            return self.inner.render(request)
        error = refusal()
        request.record.closed_by = "access"
        request.record.note = error.detail
        if not request.arrival.trusted:
            request.close_after()
        request.answer(error.status, f"webproxy: {error.detail}.")
        return NOT_DONE_YET
