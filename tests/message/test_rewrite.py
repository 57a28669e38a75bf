"""Scripts of the wire: what one side says, and what the other side is told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.message.sound import CONNECTION, FRAMING, PAIRS, lines_of, wire
from webproxy.message.fields import Fields, Pair
from webproxy.message.forwarding import CLAIMS, Arrival, forwarding_lines
from webproxy.message.framing import CHUNKED, UNTIL_CLOSE
from webproxy.message.hop_by_hop import end_to_end
from webproxy.message.parser import parse_request, parse_response
from webproxy.message.rewrite import downstream_response, upstream_request

STRANGER = Arrival("203.0.113.7", b"http", 12345, trusted=False)
PROXY = Arrival("10.0.0.2", b"http", 12345, trusted=True)
HOST = b"localhost:8080"


def upstream_sees(start: bytes, *lines: bytes, arrival: Arrival = STRANGER) -> list[bytes]:
    """What the internal service is told between Host and Via; what stands around that never varies."""
    head = parse_request(wire(start, b"Host: a.example", *lines))
    first, host, *seen = upstream_request(head, arrival, HOST).removesuffix(b"\r\n").split(b"\r\n")
    assert first == start[:-1] + b"1"
    assert host == b"Host: localhost:8080"
    via = seen.index(b"Via: 1.%d webproxy" % head.minor)
    assert b"".join(line + b"\r\n" for line in seen[via + 1 :]) == forwarding_lines(head, arrival)
    return seen[:via]


def client_sees(
    *lines: bytes, method: bytes = b"GET", minor: int = 1, close: bool = False, date: bytes | None = None
) -> list[bytes]:
    head = parse_response(wire(*lines), method)
    sent = downstream_response(head, minor, close, date)
    assert sent.endswith(b"\r\n\r\n")
    return sent.removesuffix(b"\r\n\r\n").split(b"\r\n")


# ---- requests


def test_a_request_goes_on() -> None:
    sent = (b"accept: */*", b"X-Odd:", b"Connection: keep-alive", b"ACCEPT: text/html")
    assert upstream_sees(b"GET /x?y HTTP/1.1", *sent) == [b"accept: */*", b"X-Odd: ", b"ACCEPT: text/html"]


def test_the_head_is_left_open_for_the_request_id() -> None:
    head = parse_request(wire(b"GET / HTTP/1.1", b"Host: a.example"))
    sent = upstream_request(head, STRANGER, HOST) + b"X-Request-Id: 1\r\n\r\n"
    assert parse_request(sent).fields.get(b"x-request-id") == b"1"
    assert sent.count(b"\r\n\r\n") == 1


def test_rfc9110_7_6_1_what_is_for_one_hop_stays() -> None:
    assert upstream_sees(
        b"GET / HTTP/1.1",
        b"Connection: close, X-Mine",
        b"Keep-Alive: 5",
        b"X-Mine: 1",
        b"Proxy-Authorization: Basic eDp5",
        b"Proxy-Connection: keep-alive",
        b"X-Other: 1",
    ) == [b"X-Other: 1"]


def test_rfc9110_7_6_3_via_is_appended_with_the_version_received() -> None:
    assert upstream_sees(b"GET / HTTP/1.0", b"Via: 1.1 other") == [b"Via: 1.1 other"]


def test_rfc9112_6_1_chunked_is_said_anew() -> None:
    assert upstream_sees(b"POST / HTTP/1.1", b"transfer-encoding: Chunked", b"Trailer: X") == [
        b"Trailer: X",
        b"Transfer-Encoding: chunked",
    ]


def test_a_length_goes_on() -> None:
    assert b"content-length: 5" in upstream_sees(b"POST / HTTP/1.1", b"content-length: 5")


def test_rfc9110_7_8_an_upgrade_is_not_offered_on() -> None:
    assert upstream_sees(
        b"POST / HTTP/1.1",
        b"Connection: Upgrade, HTTP2-Settings",
        b"Upgrade: h2c",
        b"HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA",
        b"Content-Length: 5",
    ) == [b"Content-Length: 5"]


def test_rfc6455_4_1_a_websocket_handshake_is() -> None:
    assert upstream_sees(
        b"GET /ws HTTP/1.1",
        b"Connection: keep-alive, Upgrade",
        b"Upgrade: h2c, WebSocket",
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        b"TE: trailers",
    ) == [b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", b"Connection: Upgrade", b"Upgrade: websocket"]


@pytest.mark.parametrize(
    ("version", "te", "sent"),
    [
        (b"1.1", b"trailers", True),
        (b"1.1", b"gzip;q=0.5, Trailers", True),
        (b"1.1", b"gzip", False),
        (b"1.0", b"trailers", False),
    ],
)
def test_rfc9110_10_1_4_of_te_only_trailers_goes_on(version: bytes, te: bytes, sent: bool) -> None:
    seen = upstream_sees(b"GET / HTTP/" + version, b"Connection: TE", b"TE: " + te)
    assert seen == ([b"Connection: TE", b"TE: trailers"] if sent else [])


def test_rfc9110_10_1_1_an_expectation_goes_on_but_not_from_http_1_0() -> None:
    fields = (b"Content-Length: 5", b"Expect: 100-continue")
    assert upstream_sees(b"POST / HTTP/1.1", *fields)[1:] == [b"Expect: 100-continue"]
    assert upstream_sees(b"POST / HTTP/1.0", *fields)[1:] == []


@pytest.mark.parametrize(
    ("method", "received", "sent"),
    [
        (b"OPTIONS", b"5", b"4"),
        (b"TRACE", b"1", b"0"),
        (b"TRACE", b"0", b"0"),
        (b"OPTIONS", b"many", b"many"),
        (b"GET", b"5", b"5"),
    ],
)
def test_rfc9110_7_6_2_max_forwards_is_counted_down(method: bytes, received: bytes, sent: bytes) -> None:
    assert upstream_sees(method + b" / HTTP/1.1", b"Max-Forwards: " + received) == [b"Max-Forwards: " + sent]


def test_what_strangers_claim_goes_in_every_spelling() -> None:
    assert upstream_sees(
        b"GET / HTTP/1.1",
        b"X-Forwarded-For: 10.6.6.6",
        b"X_Forwarded_For: 10.6.6.6",
        b"X-Forwarded-User: root",
        b"Remote_User: root",
        b"X-Original-URL: /admin",
        b"X-Request-Id: mine",
        b"Forwarded: for=10.6.6.6",
        b"Transfer_Encoding: chunked",
        b"Content_Length: 5",
        b"X-Rest: 1",
    ) == [b"X-Rest: 1"]


def test_what_a_trusted_proxy_claims_stays_in_its_own_spelling() -> None:
    assert upstream_sees(
        b"GET / HTTP/1.1",
        b"X-Forwarded-User: ann",
        b"X_Forwarded_User: root",
        b"X-Forwarded-For: 192.0.2.1",
        arrival=PROXY,
    ) == [b"X-Forwarded-User: ann"]


# ---- answers


def test_an_answer_goes_on() -> None:
    assert client_sees(
        b"HTTP/1.1 200 OK", b"date: today", b"Content-Length: 5", b"Set-Cookie: a=1", b"set-cookie: b=2", date=b"now"
    ) == [b"HTTP/1.1 200 OK", b"date: today", b"Content-Length: 5", b"Set-Cookie: a=1", b"set-cookie: b=2"]


def test_rfc9112_2_3_our_version_is_ours() -> None:
    assert client_sees(b"HTTP/1.0 404 Not Found", b"Content-Length: 0")[0] == b"HTTP/1.1 404 Not Found"


def test_rfc9112_4_the_space_before_an_empty_reason_is_sent() -> None:
    assert client_sees(b"HTTP/1.1 200", b"Content-Length: 0")[0] == b"HTTP/1.1 200 "


def test_rfc9110_7_6_1_what_is_for_one_hop_stays_here_too() -> None:
    assert client_sees(
        b"HTTP/1.1 200 OK",
        b"Connection: keep-alive, X-Mine",
        b"Keep-Alive: timeout=5",
        b"X-Mine: 1",
        b"Upgrade: h2c",
        b"Proxy-Authenticate: Basic",
        b"Content-Length: 5",
    ) == [b"HTTP/1.1 200 OK", b"Content-Length: 5"]


def test_rfc9110_6_6_1_a_missing_date_is_added() -> None:
    assert client_sees(b"HTTP/1.1 200 OK", b"Content-Length: 5", date=b"now")[-1] == b"Date: now"
    assert client_sees(b"HTTP/1.1 100 Continue", date=b"now") == [b"HTTP/1.1 100 Continue"]


@pytest.mark.parametrize(
    ("framing", "minor", "close", "said"),
    [
        (b"Content-Length: 5", 1, False, []),
        (b"Content-Length: 5", 1, True, [b"Connection: close"]),
        (b"Content-Length: 5", 0, False, [b"Connection: keep-alive"]),
        (b"Content-Length: 5", 0, True, [b"Connection: close"]),
        (b"Transfer-Encoding: chunked", 1, False, [b"Transfer-Encoding: chunked"]),
        (b"Transfer-Encoding: chunked", 1, True, [b"Transfer-Encoding: chunked", b"Connection: close"]),
        (b"Transfer-Encoding: chunked", 0, False, [b"Connection: close"]),
        (b"Connection: close", 1, False, [b"Connection: close"]),
        (b"Connection: close", 0, False, [b"Connection: close"]),
    ],
)
def test_rfc9112_9_3_framing_and_persistence(framing: bytes, minor: int, close: bool, said: list[bytes]) -> None:
    kept = [framing] if framing.startswith(b"Content") else []
    seen = client_sees(b"HTTP/1.1 200 OK", framing, minor=minor, close=close)
    assert seen == [b"HTTP/1.1 200 OK", *kept, *said]


def test_trailers_that_http_1_0_cannot_get_are_not_announced() -> None:
    lines = (b"HTTP/1.1 200 OK", b"Trailer: X", b"Transfer-Encoding: chunked")
    assert client_sees(*lines) == list(lines)
    assert client_sees(*lines, minor=0) == [b"HTTP/1.1 200 OK", b"Connection: close"]


@pytest.mark.parametrize("length", [b"0", b"5"])
def test_rfc9110_8_6_no_length_in_1xx_and_204(length: bytes) -> None:
    assert client_sees(b"HTTP/1.1 204 No Content", b"Content-Length: " + length) == [b"HTTP/1.1 204 No Content"]
    assert client_sees(b"HTTP/1.1 103 Early Hints", b"Link: x", b"Content-Length: " + length) == [
        b"HTTP/1.1 103 Early Hints",
        b"Link: x",
    ]


def test_rfc9110_8_6_answers_to_head_and_304_keep_their_length() -> None:
    assert client_sees(b"HTTP/1.1 200 OK", b"Content-Length: 5", method=b"HEAD")[1:] == [b"Content-Length: 5"]
    assert client_sees(b"HTTP/1.1 304 Not Modified", b"Content-Length: 5")[1:] == [b"Content-Length: 5"]
    assert client_sees(b"HTTP/1.1 200 OK", b"Transfer-Encoding: chunked", method=b"HEAD") == [b"HTTP/1.1 200 OK"]


def test_rfc9110_15_2_2_a_switch_to_websocket_goes_on() -> None:
    assert client_sees(
        b"HTTP/1.1 101 Switching Protocols",
        b"Upgrade: WebSocket",
        b"Connection: Upgrade",
        b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
    ) == [
        b"HTTP/1.1 101 Switching Protocols",
        b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
        b"Connection: Upgrade",
        b"Upgrade: WebSocket",
    ]


@pytest.mark.parametrize(
    ("protocols", "said"),
    [(b"websocket", True), (b"h2c, WebSocket", True), (b"TLS/1.0", False)],
)
def test_rfc9110_15_5_22_a_426_that_asks_for_websocket_goes_on(protocols: bytes, said: bool) -> None:
    lines = (b"HTTP/1.1 426 Upgrade Required", b"Upgrade: " + protocols, b"Content-Length: 0")
    expected = [b"Connection: Upgrade", b"Upgrade: websocket"] if said else []
    assert client_sees(*lines)[2:] == expected


# ---- properties: what we send is what we would accept


@given(PAIRS, CONNECTION, FRAMING, st.sampled_from([b"GET", b"POST", b"OPTIONS"]), st.booleans())
def test_what_goes_upstream_is_one_sound_request(
    pairs: list[Pair], connection: bytes, framing: Pair | None, method: bytes, trusted: bool
) -> None:
    framed = [*pairs, framing] if framing else pairs
    head = parse_request(
        wire(method + b" /x HTTP/1.1", b"Host: a.example", b"Connection: " + connection, *lines_of(framed))
    )
    sent = upstream_request(head, PROXY if trusted else STRANGER, HOST) + b"X-Request-Id: 1\r\n\r\n"
    again = parse_request(sent)
    assert (again.method, again.target, again.body, again.authority) == (method, b"/x", head.body, HOST)
    assert again.websocket == head.websocket
    assert again.persistent
    kept = [pair for pair in end_to_end(head.fields) if pair[0].lower() not in CLAIMS | {b"host"}]
    assert [pair for pair in end_to_end(again.fields) if pair in kept] == kept
    if not trusted:
        assert CLAIMS.isdisjoint(again.fields.combined)


@given(PAIRS, CONNECTION, FRAMING, st.sampled_from([200, 204, 206, 304, 404, 426, 500]), st.booleans(), st.booleans())
def test_what_goes_downstream_is_one_sound_answer(
    pairs: list[Pair], connection: bytes, framing: Pair | None, status: int, close: bool, old: bool
) -> None:
    framed = [*pairs, framing] if framing else pairs
    head = parse_response(wire(b"HTTP/1.1 %d Reason" % status, b"Connection: " + connection, *lines_of(framed)), b"GET")
    minor = 0 if old else 1
    again = parse_response(downstream_response(head, minor, close, b"now"), b"GET")
    assert (again.status, again.reason) == (status, b"Reason")
    assert again.body == (UNTIL_CLOSE if old and head.body == CHUNKED else head.body)
    assert again.persistent == (not close and again.body != UNTIL_CLOSE)
    dropped = {b"trailer", b"content-length"}
    kept = [pair for pair in end_to_end(head.fields) if pair[0].lower() not in dropped]
    assert [pair for pair in end_to_end(again.fields) if pair in kept] == kept
    assert again.fields.get_all(b"date") or Fields(kept).get_all(b"date")
