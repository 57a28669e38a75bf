"""The router's admin endpoint over a Unix socket."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted
from twisted.internet.defer import maybeDeferred
from twisted.internet.threads import deferToThread

from tests.router.face.pictured import Router
from webproxy.net.destination import Unix
from webproxy.net.unix_socket import UnixSocket
from webproxy.observe.admin_client import AdminClient
from webproxy.observe.admin_site import EndpointSite
from webproxy.router.face.admin import tree, usual

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Endpoint:
    """An endpoint that listens, and the router that it tells of."""

    def __init__(self, reactor: Any, folder: Path) -> None:
        self.router = Router()
        place = str(folder / "a.sock")
        self.served = UnixSocket(reactor, place, EndpointSite(tree(self.router.now()), reactor=reactor))
        self.client = AdminClient(Unix(place))

    async def asks(self, path: str, method: str = "GET", body: bytes | None = None) -> tuple[int, bytes]:
        answer: tuple[int, bytes] = await deferToThread(self.client.ask, method, path, body)
        return answer


@pytest_twisted.async_yield_fixture
async def endpoint(reactor: Any, tmp_path: Path) -> AsyncIterator[Endpoint]:
    one = Endpoint(reactor, tmp_path)
    yield one
    await maybeDeferred(one.served.stop)


@pytest_twisted.ensureDeferred
async def test_what_it_answers(endpoint: Endpoint) -> None:
    assert await endpoint.asks("/health") == (200, b"ok\n")
    assert await endpoint.asks("/ready") == (200, b"ready\n")
    status, text = await endpoint.asks("/metrics")
    assert (status, b"webproxy_router_names" in text) == (200, True)
    assert json.loads((await endpoint.asks("/api/now"))[1])["domain"] == "secure.example.com"
    assert [row["name"] for row in json.loads((await endpoint.asks("/api/names"))[1])] == ["app-fox-chi"]
    assert (await endpoint.asks("/nothing"))[0] == 404


@pytest.mark.parametrize(
    ("body", "status", "renewed"),
    [
        (b"", 202, [""]),
        (b"{}", 202, [""]),
        (b'{"name": "*.secure.example.com"}', 202, ["*.secure.example.com"]),
        (b'{"name": "x.example.org"}', 404, []),
        (b'{"name": 5}', 400, []),
        (b'{"names": ""}', 400, []),
        (b"[]", 400, []),
        (b"nonsense", 400, []),
        (b" " * 2000, 400, []),
    ],
)
@pytest_twisted.ensureDeferred
async def test_renewing(endpoint: Endpoint, body: bytes, status: int, renewed: list[str]) -> None:
    answered, text = await endpoint.asks("/api/renew", "POST", body)
    assert (answered, endpoint.router.renewed) == (status, renewed)
    if status == 404:
        assert text == b"there is no certificate of x.example.org\n"
    assert (await endpoint.asks("/api/renew"))[0] == 405


def test_the_usual_place(tmp_path: Path) -> None:
    assert usual(tmp_path, {"RUNTIME_DIRECTORY": "/run/webproxy-router"}) == Unix("/run/webproxy-router/admin.sock")
    assert usual(Path("/srv/state"), {}) == Unix("/srv/state/admin.sock")
    assert usual(Path("/" + "x" * 200), {}) is None
