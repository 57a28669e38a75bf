"""Our last word on a connection: a client that is still sending gets all of it, and no reset (RFC 9112 §9.6).

The clients are blocking sockets in threads of their own: they send first and read afterwards, as most programs do.
"""

from __future__ import annotations

import socket
import ssl
import time
from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted
from twisted.internet.threads import deferToThread

from tests.independent import requests
from tests.integration.live import live
from tests.integration.scribe import desk, only_answer

if TYPE_CHECKING:
    from pathlib import Path

MIB = 1 << 20
CHUNKED = b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
LARGE = b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000000\r\n\r\n"


def says_and_then_reads(port: int, head: bytes, more: int, spacing: float = 0.0) -> bytes:
    """Send a head and ``more`` bytes behind it, whatever comes back meanwhile; what that was, to its end."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        client.sendall(head)
        for _ in range(16):
            client.sendall(b"x" * (more // 16))
            time.sleep(spacing)
        heard = b""
        while data := client.recv(65536):
            heard += data
    return heard


@pytest.mark.parametrize("spacing", [0.0, 0.02], ids=["at once", "bit by bit"])
@pytest.mark.parametrize(
    ("head", "status"),
    [
        pytest.param(b"POST / HTTP/1.1\r\nContent-Length: 1000000000\r\n\r\n", b"400", id="400 at the head"),
        pytest.param(
            b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nz", b"400", id="400 at the body"
        ),
        pytest.param(LARGE, b"413", id="413"),
        pytest.param(b"GET /" + b"x" * 20000 + b" HTTP/1.1\r\nHost: h\r\n\r\n", b"414", id="414"),
        pytest.param(b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", b"501", id="501"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_a_client_that_goes_on_sending_gets_the_refusal(
    reactor: Any, head: bytes, status: bytes, spacing: float
) -> None:
    async with desk(reactor, max_body=1000) as at_desk:
        answer = only_answer(await deferToThread(says_and_then_reads, at_desk.proxy.port, head, MIB, spacing))
        assert answer.start == (status,)
        assert (b"connection", b"close") in answer.fields
        assert not any(request.complete for request in requests(at_desk.scribe.heard))
        await at_desk.next_is_fine()


@pytest_twisted.ensureDeferred
async def test_a_client_that_goes_on_sending_gets_an_answer_of_ours(reactor: Any) -> None:
    """No refusal, but nobody will take its body either."""
    async with live(reactor) as proxy:
        proxy.deserted()
        answer = only_answer(await deferToThread(says_and_then_reads, proxy.port, LARGE, MIB))
        assert answer.start == (b"502",)
        assert (b"connection", b"close") in answer.fields


def says_until_cut(port: int, head: bytes, piece: bytes, spacing: float) -> tuple[int, float]:
    """Send a head and then piece after piece; how many bytes it took until we were cut, and how many seconds."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        client.sendall(head)
        client.recv(1)
        began, sent = time.monotonic(), 0
        try:
            while True:
                sent += client.send(piece)
                time.sleep(spacing)
        except OSError:
            return sent, time.monotonic() - began


@pytest_twisted.ensureDeferred
async def test_nobody_is_listened_to_beyond_a_bound(reactor: Any) -> None:
    async with live(reactor, max_body=1000) as proxy:
        sent, lasted = await deferToThread(says_until_cut, proxy.port, LARGE, b"x" * 65536, 0.01)
        assert MIB < sent < 2 * MIB
        assert lasted < proxy.service.site.limits.linger_time
        assert not proxy.service.site.channels


@pytest_twisted.ensureDeferred
async def test_nobody_is_listened_to_beyond_a_time(reactor: Any) -> None:
    async with live(reactor, max_body=1000) as proxy:
        proxy.bounded(linger_time=0.5)
        sent, lasted = await deferToThread(says_until_cut, proxy.port, LARGE, b"x", 0.05)
        assert sent < 1000
        assert 0.5 <= lasted < 2.0
        assert not proxy.service.site.channels


def shakes_hands(port: int) -> str:
    """What a TLS client makes of us."""
    context = ssl.create_default_context()
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
            context.wrap_socket(client, server_hostname="a.example").close()
    except ssl.SSLError as error:
        return str(error.reason)
    return "a handshake"


@pytest_twisted.ensureDeferred
async def test_rfc8446_6_2_tls_on_the_plain_port_gets_an_alert_and_a_line_in_the_log(
    reactor: Any, tmp_path: Path
) -> None:
    log = tmp_path / "access.log"
    async with desk(reactor, access_log=str(log)) as at_desk:
        for _ in range(5):
            reason = await deferToThread(shakes_hands, at_desk.proxy.port)
            assert "HANDSHAKE_FAILURE" in reason
        assert at_desk.scribe.heard == b""
        await at_desk.next_is_fine()
    lines = log.read_text().splitlines()
    assert [line.count('note="https spoken to the plain port"') for line in lines] == [1, 1, 1, 1, 1, 0]
    assert all(' "- -' in line and " 400 " in line for line in lines[:5])
