"""Preflights: answered for listed origins, or passed on, and nothing else gets by with them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.guarded import KEY, Guarded, basic, fields
from tests.scripted import status
from webproxy.resources.preflights import AnsweredPreflights, PassedPreflights

CHAT = b"https://chat.example"
OPTIONS = b"OPTIONS /v1/models HTTP/1.1"
PREFLIGHT = (
    b"Origin: " + CHAT,
    b"Access-Control-Request-Method: POST",
    b"Access-Control-Request-Headers: authorization,content-type",
)


def answering(*origins: bytes) -> Guarded:
    wire = Guarded(origins=frozenset(origins))
    wire.site.root = AnsweredPreflights(frozenset(origins), wire.site.root)  # type: ignore[arg-type]
    return wire


def passing() -> Guarded:
    wire = Guarded()
    wire.site.root = PassedPreflights(wire.forward, wire.site.root)  # type: ignore[arg-type]
    return wire


@pytest.mark.parametrize("listed", [CHAT, b"*"])
def test_those_of_listed_origins_are_answered_before_anybody_is_asked_who_he_is(listed: bytes) -> None:
    wire = answering(listed)
    client = wire.asks(*PREFLIGHT, start=OPTIONS)
    answer = client.sees()
    assert answer.startswith(b"HTTP/1.1 204 No Content\r\n")
    assert fields(answer, b"Access-Control-Allow-Origin") == [CHAT]
    assert fields(answer, b"Access-Control-Allow-Methods") == [b"POST"]
    assert b"authorization" in fields(answer, b"Access-Control-Allow-Headers")[0]
    assert fields(answer, b"Access-Control-Allow-Credentials") == []
    assert (client.end, wire.attempts, wire.records[0].note) == ("", 0, "preflight")


NOT_REAL = [
    (PREFLIGHT[:1], OPTIONS),
    (PREFLIGHT[1:], OPTIONS),
    ((*PREFLIGHT, b"Content-Length: 1"), OPTIONS),
    (PREFLIGHT, b"POST / HTTP/1.1"),
    (PREFLIGHT, b"options / HTTP/1.1"),
]


@pytest.mark.parametrize(("lines", "start"), NOT_REAL)
def test_what_is_none_must_show_credentials(lines: tuple[bytes, ...], start: bytes) -> None:
    for wire in (answering(CHAT), passing()):
        assert status(wire.asks(*lines, start=start).sees()) in {401, 400, 405, 501}
        assert wire.attempts == 0


def test_those_of_other_origins_are_requests_like_any() -> None:
    wire = answering(b"https://other.example")
    answer = wire.asks(*PREFLIGHT, start=OPTIONS).sees()
    assert status(answer) == 401
    assert b"Access-Control-Allow-Origin" not in answer
    assert fields(answer, b"Vary") == [b"Origin"]


def test_our_own_answers_can_be_read_by_listed_pages() -> None:
    wire = answering(CHAT)
    answer = wire.asks(b"Origin: " + CHAT, b"Authorization: Bearer nonsense").sees()
    assert (status(answer), fields(answer, b"Access-Control-Allow-Origin")) == (401, [CHAT])
    wire.site.limits = replace(wire.site.limits, body=9)
    answer = wire.asks(b"Origin: " + CHAT, b"Content-Length: 10", start=b"POST / HTTP/1.1").sees()
    assert (status(answer), fields(answer, b"Access-Control-Allow-Origin")) == (413, [CHAT])
    client = wire.asks(b"Origin: " + CHAT, b"X-API-Key: " + KEY)
    wire.upstream_refuses()
    answer = client.sees()
    assert (status(answer), fields(answer, b"Access-Control-Allow-Origin")) == (502, [CHAT])


def test_the_services_answers_are_its_own_business() -> None:
    wire = answering(CHAT)
    client = wire.asks(b"Origin: " + CHAT, b"X-API-Key: " + KEY)
    upstream = wire.upstream()
    upstream.says(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    assert b"Access-Control" not in client.sees()


def test_they_pass_without_whatever_credentials_they_carry() -> None:
    wire = passing()
    lines = (basic("ada", "right"), b"Cookie: own=1", b"X-API-Key: " + KEY)
    seen = wire.lets_in(wire.asks(*PREFLIGHT, *lines, start=OPTIONS))
    assert seen.startswith(OPTIONS)
    for name in (b"Authorization", b"Cookie", b"X-API-Key"):
        assert fields(seen, name) == []
    assert wire.records[0].user is None
    assert status(wire.asks().sees()) == 401
