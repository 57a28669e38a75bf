"""One question over verified TLS; what fails is told in a sentence."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted
from OpenSSL import SSL
from twisted.internet import ssl
from twisted.web.resource import Resource
from twisted.web.server import Site

from bench.ports import free_port
from tests.integration.edge import certificate
from webproxy.registration.control_port import ControlPort
from webproxy.registration.words import LARGEST, RouterAway

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from twisted.web.server import Request


class Said(Resource):
    """Answers one thing, and keeps what it was asked."""

    isLeaf = True

    def __init__(self) -> None:
        super().__init__()
        self.status, self.body = 200, b'{"nonce": "n"}'
        self.asked: list[tuple[bytes, bytes, object]] = []
        self.peers: set[int] = set()

    def render_POST(self, request: Request) -> bytes:
        authorization = request.getHeader(b"authorization") or b""
        body = request.content.read()  # type: ignore[union-attr]
        self.asked.append((request.path, authorization, json.loads(body)))
        self.peers.add(request.getClientAddress().port)
        request.setResponseCode(self.status)
        request.setHeader(b"retry-after", b"7")
        return self.body


class Far:
    """A control port of the test's."""

    def __init__(self, reactor: Any, folder: Path, *names: str) -> None:
        self.said = Said()
        self.authority, key = certificate(folder, *names)
        self.site = Site(self.said)
        context = ssl.DefaultOpenSSLContextFactory(str(key), str(self.authority), SSL.TLS_METHOD)
        self.port = reactor.listenSSL(0, self.site, context, interface="127.0.0.1")
        self.url = f"https://localhost:{self.port.getHost().port}"


@pytest_twisted.async_yield_fixture
async def far(reactor: Any, tmp_path: Path) -> AsyncIterator[Far]:
    one = Far(reactor, tmp_path, "localhost")
    yield one
    await one.port.stopListening()


@pytest_twisted.ensureDeferred
async def test_questions_come_over_one_connection(reactor: Any, far: Far) -> None:
    control = ControlPort(reactor, far.url, far.authority)
    for _ in range(2):
        reply = await control.ask("challenge", "secret", {"port": 1})
        assert (reply.status, reply.said, reply.retry_after) == (200, {"nonce": "n"}, 7.0)
    assert far.said.asked == [(b"/v1/challenge", b"Bearer secret", {"port": 1})] * 2
    assert len(far.said.peers) == 1
    await control.close()


@pytest_twisted.ensureDeferred
async def test_a_certificate_that_nobody_vouches_for_gets_no_token(reactor: Any, far: Far) -> None:
    control = ControlPort(reactor, far.url)
    with pytest.raises(RouterAway, match="nobody we trust vouches for its certificate: --router-ca FILE"):
        await control.ask("challenge", "secret", {})
    assert far.said.asked == []
    await control.close()


@pytest_twisted.ensureDeferred
async def test_a_certificate_for_another_name_gets_no_token(reactor: Any, tmp_path: Path) -> None:
    far = Far(reactor, tmp_path, "router.example.com")
    control = ControlPort(reactor, far.url, far.authority)
    with pytest.raises(RouterAway, match="its certificate is for another name"):
        await control.ask("challenge", "secret", {})
    assert far.said.asked == []
    await control.close()
    await far.port.stopListening()


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"<html>", "answered 200 without JSON"),
        (b"[]", "without a JSON object"),
        (b" " * (LARGEST + 1), "more than 16384 bytes"),
    ],
)
async def test_what_is_no_reply_is_told(reactor: Any, far: Far, body: bytes, told: str) -> None:
    far.said.body = body
    control = ControlPort(reactor, far.url, far.authority)
    with pytest.raises(RouterAway, match=told):
        await control.ask("challenge", "secret", {})
    await control.close()


@pytest_twisted.ensureDeferred
async def test_a_router_that_does_not_listen_is_told(reactor: Any, far: Far) -> None:
    control = ControlPort(reactor, f"https://localhost:{free_port()}", far.authority)
    with pytest.raises(RouterAway, match="it takes no connection"):
        await control.ask("challenge", "secret", {})
    await control.close()


@pytest_twisted.ensureDeferred
async def test_a_router_that_says_nothing_is_given_up(reactor: Any, far: Far, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webproxy.registration.control_port.PATIENCE", 0.3)
    monkeypatch.setattr(far.said, "render_POST", lambda _request: 1)  # NOT_DONE_YET
    control = ControlPort(reactor, far.url, far.authority)
    with pytest.raises(RouterAway, match="did not answer within"):
        await control.ask("challenge", "secret", {})
    await control.close()


def test_a_file_without_certificates_is_none(reactor: Any, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    with pytest.raises(ValueError, match="holds no certificate"):
        ControlPort(reactor, "https://localhost:1", tmp_path / "empty")
