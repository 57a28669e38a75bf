"""Preflights of pages of other origins (Fetch §4.8), which carry no credentials and must not be asked for any.

One setting for the whole proxy: those of listed origins are answered here; or all go on to the internal service, which
then must have an opinion of its own. What is not a real preflight is never looked at twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.web.server import NOT_DONE_YET

from webproxy.access.cors import is_listed, is_preflight, preflight_answer
from webproxy.access.stripping import PRIVATE, without
from webproxy.message.answer import phrase
from webproxy.message.fields import Fields
from webproxy.message.head import ResponseHead
from webproxy.message.rewrite import downstream_response
from webproxy.resources.chain import StreamingResource

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from webproxy.downstream.request import Request

NO_CONTENT = 204


class AnsweredPreflights(StreamingResource):
    """Answers preflights of listed origins.

    :param origins: those whose pages may talk to us.
    :param inner: the resource that gets everything else.
    """

    def __init__(self, origins: AbstractSet[bytes], inner: StreamingResource) -> None:
        self._origins = origins
        self.inner = inner

    def render(self, request: Request) -> int:
        """Answer a preflight, or pass a request on."""
        head = request.head
        if head.method != b"OPTIONS" or not is_preflight(head):
            return self.inner.render(request)
        if not is_listed(head.fields.combined.get(b"origin"), self._origins):
            return self.inner.render(request)
        pairs = [*preflight_answer(head), (b"X-Request-Id", request.record.id)]
        response = ResponseHead(NO_CONTENT, phrase(NO_CONTENT).encode(), 1, Fields(pairs), 0, True)
        date = request.channel.site.date()
        request.record.note = "preflight"
        request.begin(NO_CONTENT, downstream_response(response, head.minor, request.closing, date))
        request.finish()
        return NOT_DONE_YET


class PassedPreflights(StreamingResource):
    """Lets preflights by, without whatever credentials they may carry.

    :param beyond: the resource that gets them, behind whoever asks for credentials.
    :param inner: the resource that gets everything else.
    """

    def __init__(self, beyond: StreamingResource, inner: StreamingResource) -> None:
        self._beyond = beyond
        self.inner = inner

    def render(self, request: Request) -> int:
        """Pass a request on, one way or the other."""
        head = request.head
        if head.method != b"OPTIONS" or not is_preflight(head):
            return self.inner.render(request)
        request.record.head = request.head = without(head, PRIVATE)
        return self._beyond.render(request)
