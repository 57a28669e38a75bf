"""One reading of a path, and a name for each way in which others might read it differently."""

from __future__ import annotations

from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webproxy.policy.path import (
    BACKSLASH,
    CONTROL,
    DOT_SEGMENTS,
    DOUBLE_ENCODING,
    EMPTY_SEGMENTS,
    ENCODED_SLASH,
    INVALID_ESCAPE,
    NOT_UTF8,
    NUL,
    RequestPath,
    read_path,
    read_path_anew,
    read_text,
)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"/", "/"),
        (b"*", "*"),
        (b"/api/chat", "/api/chat"),
        (b"/api/chat/", "/api/chat/"),
        (b"/.well-known/acme", "/.well-known/acme"),
        (b"/a..b/...", "/a..b/..."),
        (b"/%61pi/ch%61t", "/api/chat"),
        (b"/a%20b%2Bc+d", "/a b+c+d"),
        (b"/caf%C3%A9", "/caf\xe9"),
        (b"/a;v=1/b,c", "/a;v=1/b,c"),
        (b"/100%25", "/100%"),
    ],
)
def test_plain_paths_are_decoded_once(raw: bytes, text: str) -> None:
    assert read_path(raw) == RequestPath(text, frozenset())


@pytest.mark.parametrize(
    ("raw", "text", "oddities"),
    [
        (b"//api///chat", "/api/chat", {EMPTY_SEGMENTS}),
        (b"//", "/", {EMPTY_SEGMENTS}),
        (b"/a//", "/a/", {EMPTY_SEGMENTS}),
        (b"/a/./b", "/a/b", {DOT_SEGMENTS}),
        (b"/a/../b", "/b", {DOT_SEGMENTS}),
        (b"/../../b", "/b", {DOT_SEGMENTS}),
        (b"/a/b/..", "/a/", {DOT_SEGMENTS}),
        (b"/a/.", "/a/", {DOT_SEGMENTS}),
        (b"/a/..", "/", {DOT_SEGMENTS}),
        (b"/a/%2e%2E/b", "/b", {DOT_SEGMENTS}),
        (b"/a/.%2e/b", "/b", {DOT_SEGMENTS}),
        (b"/api%2Fchat", "/api/chat", {ENCODED_SLASH}),
        (b"/api%2fchat", "/api/chat", {ENCODED_SLASH}),
        (b"/a%2F..%2Fb", "/b", {ENCODED_SLASH, DOT_SEGMENTS}),
        (b"/a/%2Fb", "/a/b", {ENCODED_SLASH, EMPTY_SEGMENTS}),
        (b"/api%5cchat", "/api\\chat", {BACKSLASH}),
        (b"/api\\chat", "/api\\chat", {BACKSLASH}),
        (b"/a%00b", "/a\0b", {NUL}),
        (b"/a%0ab%7F", "/a\nb\x7f", {CONTROL}),
        (b"/a%zz%4", "/a%zz%4", {INVALID_ESCAPE}),
        (b"/%", "/%", {INVALID_ESCAPE}),
        (b"/%2561pi", "/%61pi", {DOUBLE_ENCODING}),
        (b"/%252e%252e/a", "/%2e%2e/a", {DOUBLE_ENCODING}),
        (b"/%%32%65", "/%2e", {INVALID_ESCAPE, DOUBLE_ENCODING}),
        (b"/a%ff", "/a\ufffd", {NOT_UTF8}),
        (b"/a%c0%afb", "/a\ufffd\ufffdb", {NOT_UTF8}),
        (b"/a\xe9", "/a\ufffd", {NOT_UTF8}),
    ],
)
def test_odd_paths_are_named(raw: bytes, text: str, oddities: set[str]) -> None:
    assert read_path(raw) == RequestPath(text, frozenset(oddities))


def test_long_paths_are_read_and_not_remembered() -> None:
    raw = b"/" + b"a/../" * 3000 + b"b"
    assert read_path(raw) == RequestPath("/b", frozenset({DOT_SEGMENTS}))


@given(st.lists(st.text(min_size=1).filter(lambda segment: segment not in {".", ".."}), min_size=1, max_size=5))
def test_what_is_quoted_is_read_back(segments: list[str]) -> None:
    try:
        raw = "".join("/" + quote(segment, safe="") for segment in segments).encode()
    except UnicodeEncodeError:  # lone surrogates cannot be quoted
        return
    path = read_path(raw)
    expected = "/" + "/".join(part for segment in segments for part in segment.split("/"))
    if path.oddities <= {DOUBLE_ENCODING, BACKSLASH, NUL, CONTROL}:
        assert path.text == expected
    assert (ENCODED_SLASH in path.oddities) == any("/" in segment for segment in segments)


@given(st.binary(max_size=60).map(lambda data: b"/" + data.replace(b"?", b"")))
def test_every_path_begins_at_the_root_and_stays_below_it(raw: bytes) -> None:
    path = read_path(raw)
    assert path.text.startswith("/")
    assert "//" not in path.text
    assert not {".", ".."} & set(path.text.split("/"))
    if not path.oddities:
        assert unquote(raw.decode()) == path.text


@given(
    st.lists(
        st.sampled_from(["/", ".", "..", "//", "api", "%2e", "%2F", "%", "\\", "*", "~a", " ", "\x7f", "\xe9", "?"])
    )
)
def test_the_text_alone_is_the_same(parts: list[str]) -> None:
    raw = "".join(parts).encode("latin-1")
    assert read_text(raw) == read_path_anew(raw).text
