"""By name and over TLS to the service, and back: all that passes, all that outlasts, and who is refused."""

from __future__ import annotations

import contextlib
import hashlib
import json
import socket
from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted
from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThread

from tests.handshake import LINES
from tests.integration.behind import asked, behind
from tests.integration.edge import DOMAIN
from webproxy.net.proxy_header_written import written

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.behind import Behind
    from tests.integration.conftest import Demo


def own_address() -> str:
    """An address of this machine beyond loopback; empty if it has none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # a route is looked up, and nothing sent
        except OSError:
            return ""
        return str(probe.getsockname()[0])


@pytest_twisted.ensureDeferred
async def test_everything_passes(reactor: Any, tmp_path: Path, demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    async with behind(reactor, tmp_path, demo.port, monkeypatch) as scene:
        name = await scene.machine_starts()
        assert name.startswith("myapp-")
        assert scene.registration.told() == f"https://{name}.{DOMAIN}:{scene.public}"
        status, fields, page = await scene.get(name)
        assert (status, page[:15].lower()) == (200, b"<!doctype html>")
        assert fields["strict-transport-security"] == "max-age=31536000"
        await deferToThread(_streams, scene, name)
        await deferToThread(_files, scene, name)
        await deferToThread(_socket, scene, name)


def _streams(scene: Behind, name: str) -> None:
    """SSE and NDJSON come in the pieces that the service writes."""
    with contextlib.closing(scene.visit(name)) as visit:
        visit.request("GET", "/events?count=3", headers={"Accept": "text/event-stream"})
        answer = visit.getresponse()
        assert answer.getheader("Content-Type", "").startswith("text/event-stream")
        assert b"id" in answer.read1() or answer.read1()
    with contextlib.closing(scene.visit(name)) as visit:
        visit.request("POST", "/api/generate", json.dumps({"model": "demo", "prompt": "hello"}))
        answer = visit.getresponse()
        assert (answer.status, answer.getheader("Content-Type")) == (200, "application/x-ndjson")
        rows = [json.loads(line) for line in answer.read().splitlines()]
        assert [row["done"] for row in rows[-2:]] == [False, True]


def _files(scene: Behind, name: str) -> None:
    """A download goes on where it was left, and an upload arrives."""
    with contextlib.closing(scene.visit(name)) as visit:
        size = 3_000_000
        _, _, whole = asked(visit, f"/download?size={size}")
        _, fields, _ = asked(visit, f"/download?size={size}", Range="bytes=0-0")
        status, _, rest = asked(
            visit, f"/download?size={size}", Range="bytes=1000000-", If_Range=fields.get("etag", "")
        )
        assert (len(whole), status, rest == whole[1_000_000:]) == (size, 206, True)
        visit.request("POST", "/upload", whole)
        told = json.loads(visit.getresponse().read())
        assert told["sha256"] == hashlib.sha256(whole).hexdigest()


def _socket(scene: Behind, name: str) -> None:
    """A WebSocket answers."""
    with contextlib.closing(scene.visit(name)) as visit:
        visit.connect()
        visit.sock.sendall(b"GET /echo HTTP/1.1\r\nHost: %b.%b\r\n%b\r\n" % (name.encode(), DOMAIN.encode(), LINES))
        heard = b""
        while b"\r\n\r\n" not in heard:
            heard += visit.sock.recv(65536)
        assert heard.startswith(b"HTTP/1.1 101 ")
        assert b"strict-transport-security" not in heard.lower()
        visit.sock.sendall(b"\x81\x85\0\0\0\0hello")  # RFC 6455 §5.2: text, masked with zeros
        rest = heard.partition(b"\r\n\r\n")[2]
        while b"hello" not in rest:
            piece = visit.sock.recv(65536)
            assert piece
            rest += piece


@pytest_twisted.ensureDeferred
async def test_the_service_hears_the_truth_and_nothing_else(
    reactor: Any, tmp_path: Path, demo: Demo, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with behind(reactor, tmp_path, demo.port, monkeypatch) as scene:
        name = await scene.machine_starts()
        forged = {
            "X_Forwarded_For": "6.6.6.6",
            "X_Forwarded_Proto": "http",
            "X_Real_IP": "6.6.6.6",
            "Forwarded": "for=6",
        }
        _, _, body = await scene.get(name, "/fields", **forged)
        text = body.decode()
        assert "6.6.6.6" not in text
        assert "for=6" not in text
        assert "for=127.0.0.1" in text
        assert "proto=https" in text
        assert f"{name}.{DOMAIN}" in text


@pytest_twisted.ensureDeferred
async def test_a_machine_that_is_restarted_keeps_its_name_and_one_that_is_gone_says_so(
    reactor: Any, tmp_path: Path, demo: Demo, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with behind(reactor, tmp_path, demo.port, monkeypatch) as scene:
        name = await scene.machine_starts()
        await scene.machine_stops()
        status, fields, page = await scene.get(name)
        assert status == 503
        assert int(fields["retry-after"]) > 0
        assert b"offline" in page
        assert await scene.machine_starts() == name
        assert (await scene.get(name))[0] == 200


@pytest_twisted.ensureDeferred
async def test_a_router_that_is_restarted_keeps_its_promises_and_machines_serve_meanwhile(
    reactor: Any, tmp_path: Path, demo: Demo, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with behind(reactor, tmp_path, demo.port, monkeypatch) as scene:
        name = await scene.machine_starts()
        await scene.router_stops()
        assert await scene.registration._attempt() > 0
        assert scene.registration.now()["why"]
        assert (await scene.direct("127.0.0.1", "127.0.0.2"))[0] == 200
        scene.router_starts()
        assert (await scene.get(name))[0] == 200, "nobody has renewed anything yet"
        await scene.registration._attempt()
        assert scene.registration.now()["why"] == ""
        assert scene.registration.lease.name == name


@pytest_twisted.ensureDeferred
async def test_a_machine_that_starts_before_the_router_registers_when_that_is_there(
    reactor: Any, tmp_path: Path, demo: Demo, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with behind(reactor, tmp_path, demo.port, monkeypatch) as scene:
        await scene.router_stops()
        reactor.callLater(0.5, scene.router_starts)
        name = await scene.machine_starts()
        assert (await scene.get(name))[0] == 200


@pytest_twisted.ensureDeferred
async def test_strangers_are_refused(reactor: Any, tmp_path: Path, demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    async with behind(reactor, tmp_path, demo.port, monkeypatch) as scene:
        name = await scene.machine_starts()
        header = written(("6.6.6.6", 1), ("127.0.0.1", 443), authority=f"{name}.{DOMAIN}".encode(), version="TLSv1.3")
        status, told = await scene.direct("127.0.0.1", "127.0.0.2", says=header)
        assert (status, b"malformed" in told or b"CR" in told) == (400, True)
        status, _, told = await scene.get(name, Host=f"other-fox-chi.{DOMAIN}")
        assert (status, b"opened for another name" in told) == (421, True)
        with pytest.raises(OSError, match=r"reset|closed|end"):
            await scene.direct("127.0.0.1", "127.0.0.1")  # the router's address, and no header


@pytest.mark.skipif(not own_address(), reason="this machine has no address beyond loopback")
@pytest.mark.parametrize("direct", ["refuse", "allow"])
@pytest_twisted.ensureDeferred
async def test_who_comes_past_the_router_is_told_where_to_go(
    reactor: Any, tmp_path: Path, demo: Demo, monkeypatch: pytest.MonkeyPatch, direct: str
) -> None:
    async with behind(reactor, tmp_path, demo.port, monkeypatch, direct=direct) as scene:
        await scene.machine_starts()
        status, told = await scene.direct(own_address(), own_address())
        assert status == (403 if direct == "refuse" else 200)
        assert (f"this service is at {scene.registration.lease.url}".encode() in told) is (direct == "refuse")


@pytest.mark.skipif(not own_address(), reason="this machine has no address beyond loopback")
@pytest_twisted.ensureDeferred
async def test_while_the_router_is_kept_away_the_port_is_open_to_nobody(
    reactor: Any, tmp_path: Path, demo: Demo, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with behind(reactor, tmp_path, demo.port, monkeypatch) as scene:
        await scene.router_stops()
        reactor.callLater(1.0, scene.router_starts)
        starting = Deferred.fromCoroutine(scene.machine_starts())
        status, told = await scene.direct(own_address(), own_address())
        assert (status, b"this service waits for its public https address" in told) == (403, True)
        assert (await scene.direct("127.0.0.1", "127.0.0.2"))[0] == 200
        assert (await scene.get(await starting))[0] == 200
