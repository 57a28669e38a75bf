"""An admin endpoint over a real socket, asked by curl's like: urllib."""

from __future__ import annotations

import urllib.error
import urllib.request
from typing import Any

from twisted.internet.threads import deferToThread

from tests.observe.watched import Watched, watched
from webproxy.observe.admin import AdminSite

TOKEN = b"0123456789abcdef"


class Endpoint:
    """An admin endpoint that listens, and what it looks at."""

    def __init__(self, reactor: Any, token: bytes = b"") -> None:
        self.seen: Watched = watched()
        self.port = reactor.listenTCP(0, AdminSite(self.seen.instance, token, reactor=reactor), interface="127.0.0.1")

    async def asks(self, path: str, method: str = "GET", **fields: str) -> tuple[int, bytes, str]:
        """Ask; status, body and type of the answer."""
        url = f"http://127.0.0.1:{self.port.getHost().port}{path}"
        request = urllib.request.Request(url, method=method, headers=fields)

        def ask() -> tuple[int, bytes, str]:
            try:
                with urllib.request.urlopen(request, timeout=20) as answer:
                    return answer.status, answer.read(), answer.headers["Content-Type"] or ""
            except urllib.error.HTTPError as error:
                with error:
                    return error.code, error.read(), error.headers["Content-Type"] or ""

        return await deferToThread(ask)
