"""The proxy's admin endpoint: what it answers.

Rule of this file: a tree of resources over an :class:`Instance`; who may ask is ``admin_site``'s.

    GET /metrics          Prometheus
    GET /health           200: the process answers
    GET /ready            200 when a request would get through, else 503 and why
    GET /api/now          what runs, what failed last, totals
    DELETE /api/exchanges/ID    close one
"""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, Any

from twisted.web.resource import Resource

from webproxy.observe.admin_port import AdminPort
from webproxy.observe.admin_site import EndpointSite, Json, Ready, Said
from webproxy.observe.exposition import Exposition
from webproxy.observe.scrape import CONTENT_TYPE
from webproxy.settings.admin import usual

if TYPE_CHECKING:
    import socket

    from twisted.web.server import Request

    from webproxy.observe.instance import Instance
    from webproxy.settings.model import Settings


class AdminSite(EndpointSite):
    """The endpoint's factory.

    :param instance: what is looked at.
    :param token: wanted as ``Authorization: Bearer``; empty where the socket's file decides who may come.
    """

    def __init__(self, instance: Instance, token: bytes = b"", *, reactor: Any = None) -> None:
        super().__init__(_tree(instance), token, reactor=reactor)


def admin_port(instance: Instance, reactor: Any, settings: Settings, inherited: socket.socket | None) -> AdminPort:
    """Open the endpoint of an instance, if it is wanted.

    :param inherited: its socket, where the process before us had a TCP port for it.
    :raises StartError: it was asked for, and cannot be opened.
    """
    port = AdminPort(reactor, settings, usual(settings.port, os.environ), inherited)
    port.open(partial(AdminSite, instance, reactor=reactor))
    return port


def _tree(instance: Instance) -> Resource:
    root, api = Resource(), Resource()
    root.putChild(b"metrics", Said(Exposition(instance).text, CONTENT_TYPE))
    root.putChild(b"health", Said(lambda: b"ok\n"))
    root.putChild(b"ready", Ready(instance.ready))
    root.putChild(b"api", api)
    api.putChild(b"now", Json(instance.now))
    api.putChild(b"exchanges", _Exchanges(instance))
    return root


class _Exchanges(Resource):
    """What runs, one by one."""

    def __init__(self, instance: Instance) -> None:
        super().__init__()
        self._instance = instance

    def getChild(self, path: bytes, request: Request) -> Resource:
        """Find one; it need not run any more."""
        return _Exchange(self._instance, path.decode("latin-1"))


class _Exchange(Resource):
    """One exchange."""

    isLeaf = True

    def __init__(self, instance: Instance, identity: str) -> None:
        super().__init__()
        self._instance = instance
        self._identity = identity

    def render_DELETE(self, request: Request) -> bytes:
        """Close it."""
        if self._instance.close(self._identity):
            request.setResponseCode(204)
            return b""
        request.setResponseCode(404)
        return b"it is over already\n"
