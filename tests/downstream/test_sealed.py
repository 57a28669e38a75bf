"""Connections whose client logs in with every request: known again, and nothing of the secret kept."""

from __future__ import annotations

import pytest

from tests.guarded import KEY, Guarded, asking, basic, fields
from tests.kept import kept_by
from tests.scripted import status
from webproxy.access.recognised import Grant
from webproxy.access.session import Subject
from webproxy.downstream.channel import Channel

RIGHT = basic("ada", "right")


COOKIE = b"Cookie: own=1; other=2"


@pytest.mark.parametrize("line", [RIGHT, b"Authorization: Bearer " + KEY, b"x-api-key: " + KEY])
def test_a_login_that_repeats_is_known_whatever_else_the_head_says_until_it_ends(line: bytes) -> None:
    wire = Guarded()
    client = wire.asks(line)
    wire.trials.happen()
    wire.lets_in(client)
    channel, user = client.protocol, "ada" if line == RIGHT else "ci"
    for lines in ((line,), (line,), (b"A: 1", line, b"B: 2"), (line, COOKIE), (b"Accept: text/html", line)):
        client.says(asking(*lines))
        assert channel.shown
        seen = wire.lets_in(client)
        assert fields(seen, b"Authorization") == fields(seen, b"X-API-Key") == []
        assert (COOKIE in lines) is (b"\r\n" + COOKIE + b"\r\n" in seen)
        assert wire.records[-1].user == user
    channel.seal.grant.end()
    wire.ledger.keys.clear()
    wire.ledger.users.clear()
    client.says(asking(line))
    wire.trials.happen()
    assert status(client.sees()) == 401


@pytest.mark.parametrize(
    "lines",
    [
        (b"X-API-Key: " + KEY, b"X-API-Key: sk-1"),
        (b"X-API-Key: sk-1", b"X-API-Key: " + KEY),
        (b"X-API-Key: " + KEY, b"x-api-key: " + KEY),
        (b"X-API-Key: " + KEY + b"x",),
        (b"X-API-Key:  " + KEY,),
        (b"X-API-Key: " + KEY, RIGHT),
        (b"X-API-Key: " + KEY, b"Cookie: webproxy-session-1=x"),
    ],
)
def test_what_stands_otherwise_than_it_stood_is_read_anew(lines: tuple[bytes, ...]) -> None:
    wire = Guarded()
    client = wire.asks(b"X-API-Key: " + KEY)
    wire.lets_in(client)
    client.says(asking(*lines))
    assert not client.protocol.shown
    answer = client.sees()
    if answer:
        assert status(answer) == 401
    else:
        assert KEY not in wire.lets_in(client)


@pytest.mark.parametrize("lines", [(RIGHT, RIGHT), (RIGHT, b"authorization: Bearer x"), (b"Authorization: x", RIGHT)])
def test_a_login_that_is_known_does_not_cover_a_second_one(lines: tuple[bytes, ...]) -> None:
    wire = Guarded()
    client = wire.asks(RIGHT)
    wire.trials.happen()
    wire.lets_in(client)
    client.says(asking(*lines))
    assert status(client.sees()) == 400


def test_a_malformed_head_is_as_malformed_without_the_login() -> None:
    wire = Guarded()
    client = wire.asks(RIGHT)
    wire.trials.happen()
    wire.lets_in(client)
    client.says(asking(b"A: 1", RIGHT, b" folded: 2"))
    assert status(client.sees()) == 400


def test_a_session_is_known_with_the_login_or_alone_and_the_services_cookies_stay() -> None:
    wire = Guarded()
    grant = Grant(Subject(b"u", b"ada"), "ada", ambient=True)
    cookie = wire.guard.cookie_for(grant, secure=False)
    assert cookie is not None
    session = cookie.partition(b";")[0]
    for lines in ((b"Cookie: " + session,), (b"Cookie: own=1; " + session + b"; b=2", RIGHT)):
        client = wire.asks(*lines)
        wire.trials.happen()
        for known in (False, True, True):
            assert client.protocol.shown is known
            seen = wire.lets_in(client)
            assert fields(seen, b"Cookie") == ([b"own=1; b=2"] if b"own" in lines[0] else [])
            assert fields(seen, b"Authorization") == []
            client.says(asking(*lines))
        wire.lets_in(client)


def test_a_page_of_another_site_cannot_use_a_login_that_is_known() -> None:
    wire = Guarded()
    client = wire.asks(RIGHT)
    wire.trials.happen()
    wire.lets_in(client)
    upgrade = (b"Connection: Upgrade", b"Upgrade: websocket")
    for start, lines in ((b"POST / HTTP/1.1", ()), (b"GET / HTTP/1.1", upgrade)):
        client.says(asking(RIGHT, b"Origin: https://evil.example", *lines, start=start))
        assert client.protocol.shown
        assert status(client.sees()) == 403


def test_nothing_of_a_secret_is_remembered() -> None:
    wire = Guarded()
    lines = (b"X-API-Key: " + KEY, b"Cookie: sEcReT=1")
    for count in (1, 2):
        client = wire.asks(*lines[:count])
        for _ in range(3):
            wire.lets_in(client)
            client.says(asking(*lines[:count]))
        wire.lets_in(client)
        channel = client.protocol
        kept = repr(kept_by(channel, but="transport")) + repr(kept_by(channel.seal))
        assert KEY.decode() not in kept
        assert "sEcReT" not in kept


def test_heads_that_repeat_are_remembered_as_those_of_an_open_proxy() -> None:
    wire = Guarded()
    client = wire.asks(b"X-API-Key: " + KEY)
    wire.lets_in(client)
    client.says(asking(b"X-API-Key: " + KEY))
    wire.lets_in(client)
    remembered = client.protocol.remembered
    client.says(asking(b"X-API-Key: " + KEY))
    wire.lets_in(client)
    assert remembered is not None
    assert client.protocol.remembered is remembered


def test_other_settings_hold_for_logins_that_were_known() -> None:
    wire = Guarded()
    client = wire.asks(b"X-API-Key: " + KEY)
    wire.lets_in(client)
    assert repr(client.protocol.seal).startswith("<Seal of 1 lines for <Grant 'ci'")
    wire.site.change(wire.site.root, idle=60.0, limits=wire.site.limits, trust=wire.site.trust)
    assert client.protocol.seal is None
    client.says(asking(b"X-API-Key: " + KEY))
    assert KEY not in wire.lets_in(client)


def test_an_open_proxy_knows_nothing_of_seals() -> None:
    wire = Guarded()
    wire.site.guarded = False
    wire.site.root = wire.forward
    client = wire.asks(b"X-API-Key: " + KEY)
    assert KEY in wire.lets_in(client)
    assert type(client.protocol) is Channel
