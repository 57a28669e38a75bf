"""Whatever Authorization, X-API-Key and Cookie say: no crash, nobody gets in without a secret, no secret goes on."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING

from hypothesis import example, given, settings
from hypothesis import strategies as st
from twisted.logger import capturedLogs

from tests.guarded import EXPIRED, KEY, OK, Guarded, asking
from webproxy.access.recognised import Grant
from webproxy.access.session import Subject

if TYPE_CHECKING:
    from tests.wire import Side

GOOD = b64encode(b"ada:right")
COOKIE = Guarded().guard.cookie_for(Grant(Subject(b"u", b"ada"), "ada", ambient=True), secure=False) or b""
SESSION = COOKIE.partition(b";")[0]
SECRETS = (GOOD, KEY, SESSION.partition(b"=")[2])
"""What opens the door; none of it is ever to be seen upstream."""

NAMES = st.sampled_from(
    [
        *(b"Authorization", b"authorization", b"AUTHORIZATION", b"X-API-Key", b"x-api-key", b"Cookie", b"cookie"),
        *(b"X_API_Key", b"Authorization_", b"Proxy-Authorization", b"X-Forwarded-User", b"Cookie2"),
    ]
)
PIECES = st.sampled_from(
    [
        *(GOOD, KEY, SESSION, EXPIRED, SESSION[:-1], GOOD[:-4], KEY[:-1], KEY.swapcase(), GOOD.swapcase()),
        *(b"Basic ", b"basic ", b"Bearer ", b"BEARER ", b"Digest ", b"Basic", b" ", b"  ", b"\t", b",", b", ", b";"),
        *(b"; ", b"=", b"==", b":", b"webproxy-session-12345=", b"__Host-webproxy-session-12345=", b"wpk_", b"\x7f"),
        *(b"webproxy-session-1=x", b"ada:right", b"ada", b"\x80\xff", b'"', b"\x0b", b"\x00", b"a=1", b64encode(KEY)),
    ]
)
VALUES = st.one_of(st.lists(PIECES, max_size=5).map(b"".join), st.binary(max_size=60))
LINES = st.lists(st.tuples(NAMES, VALUES), max_size=5).map(
    lambda pairs: [b"%b: %b" % (name, value.replace(b"\r", b"").replace(b"\n", b"")) for name, value in pairs]
)
STARTS = st.sampled_from([b"GET / HTTP/1.1", b"POST /api HTTP/1.1", b"GET / HTTP/1.0", b"OPTIONS * HTTP/1.1"])


def exchanged(wire: Guarded, client: Side, block: bytes) -> tuple[bytes, bytes]:
    """What the client and upstream saw of a request; upstream nothing if it was not asked."""
    client.says(block)
    wire.trials.happen()
    if not wire.attempts:
        return client.sees(), b""
    upstream = wire.upstream()
    seen = upstream.sees()
    upstream.says(OK)
    upstream.leaves()
    return client.sees(), seen


def goes_on(seen: bytes) -> bool:
    """Whether a secret stands in a field that upstream might take it from."""
    for line in seen.split(b"\r\n")[1:]:
        name, _, value = line.lower().partition(b": ")
        scheme, _, parameter = value.partition(b" ")
        if name in {b"authorization", b"x-api-key"} and KEY.lower() in value:
            return True
        if name == b"authorization" and scheme == b"basic" and parameter.strip() == GOOD.lower():
            return True
        if name == b"cookie" and any(pair.strip().startswith(SESSION.lower()) for pair in value.split(b";")):
            return True
    return False


@given(LINES, LINES, STARTS)
@example([b"Authorization: Basic " + GOOD], [b"Authorization: Basic " + GOOD, b"Authorization: x"], b"GET / HTTP/1.1")
@example([b"X-API-Key: " + KEY], [b"X-API-Key: " + KEY, b"X-API-Key: " + KEY], b"GET / HTTP/1.1")
@example([b"Cookie: " + SESSION], [b"Cookie: " + SESSION + b"; a=" + SESSION], b"GET / HTTP/1.1")
@settings(max_examples=300, deadline=None)
def test_only_secrets_open_and_none_goes_on(first: list[bytes], then: list[bytes], start: bytes) -> None:
    wire = Guarded()
    with capturedLogs() as events:
        client = wire.client()
        for lines in (first, then):
            block = asking(*lines, start=start)
            answer, seen = exchanged(wire, client, block)
            assert not seen or any(secret in block for secret in SECRETS)
            assert (answer.startswith(OK[:15])) is bool(seen)
            assert not answer.startswith(b"HTTP/1.1 500")
            assert not goes_on(seen)
            if client.end:
                break
    assert [event for event in events if "log_failure" in event] == []


@given(LINES)
@settings(max_examples=200, deadline=None)
def test_a_login_that_is_known_opens_for_nobody_who_does_not_bring_it(lines: list[bytes]) -> None:
    for login in (b"Authorization: Basic " + GOOD, b"X-API-Key: " + KEY, b"Cookie: " + SESSION):
        wire = Guarded()
        client = wire.client()
        assert exchanged(wire, client, asking(login))[1]
        block = asking(*lines)
        assert not exchanged(wire, client, block)[1] or any(secret in block for secret in SECRETS)
        for line in (login.lower(), login.swapcase(), login[:-1], login + b"x"):
            if not client.end:
                assert not exchanged(wire, client, asking(line))[1]
