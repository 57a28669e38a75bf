"""Whose word counts for where a request came from: a trusted proxy's, a layer-4 peer's, never a stranger's.

Seen by the service, and by the access log.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted

from tests.integration.answering import Answering, Asked, Told
from tests.integration.live import live
from webproxy.net.proxy_header import SIGNATURE

if TYPE_CHECKING:
    from pathlib import Path

V1 = b"PROXY TCP4 203.0.113.7 192.0.2.1 50000 443\r\n"
V2 = SIGNATURE + b"\x21\x11\x00\x0c" + bytes((203, 0, 113, 7, 192, 0, 2, 1)) + b"\xc3\x50\x01\xbb"
LOCAL = SIGNATURE + b"\x20\x00\x00\x00"
HERE = ("127.0.0.1/32",)
FORGED = (
    b"X-Forwarded-For: 198.51.100.66\r\nX_Forwarded_For: 198.51.100.66\r\nX-Real-IP: 198.51.100.66\r\n"
    b"Forwarded: for=198.51.100.66\r\nX-Forwarded-User: root\r\nX-Forwarded_User: root\r\nRemote-User: root\r\n"
)
GET = b"GET / HTTP/1.1\r\nHost: gpu.example\r\nConnection: close\r\n%b\r\n"


def done(asked: Asked) -> Told:
    return Told(200, b"done")


async def seen(reactor: Any, folder: Path, data: bytes, **options: Any) -> tuple[bytes, Asked | None, dict[str, Any]]:
    """What the client, the service and the access log get to see of ``data``."""
    service = Answering(reactor, done)
    log = folder / "access.log"
    async with live(reactor, service, access_log=str(log), log_format="json", **options) as proxy:
        client = await proxy.client()
        client.says(data)
        await client.gone()
    line = json.loads(log.read_text())
    return client.received, service.asked[-1] if service.asked else None, line


@pytest_twisted.ensureDeferred
async def test_a_strangers_words_change_nothing(reactor: Any, tmp_path: Path) -> None:
    _, honest, _ = await seen(reactor, tmp_path, GET % b"X-Request-Id: a\r\n")
    (tmp_path / "access.log").unlink()
    _, asked, line = await seen(reactor, tmp_path, GET % (FORGED + b"X-Request-Id: a\r\n"))
    assert asked is not None
    assert honest is not None
    differing = {name for name in asked.fields if asked.fields[name] != honest.fields.get(name)}
    assert differing <= {"x-forwarded-port"}  # the port is another each time
    assert line["client"] == "127.0.0.1"
    assert "198.51.100.66" not in str(line)


@pytest.mark.parametrize("header", [V1, V2, LOCAL], ids=["version 1", "version 2", "LOCAL"])
@pytest_twisted.ensureDeferred
async def test_a_strangers_proxy_header_is_400(reactor: Any, tmp_path: Path, header: bytes) -> None:
    answer, asked, line = await seen(reactor, tmp_path, header + GET % b"")
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert asked is None
    assert (line["client"], line["status"]) == ("127.0.0.1", 400)


@pytest.mark.parametrize("header", [V1, V2], ids=["version 1", "version 2"])
@pytest_twisted.ensureDeferred
async def test_a_layer_4_peers_header_says_who_the_client_is(reactor: Any, tmp_path: Path, header: bytes) -> None:
    _, asked, line = await seen(reactor, tmp_path, header + GET % FORGED, proxy_protocol=HERE)
    assert asked is not None
    assert asked.fields["x-forwarded-for"] == asked.fields["x-real-ip"] == line["client"] == "203.0.113.7"
    assert "198.51.100.66" not in str(asked)
    assert "root" not in str(asked)


@pytest_twisted.ensureDeferred
async def test_it_must_have_one(reactor: Any, tmp_path: Path) -> None:
    answer, asked, line = await seen(reactor, tmp_path, GET % b"", proxy_protocol=HERE)
    assert (answer, asked) == (b"", None)
    assert line["note"] == "a PROXY header is required here"


@pytest_twisted.ensureDeferred
async def test_a_trusted_proxys_words_are_kept_and_extended(reactor: Any, tmp_path: Path) -> None:
    said = b"X-Forwarded-For: 198.51.100.66, 203.0.113.7\r\nX-Forwarded-User: root\r\nX_Forwarded_User: deceit\r\n"
    _, asked, line = await seen(reactor, tmp_path, GET % said, trust=HERE)
    assert asked is not None
    assert asked.fields["x-forwarded-for"] == "198.51.100.66, 203.0.113.7, 127.0.0.1"
    assert asked.fields["x-forwarded-user"] == "root"
    assert "deceit" not in str(asked)
    assert line["client"] == "203.0.113.7"


@pytest.mark.parametrize(
    ("trust", "client"), [(("203.0.113.7/32",), "198.51.100.66"), (("192.0.2.0/24",), "203.0.113.7")]
)
@pytest_twisted.ensureDeferred
async def test_the_address_in_the_header_is_the_peer_for_trust_as_well(
    reactor: Any, tmp_path: Path, trust: tuple[str, ...], client: str
) -> None:
    _, _, line = await seen(reactor, tmp_path, V2 + GET % FORGED, proxy_protocol=HERE, trust=trust)
    assert line["client"] == client
