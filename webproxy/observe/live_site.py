"""The live page: what flows through one webproxy at this moment.

Rule of this file: what may be seen and done there; who may come is ``page_site``'s.
"""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, Any

from twisted.web.resource import Resource

from webproxy.observe.page_site import PageSite, answered

if TYPE_CHECKING:
    from twisted.web.server import Request

    from webproxy.observe.admin_client import AdminClient


class LiveSite(PageSite):
    """The page's factory.

    :param client: asks the proxy.
    """

    def __init__(self, client: AdminClient, reactor: Any) -> None:
        super().__init__(
            client,
            reactor,
            folder=resources.files("webproxy.observe").joinpath("page"),
            command="webproxy live",
            more={b"exchanges": _Exchanges(client)},
        )


class _Exchanges(Resource):
    """What runs, one by one."""

    def __init__(self, client: AdminClient) -> None:
        super().__init__()
        self._client = client

    def getChild(self, path: bytes, request: Request) -> Resource:
        """Find one."""
        return _Exchange(self._client, path.decode("latin-1"))


class _Exchange(Resource):
    """One exchange, to be closed."""

    isLeaf = True

    def __init__(self, client: AdminClient, identity: str) -> None:
        super().__init__()
        self._client = client
        self._identity = identity

    def render_DELETE(self, request: Request) -> int | bytes:
        """Close it."""
        if not self._identity.isalnum():
            request.setResponseCode(404)
            return b""
        return answered(request, lambda: 204 if self._client.close(self._identity) else 404)
