"""The internal service's own credential, which the operator knows and no client needs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from webproxy.access.stripping import AUTHORIZATION, without
from webproxy.resources.chain import StreamingResource

if TYPE_CHECKING:
    from webproxy.access.secret import Secret
    from webproxy.downstream.request import Request


class UpstreamLogin(StreamingResource):
    """Gives every request the service's credential, in place of what its client wrote there.

    :param value: of the Authorization field.
    :param inner: the resource that gets all requests.
    """

    def __init__(self, value: Secret, inner: StreamingResource) -> None:
        self._added = ((b"Authorization", bytes(value)),)
        self.inner = inner

    def render(self, request: Request) -> int:
        """Pass a request on."""
        if b"authorization" in request.head.fields.combined:
            request.head = without(request.head, AUTHORIZATION)
        request.added += self._added
        return self.inner.render(request)
