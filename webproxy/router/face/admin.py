"""The router's admin endpoint: what it answers.

Rule of this file: a tree of resources over a :class:`Picture`; who may ask is ``observe/admin_site``'s.

    GET /metrics          Prometheus
    GET /health           200: the process answers
    GET /ready            200 when a client would get a padlock, else 503 and why
    GET /api/now          certificates, names, totals
    GET /api/names        all names
    POST /api/renew       get certificates anew: {"name": "..."}, or {} for all; 202, or 404 for a name without one
"""

from __future__ import annotations

import json
import os
from functools import partial
from typing import TYPE_CHECKING, Any

from twisted.web.resource import Resource

from webproxy.net.destination import Unix
from webproxy.observe.admin_port import AdminPort
from webproxy.observe.admin_site import EndpointSite, Json, Ready, Said
from webproxy.observe.scrape import CONTENT_TYPE
from webproxy.router.face.exposition import RouterExposition
from webproxy.settings.destinations import LONGEST_PATH

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from twisted.web.server import Request

    from webproxy.router.face.picture import Picture
    from webproxy.router.settings import RouterSettings

LARGEST = 1024
"""Bytes of a request for renewal."""


def usual(state: Path, environ: Mapping[str, str] = os.environ) -> Unix | None:
    """Give the place that ``--admin auto`` means: in the runtime folder that systemd made, or beside the state.

    :returns: None where its path is too long for a socket.
    """
    folder = environ.get("RUNTIME_DIRECTORY", "").partition(":")[0] or str(state)
    path = f"{folder}/admin.sock"
    return Unix(path) if len(path.encode()) <= LONGEST_PATH else None


def admin_port(picture: Picture, reactor: Any, settings: RouterSettings) -> AdminPort:
    """Open the endpoint, if it is wanted.

    :raises StartError: it was asked for, and cannot be opened.
    """
    port = AdminPort(reactor, settings, usual(settings.state))
    port.open(partial(EndpointSite, tree(picture), reactor=reactor))
    return port


def tree(picture: Picture) -> Resource:
    """Make what answers."""
    root, api = Resource(), Resource()
    root.putChild(b"metrics", Said(RouterExposition(picture).text, CONTENT_TYPE))
    root.putChild(b"health", Said(lambda: b"ok\n"))
    root.putChild(b"ready", Ready(picture.ready))
    root.putChild(b"api", api)
    api.putChild(b"now", Json(picture.now))
    api.putChild(b"names", Json(picture.names))
    api.putChild(b"renew", _Renew(picture))
    return root


class _Renew(Resource):
    """Gets certificates anew."""

    isLeaf = True

    def __init__(self, picture: Picture) -> None:
        super().__init__()
        self._picture = picture

    def render_POST(self, request: Request) -> bytes:
        """Begin."""
        request.setHeader(b"content-type", b"text/plain; charset=utf-8")
        body = request.content.read(LARGEST + 1)  # type: ignore[union-attr] # there is a body by now
        try:
            said = json.loads(body or b"{}") if len(body) <= LARGEST else None
        except ValueError:
            said = None
        name = said.get("name", "") if isinstance(said, dict) and said.keys() <= {"name"} else None
        if not isinstance(name, str):
            request.setResponseCode(400)
            return b'the body is {"name": "..."}, or {} for all\n'
        try:
            self._picture.parts.renew(name)
        except LookupError as error:
            request.setResponseCode(404)
            return f"{error.args[0]}\n".encode()
        request.setResponseCode(202)
        return b"it is being got\n"
