"""Plain heads: both scanners say the same, and take nothing that the strict reader would not take as well."""

from __future__ import annotations

import sys
from importlib.util import find_spec, module_from_spec

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webproxy.message import parser
from webproxy.message.fields import Fields
from webproxy.message.scan import COMPILED, MOST, NAMES, PlainScanner, Scanned, ScannedRequest, Scanner, scanner

DROPPED = frozenset((b"host", b"connection", b"x-dropped"))
MARKED = frozenset((b"connection", b"content-length", b"x-marked"))


def scanners() -> list[Scanner]:
    compiled = scanner(DROPPED, MARKED)
    return [PlainScanner(NAMES, DROPPED, MARKED), *([compiled] if compiled is not None else [])]


SCANNERS = scanners()


def scanned(block: bytes, at: int = 0) -> Scanned | None:
    """What every scanner says; all must say the same."""
    first, *others = [each.scan(block, at) for each in SCANNERS]
    assert all(other == first for other in others), (block, first, others)
    if first is not None:
        assert all(list(other[0]) == list(first[0]) for other in others if other is not None)  # the order, too
    return first


def asked(block: bytes) -> ScannedRequest | None:
    """What every scanner says of a request; all must say the same."""
    first, *others = [each.request(block) for each in SCANNERS]
    assert all(other == first for other in others), (block, first, others)
    return first


def test_there_is_a_compiled_one_or_none() -> None:
    assert (scanner(DROPPED) is not None) is COMPILED


def test_where_nothing_was_compiled_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "webproxy.message._scan", None)
    spec = find_spec("webproxy.message.scan")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    assert (module.COMPILED, module.scanner(DROPPED)) == (False, None)


def test_lines_are_split_and_sorted_out() -> None:
    block = b"GET / HTTP/1.1\r\nHost: a\r\nACCEPT: */*\r\nX-Dropped: 1\r\nx-other:  2 \t3\r\n\r\n"
    assert scanned(block, 16) is None  # two spaces are not plain
    block = block.replace(b":  2", b": 2")
    assert scanned(block, 16) == (
        {b"host": b"a", b"accept": b"*/*", b"x-dropped": b"1", b"x-other": b"2 \t3"},
        b"ACCEPT: */*\r\nx-other: 2 \t3\r\n",
        0,
    )


def test_marked_names_are_mentioned() -> None:
    assert scanned(b"X-Marked: 1\r\n\r\n") == ({b"x-marked": b"1"}, b"X-Marked: 1\r\n", 1)
    assert scanned(b"CONNECTION: close\r\n\r\n") == ({b"connection": b"close"}, b"", 1)
    assert scanned(b"\r\n") == ({}, b"", 0)


@pytest.mark.parametrize(
    "lines",
    [
        b"",
        b"\r",
        b"\n",
        b"A: 1\r\n",
        b"A: 1\r\n\r",
        b"A: 1\n\r\n",
        b"A: 1\r\n\r\n\r\n",
        b"A: 1\r\n\r\nx",
        b"A:1\r\n\r\n",
        b"A:\t1\r\n\r\n",
        b"A:\r\n\r\n",
        b"A: \r\n\r\n",
        b"A:  1\r\n\r\n",
        b"A: 1 \r\n\r\n",
        b"A: 1\t\r\n\r\n",
        b"A : 1\r\n\r\n",
        b" A: 1\r\n\r\n",
        b": 1\r\n\r\n",
        b"A: 1\r\n b\r\n\r\n",
        b"A: 1\r2\r\n\r\n",
        b"A: 1\0\r\n\r\n",
        b"A: \x7f\r\n\r\n",
        b"A\x80: 1\r\n\r\n",
        b"A(: 1\r\n\r\n",
        b"A: 1\r\na: 2\r\n\r\n",
    ],
)
def test_what_is_not_plain_is_left_to_the_strict_reader(lines: bytes) -> None:
    assert scanned(lines) is None


@pytest.mark.parametrize(("count", "plain"), [(MOST, True), (MOST + 1, False)])
def test_a_head_of_many_fields(count: int, plain: bool) -> None:
    block = b"".join(b"X-%d: 1\r\n" % number for number in range(count)) + b"\r\n"
    assert (scanned(block) is not None) is plain


@pytest.mark.parametrize("length", [1, 63, 64, 255, 256, 5000])
def test_a_long_name_is_a_name(length: int) -> None:
    assert scanned(b"X" * length + b": 1\r\n\r\n") == ({b"x" * length: b"1"}, b"X" * length + b": 1\r\n", 0)


@pytest.mark.parametrize("method", [b"GET", b"HEAD", b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS"])
def test_a_plain_request(method: bytes) -> None:
    block = method + b' /a?b=%22&c=["] HTTP/1.1\r\nHost: a\r\nX-Marked: 1\r\n\r\n'
    fields = ({b"host": b"a", b"x-marked": b"1"}, b"X-Marked: 1\r\n", 1)
    assert asked(block) == (method, b'/a?b=%22&c=["]', *fields)
    assert asked(block[:-1]) is None
    assert asked(block.replace(b": 1", b":1")) is None


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"GET",
        b"GET ",
        b"GET /",
        b"GET / HTTP/1.1",
        b"GET / HTTP/1.1\r",
        b"GET  / HTTP/1.1\r\n",
        b"GET /  HTTP/1.1\r\n",
        b"GET\t/ HTTP/1.1\r\n",
        b" GET / HTTP/1.1\r\n",
        b"\r\nGET / HTTP/1.1\r\n",
        b"GET / HTTP/1.1 \r\n",
        b"GET / HTTP/1.1\n",
        b"GET / HTTP/1.0\r\n",
        b"GET / HTTP/2.0\r\n",
        b"GET / http/1.1\r\n",
        b"GET /\r\n",
        b"get / HTTP/1.1\r\n",
        b"GETS / HTTP/1.1\r\n",
        b"TRACE / HTTP/1.1\r\n",
        b"CONNECT a:1 HTTP/1.1\r\n",
        b"GET http://a/ HTTP/1.1\r\n",
        b"OPTIONS * HTTP/1.1\r\n",
        b"GET  HTTP/1.1\r\n",
        b"GET a HTTP/1.1\r\n",
        b"GET /#a HTTP/1.1\r\n",
        b"GET /a b HTTP/1.1\r\n",
        b"GET /\0 HTTP/1.1\r\n",
        b"GET /\x7f HTTP/1.1\r\n",
        b"GET /\xe4 HTTP/1.1\r\n",
    ],
)
def test_a_request_line_that_is_not_plain_is_left_to_the_strict_reader(line: bytes) -> None:
    assert asked(line + b"Host: a\r\n\r\n") is None
    assert asked(line) is None


@pytest.mark.parametrize(("length", "plain"), [(parser.TARGET_LIMIT, True), (parser.TARGET_LIMIT + 1, False)])
def test_a_long_target(length: int, plain: bool) -> None:
    block = b"GET /" + b"a" * (length - 1) + b" HTTP/1.1\r\nHost: a\r\n\r\n"
    assert (asked(block) is not None) is plain


@pytest.mark.skipif(not COMPILED, reason="nothing was compiled here; PlainScanner is what is meant")
def test_misuse_of_the_compiled_one_is_an_exception() -> None:
    from webproxy.message import _scan

    made = _scan.Scanner(NAMES, DROPPED, MARKED)
    for at in (-1, 3):
        with pytest.raises(IndexError):
            made.scan(b"\r\n", at)
    with pytest.raises(TypeError):
        made.scan("\r\n", 0)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        made.request("GET / HTTP/1.1\r\n\r\n")  # type: ignore[arg-type]
    for names in ([b""], [b"x" * 64], [b"x%d" % number for number in range(300)]):
        with pytest.raises(ValueError, match="name"):
            _scan.Scanner(names, DROPPED, MARKED)
    with pytest.raises(TypeError):
        _scan.Scanner(["x"], DROPPED, MARKED)  # type: ignore[list-item]
    with pytest.raises(TypeError):
        _scan.Scanner([b"x"], 1, MARKED)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        _scan.Scanner(1, DROPPED, MARKED)  # type: ignore[arg-type]


PIECES = st.sampled_from(
    [b"\r\n", b": ", b":", b" ", b"\t", b"\r", b"\n", b"a", b"Host", b"host", b"Connection", b"X-Marked", b"1", b"\0",
     b"\x7f", b"\x80", b"\xff", b"(", b"~", b"Content-Length: 3\r\n", b"Accept: */*\r\n", b"X-Dropped: y\r\n"]
)  # fmt: skip
SOUP = st.lists(PIECES, max_size=24).map(b"".join)
TOKEN = st.text("abcXYZ09-_.!~", min_size=1, max_size=70).map(str.encode)
VALUE = st.text('abc \t;=,"\\\u00e4\u00ff', max_size=20).map(lambda text: text.strip(" \t").encode("latin-1"))


@given(SOUP | st.binary(max_size=64), st.booleans())
def test_both_say_the_same_of_anything(block: bytes, ended: bool) -> None:
    scanned(block + b"\r\n\r\n" * ended)


WORDS = st.sampled_from(
    [b"GET", b"OPTIONS", b"CONNECT", b" ", b"/", b"a", b"#", b"*", b"\xe4", b"HTTP/1.1", b"HTTP/1.0", b"\r\n"]
)


@given(st.lists(WORDS, max_size=10).map(b"".join) | st.binary(max_size=24), SOUP)
def test_whatever_request_is_taken_is_what_the_strict_reader_takes(line: bytes, soup: bytes) -> None:
    for block in (line + soup, line + b"\r\nHost: a\r\n" + soup + b"\r\n\r\n"):
        found = asked(block)
        if found is not None:
            assert parser._request_line(block) == (found[0], found[1], 1)
            assert Fields(parser._request_pairs(block)).combined == found[2]


@given(st.lists(st.tuples(TOKEN, VALUE), max_size=12))
def test_what_is_taken_is_what_the_strict_reader_takes(pairs: list[tuple[bytes, bytes]]) -> None:
    head = b"GET / HTTP/1.1\r\n"
    block = head + b"".join(b"%b: %b\r\n" % pair for pair in pairs) + b"\r\n"
    found = scanned(block, len(head))
    assert (found is not None) is (all(value for _, value in pairs) and not Fields(pairs).repeats)
    if found is not None:
        strict, plain = Fields(parser._request_pairs(block)), Fields.plain(block, found[0], found[1])
        assert (plain.pairs, plain.combined, plain.repeats) == (strict.pairs, strict.combined, False)


@given(SOUP)
def test_whatever_is_taken_is_sound(soup: bytes) -> None:
    block = b"GET / HTTP/1.1\r\n" + soup + b"\r\n\r\n"
    if block.index(b"\r\n\r\n") + 4 == len(block) and scanned(block, 16) is not None:
        parser._request_pairs(block)
