"""The table of classes to the second, through a whole proxy: alive a second before the limit, over a second after it.

Each row says what was asked, what was answered, and what comes of it; the limits are the documented ones.
"""

from __future__ import annotations

from typing import NamedTuple

import pytest

from tests.handshake import SWITCH
from tests.wire import Side, Wire
from webproxy.policy.chain import Chain
from webproxy.policy.timeout import TimeoutPolicy
from webproxy.resources.policed import Policed

LIMITS = {"DEFAULT": 60, "LONG": 600, "DOWNLOAD": 1800}
MIB_8 = str(8 * 1024 * 1024)

HANDSHAKE = (
    "GET /ws HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


class Row(NamedTuple):
    """A request whose answer does not come, its class and why."""

    line: str
    field: str
    traffic_class: str
    why: str


REQUESTS = [
    Row("GET /", "", "DEFAULT", ""),
    Row("GET /v1/models", "Accept: application/json", "DEFAULT", ""),
    Row("GET /?next=/api/chat", "", "DEFAULT", ""),
    Row("GET /app.js", "", "DEFAULT", ""),
    Row("POST /model.gguf", "", "DEFAULT", ""),
    Row("POST /api/chat", "", "LONG", "path"),
    Row("POST /v1/chat/completions", "", "LONG", "path"),
    Row("POST /api/generate", "", "LONG", "path"),
    Row("POST /generate", "", "LONG", "path"),
    Row("GET /stream", "", "LONG", "path"),
    Row("GET /prefix/events/7", "", "LONG", "path"),
    Row("POST /%61pi//chat", "", "LONG", "path"),
    Row("POST /v1/embeddings", "", "LONG", "endpoint"),
    Row("GET /", "Accept: text/event-stream", "LONG", "accept"),
    Row("GET /", "Accept: application/json, Application/X-NDJSON;q=0.5", "LONG", "accept"),
    Row("GET /", "Range: bytes=0-", "DOWNLOAD", "range"),
    Row("GET /model.safetensors", "", "DOWNLOAD", "extension"),
    Row("GET /a/b.TAR.GZ?x=1", "", "DOWNLOAD", "extension"),
    Row("GET /", "Accept: application/octet-stream", "DOWNLOAD", "accept"),
    Row("POST /api/chat", "Range: bytes=0-", "DOWNLOAD", "range"),
]

ANSWERS = [
    Row("GET / 200", "Content-Type: text/html", "DEFAULT", ""),
    Row("GET / 200", "Content-Disposition: inline", "DEFAULT", ""),
    Row("GET / 206", "Content-Type: text/html", "DEFAULT>DOWNLOAD", "status-206"),
    Row("GET / 200", "Content-Range: bytes 0-8/9", "DEFAULT>DOWNLOAD", "content-range"),
    Row("GET / 200", "Content-Type: multipart/byteranges; boundary=x", "DEFAULT>DOWNLOAD", "content-type"),
    Row("GET / 200", "Content-Disposition: ATTACHMENT; filename=a", "DEFAULT>DOWNLOAD", "content-disposition"),
    Row("GET / 200", 'Content-Disposition: filename="a.png"', "DEFAULT>DOWNLOAD", "content-disposition"),
    Row("GET / 200", "Content-Type: application/octet-stream", "DEFAULT>DOWNLOAD", "large-file"),
    Row("GET / 200", f"Content-Type: video/mp4\r\nContent-Length: {MIB_8}", "DEFAULT>DOWNLOAD", "large-file"),
    Row("GET / 200", "Content-Type: video/mp4\r\nContent-Length: 9", "DEFAULT", ""),
    Row("GET / 200", "Content-Type: Text/Event-Stream; charset=utf-8", "DEFAULT>LONG", "content-type"),
    Row("GET / 200", "Content-Type: application/x-ndjson", "DEFAULT>LONG", "content-type"),
    Row("GET / 200", "Content-Type: application/jsonl", "DEFAULT>LONG", "content-type"),
    Row("GET / 200", "Content-Type: application/json-seq", "DEFAULT>LONG", "content-type"),
    Row("GET / 200", "Content-Type: multipart/x-mixed-replace; boundary=x", "DEFAULT>LONG", "content-type"),
    Row("GET / 200", "Content-Type: application/grpc+proto", "DEFAULT>LONG", "content-type"),
    Row("GET / 200", "X-Accel-Buffering: no", "DEFAULT>LONG", "x-accel-buffering"),
    Row("GET /api/chat 200", "Content-Disposition: attachment", "LONG>DOWNLOAD", "content-disposition"),
    Row("GET /a.zip 200", "Content-Type: text/event-stream", "DOWNLOAD", "extension"),
    Row("GET /api/chat 200", "Content-Type: text/html", "LONG", "path"),
]


def begun(request: str) -> tuple[Wire, Side, Side]:
    """A proxy with ``timeout`` alone, a client that has asked, and the internal service that was asked."""
    wire = Wire()
    wire.site.root = Policed(Chain([TimeoutPolicy()]), wire.forward)
    client = wire.client()
    client.says(request.encode())
    return wire, client, wire.upstream()


def written(line: str, field: str) -> str:
    return f"{line} HTTP/1.1\r\nHost: h\r\n{field and field + chr(13) + chr(10)}\r\n"


def of(traffic_class: str) -> int:
    """The limit of an exchange's last class, in seconds."""
    return LIMITS[traffic_class.rpartition(">")[2]]


@pytest.mark.parametrize("row", REQUESTS, ids=str)
def test_a_request_may_wait_for_its_answer_as_long_as_its_class_says(row: Row) -> None:
    wire, client, _ = begun(written(row.line, row.field))
    wire.passes(of(row.traffic_class) - 1)
    assert client.sees() == b""
    wire.passes(2)
    assert client.sees().startswith(b"HTTP/1.1 504 ")
    assert (wire.records[0].traffic_class, wire.records[0].why) == (row.traffic_class, row.why)


@pytest.mark.parametrize(
    ("field", "body"),
    [
        (f"Content-Length: {MIB_8}", bytes(int(MIB_8))),
        ("Transfer-Encoding: chunked", b"0\r\n\r\n"),
        ("Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 2", b"{}"),
    ],
    ids=["8 MiB", "chunked", "multipart"],
)
def test_the_answer_to_an_upload_may_take_as_long_as_a_generation(field: str, body: bytes) -> None:
    wire, client, _ = begun(written("PUT /blob", field))
    client.says(body)
    wire.passes(599)
    assert client.sees() == b""
    wire.passes(2)
    assert client.sees().startswith(b"HTTP/1.1 504 ")
    assert (wire.records[0].traffic_class, wire.records[0].why) == ("LONG", "upload")


def test_an_upload_that_stops_is_the_clients_doing() -> None:
    wire, client, _ = begun(written("PUT /blob", f"Content-Length: {MIB_8}"))
    client.says(b"x")
    wire.passes(599)
    assert client.sees() == b""
    wire.passes(2)
    assert client.sees().startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize("row", ANSWERS, ids=str)
def test_an_answer_may_be_silent_as_long_as_the_class_it_came_to(row: Row) -> None:
    """The limit begins with the head: what was waited for it does not count."""
    line, _, status = row.line.rpartition(" ")
    wire, client, upstream = begun(written(line, ""))
    wire.passes(30)
    upstream.says(f"HTTP/1.1 {status} X\r\n{row.field}\r\n\r\nhalf".encode())
    wire.passes(of(row.traffic_class) - 1)
    assert client.sees().endswith(b"half")
    assert client.end == ""
    wire.passes(2)
    assert client.end in {"closed", "aborted"}
    assert upstream.end == "aborted"
    record = wire.records[0]
    assert (record.traffic_class, record.why, record.closed_by) == (row.traffic_class, row.why, "idle")


def test_an_interim_answer_begins_the_limit_anew() -> None:
    wire, client, upstream = begun(written("GET /", ""))
    for _ in range(3):
        wire.passes(59)
        upstream.says(b"HTTP/1.1 102 Processing\r\n\r\n")
    wire.passes(59)
    assert client.sees() == b"HTTP/1.1 102 Processing\r\n\r\n" * 3
    wire.passes(2)
    assert client.sees().startswith(b"HTTP/1.1 504 ")


def test_a_byte_begins_the_limit_anew() -> None:
    wire, client, upstream = begun(written("GET /", ""))
    upstream.says(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
    for _ in range(5):
        wire.passes(59)
        upstream.says(b"x")
    wire.passes(59)
    assert client.end == ""
    wire.passes(2)
    assert client.end == "aborted"


@pytest.mark.parametrize(("said", "stays"), [(SWITCH, True), (b"HTTP/1.1 400 No\r\nContent-Length: 9\r\n\r\n", False)])
def test_only_a_tunnel_that_opened_has_no_limit(said: bytes, stays: bool) -> None:
    wire, client, upstream = begun(HANDSHAKE)
    wire.passes(59)
    upstream.says(said)
    wire.passes(7200 if stays else 61)
    assert (client.end == "") is stays
    client.leaves()
    assert wire.records[0].traffic_class == ("DEFAULT>WEBSOCKET" if stays else "DEFAULT")


def test_a_handshake_that_is_not_answered_is_default() -> None:
    wire, client, _ = begun(HANDSHAKE)
    wire.passes(59)
    assert client.sees() == b""
    wire.passes(2)
    assert client.sees().startswith(b"HTTP/1.1 504 ")
