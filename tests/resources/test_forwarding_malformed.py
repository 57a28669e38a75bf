"""However a malformed message is cut into reads, it is refused, and no reader on the other side gets a whole one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.independent import answers, requests
from tests.message.malformed import ANSWER_BODIES, ANSWER_HEADS, REQUEST_BODIES, REQUEST_HEADS
from tests.resources.exchanges import pieces
from tests.wire import Side, Wire

if TYPE_CHECKING:
    from tests.message.malformed_row import Row

GET = b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n"
CUTS = st.lists(st.integers(0, 100_000), max_size=8)
EVERYWHERE = list(range(2_000))
"""Cuts a short message into bytes, and of a long one the beginning."""


def asked(row: Row, cuts: list[int]) -> tuple[Wire, Side]:
    """A client that sends this row; upstream, if it is asked, says nothing."""
    wire = Wire()
    client = wire.client()
    for piece in pieces(row.data, cuts):
        client.says(piece)
    return wire, client


def status_of(data: bytes) -> int:
    """The status of the only answer."""
    (answer,) = answers(data, [b"GET"])
    assert answer.complete
    return int(answer.start[0])


def assert_request_refused_at_its_head(row: Row, cuts: list[int]) -> None:
    wire, client = asked(row, cuts)
    assert status_of(client.sees()) == row.status
    assert client.end == "finished"
    assert wire.attempts == 0
    assert [record.status for record in wire.records] == [row.status]


def assert_request_refused_at_its_body(row: Row, cuts: list[int]) -> None:
    wire = Wire()
    client = wire.client()
    head, *rest = pieces(row.data, [row.data.index(b"\r\n\r\n") + 4])
    client.says(head)
    upstream = wire.upstream()
    for piece in pieces(b"".join(rest), cuts):
        client.says(piece)
    assert status_of(client.sees()) == 400
    assert client.end == "finished"
    assert upstream.end == "aborted"
    (request,) = requests(upstream.sees())
    assert not request.complete


def assert_answer_refused(row: Row, cuts: list[int]) -> None:
    wire = Wire()
    client = wire.client()
    client.says(GET)
    upstream = wire.upstream()
    for piece in pieces(row.data, cuts):
        if upstream.end:
            break
        upstream.says(piece)
    assert upstream.end == "aborted"
    seen = client.sees()
    (answer,) = answers(seen, [b"GET"])
    if answer.complete or row.status == 502:
        assert answer.complete
        assert answer.start == (b"502",)
        assert client.end == ""
    else:
        assert answer.start == (b"200",)
        assert client.end == "closed"
    assert len(wire.records) == 1
    again = wire.client()
    again.says(GET)
    assert wire.upstream().sees().startswith(b"GET / ")


@pytest.mark.parametrize("row", REQUEST_HEADS, ids=lambda row: row.label)
def test_a_malformed_request_byte_by_byte(row: Row) -> None:
    assert_request_refused_at_its_head(row, EVERYWHERE)


@pytest.mark.parametrize("row", REQUEST_BODIES, ids=lambda row: row.label)
def test_a_malformed_body_of_a_request_byte_by_byte(row: Row) -> None:
    assert_request_refused_at_its_body(row, EVERYWHERE)


@pytest.mark.parametrize("row", [*ANSWER_HEADS, *ANSWER_BODIES], ids=lambda row: row.label)
def test_a_malformed_answer_byte_by_byte(row: Row) -> None:
    assert_answer_refused(row, EVERYWHERE)


@given(st.sampled_from(REQUEST_HEADS), CUTS)
def test_a_malformed_request_in_any_portions(row: Row, cuts: list[int]) -> None:
    assert_request_refused_at_its_head(row, cuts)


@given(st.sampled_from(REQUEST_BODIES), CUTS)
def test_a_malformed_body_of_a_request_in_any_portions(row: Row, cuts: list[int]) -> None:
    assert_request_refused_at_its_body(row, cuts)


@given(st.sampled_from([*ANSWER_HEADS, *ANSWER_BODIES]), CUTS)
def test_a_malformed_answer_in_any_portions(row: Row, cuts: list[int]) -> None:
    assert_answer_refused(row, cuts)
