"""Head blocks: what passes is exactly what was said; what is malformed does not pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.message.malformed import ANSWER_HEADS, REQUEST_HEADS
from webproxy.errors import ClientProtocolError, UpstreamProtocolError
from webproxy.message.fields import Fields
from webproxy.message.framing import CHUNKED, UNTIL_CLOSE
from webproxy.message.head import RequestHead, ResponseHead
from webproxy.message.parser import parse_request, parse_response

if TYPE_CHECKING:
    from tests.message.malformed_row import Row


def head_of(message: bytes) -> bytes:
    """The head block of a message, as the channel cuts it out."""
    return message[: message.index(b"\r\n\r\n") + 4]


def request(*lines: bytes, start: bytes = b"GET / HTTP/1.1") -> RequestHead:
    return parse_request(b"\r\n".join((start, b"Host: a.example", *lines, b"", b"")))


def response(*lines: bytes, start: bytes = b"HTTP/1.1 200 OK", method: bytes = b"GET") -> ResponseHead:
    return parse_response(b"\r\n".join((start, *lines, b"", b"")), method)


# ---- refused


@pytest.mark.parametrize("row", REQUEST_HEADS, ids=lambda row: row.label)
def test_a_malformed_request_is_refused(row: Row) -> None:
    with pytest.raises(ClientProtocolError) as caught:
        parse_request(head_of(row.data))
    assert caught.value.status == row.status
    assert caught.value.detail


@pytest.mark.parametrize("row", ANSWER_HEADS, ids=lambda row: row.label)
def test_a_malformed_answer_is_refused(row: Row) -> None:
    with pytest.raises(UpstreamProtocolError) as caught:
        parse_response(head_of(row.data), b"GET")
    assert caught.value.status == row.status
    assert caught.value.detail


def test_the_tables_are_as_large_as_promised_and_repeat_nothing() -> None:
    assert len(REQUEST_HEADS) + len(ANSWER_HEADS) >= 200
    for table in (REQUEST_HEADS, ANSWER_HEADS):
        assert len({row.label for row in table}) == len({row.data for row in table}) == len(table)


@pytest.mark.parametrize(
    "block",
    [
        b"",
        b"\r\n\r\n",
        b"GET / HTTP/1.0\r\nX: 1\r\n",
        b"GET / HTTP/1.0\r\n\r\nGET / HTTP/1.0\r\n\r\n",
        b"POST / HTTP/1.0\r\nContent-Length: 4\r\n\r\n\r\n\r\n",
        b"\r\nGET / HTTP/1.0\r\n\r\n",
    ],
)
def test_what_is_not_exactly_one_head_is_refused(block: bytes) -> None:
    with pytest.raises(ClientProtocolError) as caught:
        parse_request(block)
    assert caught.value.status == 400


@pytest.mark.parametrize(
    "block",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nX: 1\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 19\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
        b"\r\nHTTP/1.1 200 OK\r\n\r\n",
    ],
)
def test_what_is_not_exactly_one_answers_head_is_refused(block: bytes) -> None:
    with pytest.raises(UpstreamProtocolError):
        parse_response(block, b"GET")


# ---- requests that pass


def test_a_browsers_request() -> None:
    head = request(b"Connection: keep-alive", b"Accept:text/html", b"Cookie:  a=b; c", start=b"GET /x?y=%20 HTTP/1.1")
    own = [(b"Connection", b"keep-alive"), (b"Accept", b"text/html"), (b"Cookie", b"a=b; c")]
    fields = Fields([(b"Host", b"a.example"), *own])
    assert head == RequestHead(b"GET", b"/x?y=%20", b"a.example", 1, fields, 0, True, False, False)


def test_rfc9112_5_1_whitespace_around_a_value_is_no_part_of_it() -> None:
    head = request(b"A: 1 ", b"B:\t2\t", b"C: ", b"D:", b"Content-Length:  5 ")
    assert [value for _, value in head.fields][1:] == [b"1", b"2", b"", b"", b"5"]
    assert head.body == 5
    answer = response(b"A: 1 ", b"Transfer-Encoding: chunked ")
    assert answer.fields.get(b"a") == b"1"
    assert answer.body == CHUNKED


def test_repeated_fields_are_kept() -> None:
    assert request(b"X: 1", b"x: 2").fields.get_all(b"x") == [b"1", b"2"]
    assert response(b"Set-Cookie: a=1", b"Set-Cookie: b=2").fields.get_all(b"set-cookie") == [b"a=1", b"b=2"]


@pytest.mark.parametrize("method", [b"GET", b"HEAD", b"POST", b"PUT", b"DELETE", b"PATCH", b"TRACE", b"PROPFIND"])
def test_rfc9110_9_known_methods_pass(method: bytes) -> None:
    assert request(start=method + b" / HTTP/1.1").method == method


@pytest.mark.parametrize(
    "target", [b"//x", b"/a|b^c", b"/[1]{2}", b'/"<>`\\', b"/%", b"/%zz", b"/?a=http://b/?c", b"/*"]
)
def test_targets_that_browsers_send_pass_as_they_are(target: bytes) -> None:
    assert request(start=b"GET " + target + b" HTTP/1.1").target == target


def test_rfc9112_3_2_2_the_authority_of_absolute_form_replaces_host() -> None:
    head = request(start=b"GET http://b.example:81/x HTTP/1.1")
    assert (head.authority, head.target) == (b"b.example:81", b"/x")
    assert head.fields.get(b"host") == b"a.example"


def test_rfc9112_3_2_2_absolute_form_in_http_1_0_needs_no_host() -> None:
    head = parse_request(b"GET http://b.example/ HTTP/1.0\r\n\r\n")
    assert (head.authority, head.target, head.minor) == (b"b.example", b"/", 0)


def test_rfc9112_3_2_4_asterisk_form_keeps_its_host() -> None:
    head = request(start=b"OPTIONS * HTTP/1.1")
    assert (head.authority, head.target) == (b"a.example", b"*")


def test_rfc9112_3_2_http_1_0_needs_no_host() -> None:
    head = parse_request(b"GET / HTTP/1.0\r\n\r\n")
    assert (head.authority, head.minor, head.persistent) == (b"", 0, False)


def test_rfc9110_5_5_obs_text_in_a_value_passes_as_it_is() -> None:
    assert request("X: \u00e4\u20ac".encode()).fields.get(b"x") == "\u00e4\u20ac".encode()


def test_200_fields_pass() -> None:
    assert len(request(*[b"X-%d: 1" % number for number in range(199)]).fields) == 200
    assert len(response(*[b"X-%d: 1" % number for number in range(200)]).fields) == 200


def test_heads_and_targets_up_to_their_limits_pass() -> None:
    empty = len(b"GET / HTTP/1.1\r\nHost: a.example\r\nX: \r\n\r\n")
    assert len(request(b"X: " + b"x" * (65536 - empty)).fields) == 2
    empty = len(b"HTTP/1.1 200 OK\r\nX: \r\n\r\n")
    assert len(response(b"X: " + b"x" * (65536 - empty)).fields) == 1
    target = b"/" + b"x" * 16383
    assert request(start=b"GET " + target + b" HTTP/1.1").target == target


def test_rfc9110_7_8_an_upgrade_to_anything_else_is_an_ordinary_request_with_its_body() -> None:
    h2c = (b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA")
    sized = request(*h2c, b"Content-Length: 5", start=b"POST / HTTP/1.1")
    assert (sized.body, sized.websocket) == (5, False)
    chunked = request(*h2c, b"Transfer-Encoding: chunked", start=b"POST / HTTP/1.1")
    assert (chunked.body, chunked.websocket) == (CHUNKED, False)


def test_rfc6455_4_2_1_a_websocket_handshake() -> None:
    assert request(b"Connection: Upgrade", b"Upgrade: websocket").websocket is True


def test_rfc9110_10_1_1_expect_100_continue() -> None:
    assert request(b"Expect: 100-Continue", b"Content-Length: 5").expects_continue
    assert not request(b"Expect: 100-continue").expects_continue  # nothing to hold back
    assert not request(b"Expect: 100-continue", b"Content-Length: 0").expects_continue
    assert not request(b"Expect: x", b"Content-Length: 5").expects_continue
    old = b"POST / HTTP/1.0"
    assert not request(b"Expect: 100-continue", b"Content-Length: 5", start=old).expects_continue


def test_rfc9110_7_6_1_connection_may_name_what_is_not_essential() -> None:
    assert request(b"Connection: X-Mine, close", b"X-Mine: 1").persistent is False
    assert response(b"Connection: X-Mine", b"X-Mine: 1").persistent is False  # until close


# ---- answers that pass


def test_an_ordinary_answer() -> None:
    head = response(b"date: today", b"Content-Length: 3")
    assert head == ResponseHead(200, b"OK", 1, Fields([(b"date", b"today"), (b"Content-Length", b"3")]), 3, True)


@pytest.mark.parametrize(
    ("start", "status", "reason", "minor"),
    [
        (b"HTTP/1.0 404 Not Found", 404, b"Not Found", 0),
        (b"HTTP/1.1 200 ", 200, b"", 1),
        (b"HTTP/1.1 200", 200, b"", 1),
        (b"HTTP/1.1 599 \xfcber", 599, b"\xfcber", 1),
        (b"HTTP/1.1 200 " + b"long " * 20, 200, b"long " * 20, 1),
    ],
)
def test_rfc9112_4_status_lines(start: bytes, status: int, reason: bytes, minor: int) -> None:
    head = response(b"Content-Length: 0", start=start)
    assert (head.status, head.reason, head.minor) == (status, reason, minor)


def test_rfc9112_9_3_persistence_of_an_answer() -> None:
    assert response(b"Content-Length: 3").persistent
    assert response(b"Transfer-Encoding: chunked").persistent
    assert not response(b"Content-Length: 3", b"Connection: close").persistent
    assert not response(b"Content-Length: 3", start=b"HTTP/1.0 200 OK").persistent
    assert response(b"Content-Length: 3", b"Connection: keep-alive", start=b"HTTP/1.0 200 OK").persistent


def test_rfc9112_6_3_rule_8_an_until_close_body_ends_persistence() -> None:
    head = response(b"X: 1")
    assert (head.body, head.persistent) == (UNTIL_CLOSE, False)


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        (b"X: 1", True),
        (b"Content-Length: 0", True),
        (b"Content-Length: 5", False),
        (b"Transfer-Encoding: chunked", False),
    ],
)
def test_rfc9110_8_6_a_204_that_announces_a_body_has_none_but_ends_persistence(line: bytes, kept: bool) -> None:
    head = response(line, start=b"HTTP/1.1 204 No Content")
    assert (head.body, head.persistent) == (0, kept)


def test_answers_to_head_keep_their_length_as_a_field() -> None:
    head = response(b"Content-Length: 5", method=b"HEAD")
    assert (head.body, head.persistent, head.fields.get(b"content-length")) == (0, True, b"5")


def test_rfc9110_15_2_2_a_101_to_websocket() -> None:
    head = response(b"Connection: Upgrade", b"Upgrade: WebSocket", start=b"HTTP/1.1 101 Switching Protocols")
    assert (head.status, head.body) == (101, 0)


# ---- properties

TOKEN = st.text("abcXYZ019!#$%&'*+-.^_`|~", min_size=1, max_size=8).map(str.encode)
NAME = TOKEN.map(lambda token: b"X-" + token)
VALUE = st.text(st.characters(codec="latin-1", min_codepoint=0x20, blacklist_characters="\x7f"), max_size=20).map(
    lambda text: text.encode("latin-1").strip(b" \t")
)
PAIRS = st.lists(st.tuples(NAME, VALUE), max_size=10)
SPACE = st.sampled_from((b"", b" ", b"\t", b"  \t"))


@given(PAIRS, SPACE, SPACE)
def test_a_sound_head_passes_unchanged(pairs: list[tuple[bytes, bytes]], before: bytes, behind: bytes) -> None:
    lines = [name + b":" + before + value + behind for name, value in pairs]
    assert request(*lines).fields.pairs == ((b"Host", b"a.example"), *pairs)
    assert response(*lines).fields.pairs == tuple(pairs)


@given(
    st.sampled_from([row.data for row in REQUEST_HEADS if len(row.data) < 500]),
    st.sampled_from([row.data for row in REQUEST_HEADS if len(row.data) < 500]),
    st.integers(0, 400),
    st.integers(0, 400),
    st.binary(max_size=3) | st.sampled_from((b"\r", b"\n", b"\r\n", b" ", b"\t", b":", b",", b"\0", b"\x0b", b"\x80")),
)
def test_whatever_passes_is_sound(one: bytes, other: bytes, at: int, end: int, noise: bytes) -> None:
    """An independent reading, by the letter of the grammar, of heads made of malformed ones."""
    message = one[:at] + noise + other[end:]
    if b"\r\n\r\n" not in message:
        message += b"\r\n\r\n"
    block = head_of(message)
    try:
        head = parse_request(block)
    except ClientProtocolError:
        return
    start, *lines = block[:-4].split(b"\r\n")
    method, target, version = start.split(b" ")
    assert (method, version) == (head.method, b"HTTP/1.%d" % head.minor)
    assert target == head.target or target.lower().startswith((b"http://", b"https://"))
    assert all(0x20 < byte < 0x7F for byte in target)
    pairs = [(name, value.strip(b" \t")) for name, _, value in (line.partition(b":") for line in lines)]
    assert head.fields.pairs == tuple(pairs)
    assert all(name and not set(name) & set(b' \t()<>@,;:\\"/[]?={}') for name, _ in pairs)
    assert not any(byte < 0x20 and byte != 9 for byte in b"".join(lines))
    framing = [
        (name.lower(), value) for name, value in pairs if name.lower() in {b"content-length", b"transfer-encoding"}
    ]
    assert len(framing) < 2
    assert framing in ([], [(b"content-length", b"%d" % head.body)], [(b"transfer-encoding", b"chunked")])
