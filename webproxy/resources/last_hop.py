"""Requests that may not go any further: we are their final recipient (RFC 9110 §7.6.2).

OPTIONS is answered with what we forward. TRACE is refused: its answer would reflect what the hops before us added
(addresses, what a policy put in), nobody debugs GPU services with it, and §9.3.8 leaves out so much of a request that
little of use would remain. Whoever wants to see what arrives sends it to the service itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from webproxy.message.fields import Fields
from webproxy.message.head import ResponseHead
from webproxy.message.rewrite import downstream_response

if TYPE_CHECKING:
    from webproxy.downstream.request import Request

ALLOWED = b"GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
"""Methods that go on to the internal service; which of them a resource of its own allows, only it can tell."""


def answer_last_hop(request: Request) -> None:
    """Answer an OPTIONS or TRACE whose Max-Forwards is 0."""
    if request.head.method == b"OPTIONS":
        _answer_options(request)
    else:
        request.answer(405, "webproxy: TRACE ends here, and requests are not reflected.", [(b"Allow", ALLOWED)])


def _answer_options(request: Request) -> None:
    """200 without a body, which must say so (§9.3.7)."""
    pairs = [(b"Allow", ALLOWED), (b"Content-Length", b"0"), (b"X-Request-Id", request.record.id)]
    head = ResponseHead(200, b"OK", 1, Fields(pairs), 0, True)
    request.begin(200, downstream_response(head, request.head.minor, request.closing, request.channel.site.date()))
    request.finish()
