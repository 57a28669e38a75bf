"""JSON lines: one object each, the same members every time, whatever a client sent."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from tests.observe.exchanges import AT, exchange, exchanges, head
from webproxy.message.record import ExchangeRecord
from webproxy.observe.json_lines import line, lost, stamp
from webproxy.observe.mask import masked

STAMP = "2025-11-22T21:26:13.250Z"


def read(text: str) -> dict[str, Any]:
    assert text.isascii()
    assert text.isprintable()
    members = json.loads(text, object_pairs_hook=list)
    names = [name for name, _ in members]
    assert len(names) == len(set(names)), "a member repeats"
    return dict(members)


def test_an_exchange() -> None:
    request = head((b"User-Agent", b"ollama/0.5"), (b"Referer", b"https://gpu.example/"))
    assert read(line(exchange(request), stamp(AT))) == {
        "time": STAMP,
        "id": "5f00c2ab00000007",
        "client": "203.0.113.7",
        "user": None,
        "method": "POST",
        "target": "/api/chat",
        "protocol": "HTTP/1.1",
        "referer": "https://gpu.example/",
        "user_agent": "ollama/0.5",
        "status": 200,
        "received": 213,
        "sent": 5120,
        "ttfb_us": 78125,
        "duration_us": 2500000,
        "upstream_us": 2000000,
        "class": "DEFAULT",
        "why": None,
        "closed_by": None,
        "note": None,
    }


def test_nothing_but_a_connection() -> None:
    members = read(line(ExchangeRecord(b"01", "2001:db8::1", None, 100.0), stamp(AT)))
    assert members.keys() == read(line(exchange(head()), stamp(AT))).keys()
    assert {name: value for name, value in members.items() if value is not None} == {
        "time": STAMP,
        "id": "01",
        "client": "2001:db8::1",
        "status": 0,
        "received": 0,
        "sent": 0,
        "duration_us": 0,
        "class": "DEFAULT",
    }


def test_all_that_may_be_known() -> None:
    record = exchange(head())
    record.user = "anna"
    record.traffic_class, record.why = "DEFAULT>DOWNLOAD", "content-disposition"
    record.closed_by, record.note = "upstream", "closed within its answer to /x?token=s3cret"
    members = read(line(record, stamp(AT)))
    assert members["user"] == "anna"
    assert members["why"] == "content-disposition"
    assert members["closed_by"] == "upstream"
    assert members["note"] == "closed within its answer to /x?token=***"


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        (b'/"\\', '/"\\'),
        (b"/\r\n", "/\r\n"),
        ("/ü\u2028".encode(), "/ü\u2028"),
        (b"/\xff", "/ÿ"),
        (b"/?token=x&a=b", "/?token=***&a=b"),
        (b"https://a:b@c/", "https://***@c/"),
    ],
)
def test_targets_and_referers_are_masked_and_readable(sent: bytes, shown: str) -> None:
    members = read(line(exchange(head((b"Referer", sent), target=sent)), stamp(AT)))
    assert members["target"] == members["referer"] == shown


def test_credentials_never_appear() -> None:
    names = (b"Authorization", b"Proxy-Authorization", b"Cookie", b"X-Api-Key", b"X-Webproxy-Key", b"Set-Cookie")
    request = head(*((name, b"s3cret") for name in names), target=b"/?webproxy_token=s3cret")
    assert "s3cret" not in line(exchange(request), stamp(AT))


@given(exchanges())
def test_no_client_can_forge_a_line(record: ExchangeRecord) -> None:
    members = read(line(record, stamp(AT)))
    assert members["time"] == STAMP
    assert members["status"] == record.status
    assert members["client"] == (record.client or None)
    assert members["class"] == (record.traffic_class or None)
    assert members["note"] == (masked(record.note) or None)
    if record.head is not None:
        assert members["method"] == text(record.head.method)
        assert members["target"] == masked(text(record.head.target))


def text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def test_lost_lines() -> None:
    assert read(lost(12, stamp(AT))) == {"time": STAMP, "lost_lines": 12}


@pytest.mark.parametrize(
    ("now", "text"),
    [(0.0, "1970-01-01T00:00:00.000Z"), (AT, STAMP), (AT + 0.74, "2025-11-22T21:26:13.990Z")],
)
def test_stamps(now: float, text: str) -> None:
    assert stamp(now) == text
