"""RFC 9112 §7.1: where a chunked body ends, however it is cut into reads."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.message.malformed import CHUNKED_BODIES
from webproxy.message.chunked import FORBIDDEN, LINE_LIMIT, TRAILER_LIMIT, ChunkError, ChunkScanner

BODY = b"5\r\nhello\r\n0\r\n\r\n"


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    """``data`` cut into reads."""
    marks = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[start:end] for start, end in itertools.pairwise(marks)]


def scanned(reads: list[bytes]) -> tuple[int, bool]:
    scanner = ChunkScanner()
    return sum(scanner.scan(read) for read in reads), scanner.done


def decoded(reads: list[bytes]) -> tuple[bytes, int, bool]:
    scanner = ChunkScanner()
    results = [scanner.decode(read) for read in reads]
    return b"".join(content for content, _ in results), sum(taken for _, taken in results), scanner.done


# ---- what passes


def test_one_read() -> None:
    assert scanned([BODY]) == (len(BODY), True)
    assert decoded([BODY]) == (b"hello", len(BODY), True)


def test_what_follows_the_body_is_left() -> None:
    assert scanned([BODY + b"GET / HTTP/1.1\r\n"]) == (len(BODY), True)
    assert decoded([BODY + b"\r\n"]) == (b"hello", len(BODY), True)


def test_after_its_end_nothing_is_taken() -> None:
    scanner = ChunkScanner()
    scanner.scan(BODY)
    assert scanner.scan(b"more") == 0
    assert scanner.decode(b"more") == (b"", 0)


def test_an_empty_body() -> None:
    assert decoded([b"0\r\n\r\n"]) == (b"", 5, True)


def test_nothing_is_nothing() -> None:
    assert scanned([b"", BODY, b""]) == (len(BODY), True)


def test_every_cut_into_two() -> None:
    body = b"a;x=y\r\n0123456789\r\n5\r\nhello\r\n00\r\nX: 1\r\n\r\n"
    for cut in range(len(body) + 1):
        assert scanned([body[:cut], body[cut:] + b"rest"]) == (len(body), True)
        assert decoded([body[:cut], body[cut:] + b"rest"]) == (b"0123456789hello", len(body), True)


def test_byte_by_byte() -> None:
    assert decoded([bytes((byte,)) for byte in BODY]) == (b"hello", len(BODY), True)


def test_a_large_chunk_over_many_reads() -> None:
    body = b"10000\r\n" + b"x" * 65536 + b"\r\n0\r\n\r\n"
    reads = [body[at : at + 4096] for at in range(0, len(body), 4096)]
    assert scanned(reads) == (len(body), True)
    assert decoded(reads) == (b"x" * 65536, len(body), True)


@pytest.mark.parametrize("size", [b"a", b"A", b"0a", b"00000000000000a"])
def test_sizes_are_hexadecimal_in_either_case_with_leading_zeros(size: bytes) -> None:
    assert decoded([size + b"\r\n0123456789\r\n0\r\n\r\n"])[0] == b"0123456789"


@pytest.mark.parametrize(
    "extension", [b";a", b";a=b", b';a="b c"', b';a="\\"\\\\"', b";a=b;c", b';a="";b', b';a="\xe4"']
)
def test_rfc9112_7_1_1_extensions_pass(extension: bytes) -> None:
    body = b"5" + extension + b"\r\nhello\r\n0" + extension + b"\r\n\r\n"
    assert decoded([body]) == (b"hello", len(body), True)


def test_rfc9112_7_1_2_trailers_pass_and_are_no_content() -> None:
    body = b"5\r\nhello\r\n0\r\nX-Checksum: abc\r\nServer-Timing:\tdb;dur=1 \r\nX-Empty:\r\n\r\n"
    assert decoded([body]) == (b"hello", len(body), True)


def test_lines_up_to_their_limits_pass() -> None:
    line = b"0;" + b"a" * (LINE_LIMIT - 2)
    trailer = b"X: " + b"x" * (TRAILER_LIMIT - 5)
    body = line + b"\r\n" + trailer + b"\r\n\r\n"
    assert scanned([body]) == (len(body), True)
    assert scanned([body[:4097], body[4097:4098], body[4098:20000], body[20000:]]) == (len(body), True)


# ---- what does not


@pytest.mark.parametrize("body", CHUNKED_BODIES.values(), ids=CHUNKED_BODIES.keys())
def test_a_malformed_body_is_refused_however_it_is_cut(body: bytes) -> None:
    cuts = [[body], [body[:1], body[1:]], [bytes((byte,)) for byte in body]]
    for reads in cuts:
        with pytest.raises(ChunkError):
            scanned(reads)
        with pytest.raises(ChunkError):
            decoded(reads)


@pytest.mark.parametrize("name", sorted(FORBIDDEN))
def test_rfc9110_6_5_1_fields_that_must_not_be_trailers(name: bytes) -> None:
    with pytest.raises(ChunkError, match="trailer"):
        scanned([b"0\r\n" + name.title() + b": 1\r\n\r\n"])


@pytest.mark.parametrize(
    "read", [b"5\n", b"5;a\nb", b"5\rx", b"5;\x00", b"0\r\nX: \n", b"0\r\nX: 1\r\n\n", b"0\r\nX\x0b", b"5\r\nhello\n"]
)
def test_no_part_of_a_line_leaves_with_a_stray_line_end(read: bytes) -> None:
    """What follows might make it a line for somebody who takes LF for a line end."""
    with pytest.raises(ChunkError):
        scanned([read])


@pytest.mark.parametrize("end", [b"XY", b"X\n", b"\rX"])
def test_a_chunks_end_is_checked_where_a_read_ends(end: bytes) -> None:
    with pytest.raises(ChunkError, match="longer"):
        scanned([b"5\r\nhello" + end])
    with pytest.raises(ChunkError, match="longer"):
        scanned([b"5\r\nhello", end])


def test_a_carriage_return_is_held_to_its_line_feed() -> None:
    scanner = ChunkScanner()
    assert scanner.scan(b"5\r") == 2
    with pytest.raises(ChunkError, match="bare CR"):
        scanner.scan(b"5")


def test_a_line_without_end_is_refused_at_its_limit() -> None:
    assert scanned([b"0"] * 4097) == (4097, False)
    with pytest.raises(ChunkError, match="limit"):
        scanned([b"0"] * 4098)
    assert scanned([b"0\r\n", *[b"X"] * 16385]) == (16388, False)
    with pytest.raises(ChunkError, match="limit"):
        scanned([b"0\r\n", *[b"X"] * 16386])


def test_its_state_is_readable() -> None:
    scanner = ChunkScanner()
    scanner.scan(b"5\r\nhel")
    assert repr(scanner) == "<ChunkScanner left=4 line=b'' trailers=-1 done=False>"


# ---- properties

EXTENSIONS = st.sampled_from((b"", b"", b"", b";a", b";a=b", b';a="b;c"'))
CHUNKS = st.lists(st.tuples(st.binary(min_size=1, max_size=40), EXTENSIONS), max_size=6)
TRAILERS = st.lists(st.sampled_from((b"X: 1\r\n", b"X-Checksum: a b\r\n", b"Server-Timing:x\r\n")), max_size=3)
CUTS = st.lists(st.integers(0, 400), max_size=12)


@given(CHUNKS, TRAILERS, CUTS, st.binary(max_size=10))
def test_however_it_is_cut_the_content_is_the_same(
    chunks: list[tuple[bytes, bytes]], trailers: list[bytes], cuts: list[int], behind: bytes
) -> None:
    sent = b"".join(b"%x%b\r\n%b\r\n" % (len(chunk), extension, chunk) for chunk, extension in chunks)
    body = sent + b"0\r\n" + b"".join(trailers) + b"\r\n"
    reads = pieces(body + behind, cuts)
    assert scanned(reads) == (len(body), True)
    assert decoded(reads) == (b"".join(chunk for chunk, _ in chunks), len(body), True)


SIZE_LINE = re.compile(rb"([0-9a-fA-F]{1,15})(;[^\r\n\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*)?\r\n")


def read_by_the_letter(body: bytes) -> bytes | None:
    """The content of a complete chunked body in the simplest possible way; ``None`` for anything dubious."""
    content, at = b"", 0
    while True:
        match = SIZE_LINE.match(body, at)
        if match is None:
            return None
        size, at = int(match[1], 16), match.end()
        if not size:
            section = re.compile(rb"([\w!#$%&'*+.^`|~-]+:[^\r\n]*\r\n)*\r\n").match(body, at)
            return content if section else None
        content += body[at : at + size]
        at += size + 2
        if body[at - 2 : at] != b"\r\n":
            return None


@given(
    st.sampled_from([*CHUNKED_BODIES.values(), BODY]).filter(lambda body: len(body) < 200),
    st.integers(0, 60),
    st.integers(0, 60),
    st.binary(max_size=2) | st.sampled_from((b"\r", b"\n", b"\r\n", b";", b"0", b" ", b"\r\n0\r\n\r\n")),
    CUTS,
)
@example(BODY, 0, 0, b"", [])
def test_whatever_passes_is_sound(body: bytes, at: int, end: int, noise: bytes, cuts: list[int]) -> None:
    mutant = body[:at] + noise + body[end:]
    try:
        content, taken, done = decoded(pieces(mutant, cuts))
    except ChunkError:
        return
    if done:
        assert read_by_the_letter(mutant[:taken]) == content
