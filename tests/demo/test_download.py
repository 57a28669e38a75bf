"""The tests of ``webproxy/demo/download.py``."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webproxy.demo.download import BLOCK, content, digest
from webproxy.demo.flow import Last

if TYPE_CHECKING:
    from tests.demo.service import Client, Service

SIZE = 3 * BLOCK + 17
WHOLE = b"".join(content(0, SIZE))


@given(st.integers(0, SIZE), st.integers(0, SIZE), st.integers(256, 2 * BLOCK))
def test_every_part_is_the_same_part_of_the_whole(first: int, last: int, step: int) -> None:
    length = max(0, last - first)
    pieces = list(content(first, min(length, SIZE - first), step))
    assert b"".join(pieces) == WHOLE[first : first + length]
    assert [isinstance(piece, Last) for piece in pieces] == [False] * (len(pieces) - 1) + [True] * bool(pieces)
    assert all(0 < len(piece) <= step for piece in pieces)


def test_no_two_blocks_are_alike() -> None:
    blocks = {WHOLE[at : at + BLOCK] for at in range(0, 3 * BLOCK, BLOCK)}
    assert len(blocks) == 3


def test_no_piece_is_larger_than_its_step() -> None:
    assert {len(piece) for piece in content(0, 2 * BLOCK, 1024)} == {1024}


def test_the_digest_is_that_of_the_bytes() -> None:
    assert digest(SIZE) == hashlib.sha256(WHOLE).hexdigest()


def test_the_whole_file(service: Service, client: Client) -> None:
    client.asks("GET", f"/download?size={SIZE}")
    answer = client.sees()
    assert answer.status == 200
    assert answer.body == WHOLE
    assert answer.fields["content-length"] == str(SIZE)
    assert answer.fields["accept-ranges"] == "bytes"
    assert answer.fields["etag"] == f'"demo-1-{SIZE}"'
    assert answer.fields["content-disposition"] == f'attachment; filename="demo-{SIZE}.bin"'
    assert (service.tallies.downloads.running, service.tallies.downloads.finished) == (0, 1)


def test_rfc_9110_15_3_7_a_part_says_where_it_belongs(client: Client) -> None:
    client.asks("GET", f"/download?size={SIZE}", range=f"bytes={SIZE - 10}-", if_range=f'"demo-1-{SIZE}"')
    answer = client.sees()
    assert answer.status == 206
    assert answer.body == WHOLE[-10:]
    assert answer.fields["content-range"] == f"bytes {SIZE - 10}-{SIZE - 1}/{SIZE}"


def test_rfc_9110_15_5_17_a_part_beyond_the_end_names_the_size(client: Client) -> None:
    client.asks("GET", "/download?size=10", range="bytes=10-")
    answer = client.sees()
    assert (answer.status, answer.fields["content-range"], answer.body) == (416, "bytes */10", b"")


def test_rfc_9110_15_4_5_who_has_the_file_gets_no_body(client: Client) -> None:
    client.asks("GET", "/download?size=10", if_none_match='"demo-1-10"')
    answer = client.sees()
    assert (answer.status, answer.fields["etag"], answer.body) == (304, '"demo-1-10"', b"")
    assert answer.fields["content-length"] == "10"


def test_rfc_9110_9_3_2_head_says_what_get_would(client: Client) -> None:
    client.asks("HEAD", "/download?size=1000", range="bytes=1-2")
    answer = client.sees()
    assert (answer.status, answer.fields["content-length"], answer.body) == (200, "1000", b"")


def test_a_rate_paces_the_pieces(service: Service, client: Client) -> None:
    client.asks("GET", "/download?size=10000&rate=50000")
    assert len(client.sees().body) == 1000
    for _ in range(5):
        service.advance(0.02)
    assert len(client.takes()) == 5000


@pytest.mark.parametrize("rate", ["1", "1e9"])
def test_a_slow_or_fast_rate_is_kept_within_a_second(service: Service, client: Client, rate: str) -> None:
    client.asks("GET", f"/download?size=200000&rate={rate}")
    service.reactor.pump([0.0001] * 10)
    assert len(client.sees().body) in {1, 200_000}


def test_a_client_who_leaves_is_counted(service: Service, client: Client) -> None:
    client.asks("GET", "/download?size=10000&rate=1")
    client.leaves()
    service.advance(10)
    assert (service.tallies.downloads.running, service.tallies.downloads.left) == (0, 1)


def test_the_digest_can_be_asked_for(service: Service, client: Client) -> None:
    client.asks("GET", f"/download/sha256?size={SIZE}")
    assert client.takes() == b""
    service.reactor.run_threads()
    assert client.sees().json == {"size": SIZE, "sha256": hashlib.sha256(WHOLE).hexdigest()}


def test_nobody_is_told_a_digest_after_leaving(service: Service, client: Client) -> None:
    client.asks("GET", f"/download/sha256?size={SIZE}")
    client.leaves()
    service.reactor.run_threads()
    assert client.takes() == b""
