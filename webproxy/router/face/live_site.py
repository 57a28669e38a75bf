"""The operator's page: every name of the router, and its padlock.

Rule of this file: what may be seen and done there; who may come is ``observe/page_site``'s.
"""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, Any

from twisted.web.resource import Resource

from webproxy.observe.page_site import PageSite, answered

if TYPE_CHECKING:
    from twisted.web.server import Request

    from webproxy.observe.admin_client import AdminClient

LARGEST = 1024
"""Bytes of a request."""


class RouterLiveSite(PageSite):
    """The page's factory.

    :param client: asks the router.
    """

    def __init__(self, client: AdminClient, reactor: Any) -> None:
        super().__init__(
            client,
            reactor,
            folder=resources.files("webproxy.router.face").joinpath("page"),
            command="webproxy-router live",
            more={b"renew": _Renew(client)},
        )


class _Renew(Resource):
    """Gets a certificate anew."""

    isLeaf = True

    def __init__(self, client: AdminClient) -> None:
        super().__init__()
        self._client = client

    def render_POST(self, request: Request) -> int:
        """Ask for it; the body is that of the admin endpoint."""
        body = request.content.read(LARGEST)  # type: ignore[union-attr] # there is a body by now
        return answered(request, lambda: self._client.ask("POST", "/api/renew", body)[0])
