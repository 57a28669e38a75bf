"""A live page on a free port, over a client that has its own idea of what runs."""

from __future__ import annotations

import http.client
from typing import Any

from twisted.internet.threads import deferToThread

from webproxy.errors import StartError
from webproxy.observe.live_site import LiveSite

PICTURE = {"port": 12345, "exchanges": []}


class Client:
    """An admin client that has its own idea of what runs."""

    def __init__(self) -> None:
        self.asked = 0
        self.away = False
        self.closed: list[str] = []

    def now(self) -> dict[str, Any]:
        self.asked += 1
        if self.away:
            raise StartError("the admin endpoint does not answer")
        return PICTURE

    def close(self, identity: str) -> bool:
        if self.away:
            raise StartError("the admin endpoint does not answer")
        self.closed.append(identity)
        return identity == "runs"


class Served:
    """The page on a free port."""

    def __init__(self, reactor: Any) -> None:
        self.client = Client()
        self.site = LiveSite(self.client, reactor)  # type: ignore[arg-type]
        self.listening = reactor.listenTCP(0, self.site, interface="127.0.0.1")
        self.port: int = self.listening.getHost().port

    def ask(self, path: str, method: str = "GET", **fields: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request(method, path, headers={**fields, "Connection": "close"})
        return connection.getresponse()

    async def asks(self, path: str, method: str = "GET", **fields: str) -> tuple[int, bytes, str]:
        """Ask; status, body, cookie."""

        def whole() -> tuple[int, bytes, str]:
            with self.ask(path, method, **fields) as answer:
                return answer.status, answer.read(), answer.headers.get("Set-Cookie", "")

        return await deferToThread(whole)

    async def cookie(self) -> str:
        """Come in."""
        status, _, cookie = await self.asks(f"/?token={self.site.token}")
        assert (status, "HttpOnly" in cookie, "SameSite=strict" in cookie) == (303, True, True)
        return cookie.partition(";")[0]
