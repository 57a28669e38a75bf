"""Services that check Host, Origin and Referer work with no option, whichever way the visitor came in.

Which checks they have is ``particular``'s; here a browser loads a page, sends a form and opens a WebSocket, and another
site tries the same.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import pytest_twisted

from tests.integration.answering import Answering
from tests.integration.live import live
from tests.integration.particular import SERVICES
from webproxy.net.proxy_header import SIGNATURE

if TYPE_CHECKING:
    from tests.integration.live import Live, Peer

TLS_VECTOR = bytes((0x20, 0, 5, 1, 0, 0, 0, 0))
OVER_TLS = (
    SIGNATURE
    + struct.pack("!BBH", 0x21, 0x11, 12 + len(TLS_VECTOR))
    + bytes((203, 0, 113, 7, 192, 0, 2, 1))
    + struct.pack("!HH", 50000, 443)
    + TLS_VECTOR
)
"""What a layer-4 router says of a client that came over TLS."""


class Way(NamedTuple):
    """A way in.

    :ivar origin: what the browser shows in its address line.
    :ivar options: of webproxy.
    :ivar preface: what a connection begins with.
    :ivar lines: what the hop before us adds to a request.
    """

    origin: bytes
    options: dict[str, Any]
    preface: bytes = b""
    lines: bytes = b""

    @property
    def host(self) -> bytes:
        return self.origin.partition(b"://")[2]


WAYS = {
    "directly": Way(b"http://gpu.example:12345", {}),
    "through a router that ends TLS": Way(
        b"https://myapp.secure.example.com", {"proxy_protocol": ("127.0.0.1/32",)}, OVER_TLS
    ),
    "through an HTTP proxy that ends TLS": Way(
        b"https://gpu.example", {"trust": ("127.0.0.1/32",)}, b"", b"X-Forwarded-Proto: https\r\n"
    ),
}
EVIL = b"https://evil.example"
TOKEN = b"Cookie: a=b; _xsrf=2|7f|a\r\nX-XSRFToken: 2|7f|a\r\n"
HANDSHAKE = (
    b"Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)
ACCEPTED = b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"

FORMS = {
    "ollama": b"POST /api/chat",
    "comfyui": b"POST /prompt",
    "jupyter": b"POST /api/contents",
    "streamlit": b"PUT /_stcore/upload_file/s/f",
}
SOCKETS = {"comfyui": b"/ws?clientId=a", "jupyter": b"/api/events/subscribe", "streamlit": b"/_stcore/stream"}


class Browser:
    """Sends what a browser sends."""

    def __init__(self, proxy: Live, way: Way) -> None:
        self.proxy = proxy
        self.way = way

    async def asks(self, line: bytes, *more: bytes, body: bytes = b"") -> tuple[int, bytes, Peer]:
        """Send a request over a connection of its own; status, head and connection."""
        peer = await self.proxy.client()
        head = b"%b HTTP/1.1\r\nHost: %b\r\n%b%b\r\n" % (line, self.way.host, self.way.lines, b"".join(more))
        peer.says(self.way.preface + head + body)
        answer = await peer.hears(b"\r\n\r\n")
        return int(answer.split(b" ")[1]), answer, peer


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("name", SERVICES)
@pytest_twisted.ensureDeferred
async def test_a_visitor_is_served(reactor: Any, name: str, way: Way) -> None:
    service = Answering(reactor, SERVICES[name])
    async with live(reactor, service, upstream_host="auto", **way.options) as proxy:
        browser = Browser(proxy, way)
        own = b"Origin: %b\r\nSec-Fetch-Site: same-origin\r\n" % way.origin
        status, _, _ = await browser.asks(b"GET /")
        assert status == (302 if name == "jupyter" else 200)
        status, answer, _ = await browser.asks(b"GET /moved")
        assert (status, answer.partition(b"\r\nLocation: ")[2].partition(b"\r\n")[0]) == (
            302,
            way.origin + b"/elsewhere?a=b",
        )
        status, _, peer = await browser.asks(FORMS[name], own, TOKEN, b"Content-Length: 5\r\n", body=b"hello")
        assert status == 200
        await peer.hears(b"}")
        assert service.asked[-1].body == b"hello"
        assert service.asked[-1].fields["x-forwarded-host"] == way.host.decode()


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("name", SOCKETS)
@pytest_twisted.ensureDeferred
async def test_a_visitor_opens_a_websocket(reactor: Any, name: str, way: Way) -> None:
    service = Answering(reactor, SERVICES[name])
    async with live(reactor, service, upstream_host="auto", **way.options) as proxy:
        browser = Browser(proxy, way)
        status, answer, peer = await browser.asks(b"GET " + SOCKETS[name], HANDSHAKE, b"Origin: %b\r\n" % way.origin)
        assert status == 101
        assert ACCEPTED in answer
        peer.says(b"\x81\x05hello")
        assert await peer.hears(b"hello") == b"\x81\x05hello"


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("name", SERVICES)
@pytest_twisted.ensureDeferred
async def test_another_site_is_refused_by_the_service_as_before(reactor: Any, name: str, way: Way) -> None:
    service = Answering(reactor, SERVICES[name])
    async with live(reactor, service, upstream_host="auto", **way.options) as proxy:
        browser = Browser(proxy, way)
        foreign = b"Origin: %b\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\n" % EVIL
        status, _, _ = await browser.asks(FORMS[name], foreign, b"Content-Length: 5\r\n", body=b"hello")
        assert status in {403, 404}
        assert service.asked[-1].fields["origin"] == EVIL.decode()
        if name in SOCKETS:
            status, _, _ = await browser.asks(b"GET " + SOCKETS[name], HANDSHAKE, foreign)
            assert status == 403


@pytest_twisted.ensureDeferred
async def test_a_link_from_another_site_leads_to_the_front_door(reactor: Any) -> None:
    visit = b"Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n"
    async with live(reactor, Answering(reactor, SERVICES["comfyui"]), upstream_host="auto") as proxy:
        browser = Browser(proxy, WAYS["directly"])
        assert (await browser.asks(b"GET /", visit))[0] == 200
        assert (await browser.asks(b"GET /free", visit))[0] == 403
        assert (await browser.asks(b"POST /", visit, b"Content-Length: 0\r\n"))[0] == 403


@pytest_twisted.ensureDeferred
async def test_a_page_of_jupyters_own_may_fetch_its_files(reactor: Any) -> None:
    way = WAYS["directly"]
    async with live(reactor, Answering(reactor, SERVICES["jupyter"]), upstream_host="auto") as proxy:
        browser = Browser(proxy, way)
        assert (await browser.asks(b"GET /files/a", b"Referer: %b/tree\r\n" % way.origin))[0] == 200
        assert (await browser.asks(b"GET /files/a", b"Referer: %b/tree\r\n" % EVIL))[0] == 403


@pytest_twisted.ensureDeferred
async def test_cookies_come_back_one_by_one_as_they_were_set(reactor: Any) -> None:
    async with live(reactor, Answering(reactor, SERVICES["streamlit"]), upstream_host="auto") as proxy:
        _, answer, _ = await Browser(proxy, WAYS["directly"]).asks(b"GET /")
        assert b"\r\nSet-Cookie: _xsrf=2|7f|a; Path=/\r\nSet-Cookie: user=b\r\n" in answer
