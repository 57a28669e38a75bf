"""A body ends where its framing says, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webproxy.message.chunked import ChunkError
from webproxy.message.extent import Extent
from webproxy.message.framing import CHUNKED, UNTIL_CLOSE


def test_no_body_is_complete_at_once() -> None:
    extent = Extent(0)
    assert extent.complete
    assert extent.take(b"next") == 0


@given(st.binary(max_size=50), st.binary(max_size=10), st.integers(1, 7))
def test_a_body_of_known_length_ends_with_its_last_byte(body: bytes, behind: bytes, step: int) -> None:
    extent = Extent(len(body))
    data = body + behind
    taken = sum(extent.take(data[at : at + step]) for at in range(0, len(data), step))
    assert taken == len(body)
    assert extent.complete
    assert extent.left == 0


@given(st.lists(st.binary(min_size=1, max_size=20), max_size=5), st.integers(1, 7))
def test_a_chunked_body_ends_with_its_last_chunk(chunks: list[bytes], step: int) -> None:
    body = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"
    extent = Extent(CHUNKED)
    data = body + b"behind"
    taken = 0
    while not extent.complete:
        taken += extent.take(data[taken : taken + step])
    assert taken == len(body)
    assert extent.take(b"") == 0


def test_a_malformed_chunk_is_an_error() -> None:
    with pytest.raises(ChunkError):
        Extent(CHUNKED).take(b"zz\r\n")


def test_a_body_until_close_never_ends_by_itself() -> None:
    extent = Extent(UNTIL_CLOSE)
    assert extent.take(b"x" * 1000) == 1000
    assert not extent.complete


def test_its_state_is_readable() -> None:
    extent = Extent(2)
    assert repr(extent) == "<Extent left=2>"
    extent.take(b"ab")
    assert repr(extent) == "<Extent left=0 complete>"


def test_bytes_that_went_past_count_as_well() -> None:
    extent = Extent(5)
    extent.passed(3)
    assert (extent.left, extent.complete) == (2, False)
    extent.passed(2)
    assert extent.complete
    assert extent.take(b"next") == 0


def test_what_lasts_until_close_has_no_end_whatever_went_past() -> None:
    extent = Extent(UNTIL_CLOSE)
    extent.passed(1000)
    assert (extent.left, extent.complete) == (UNTIL_CLOSE, False)
