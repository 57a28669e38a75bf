"""When policies hear that an exchange is over: when it is over on both sides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.scripted import GET, OK, Scripted, policed

if TYPE_CHECKING:
    from tests.wire import Side, Wire

LEFT = [("/v1/models", 499, "client")]


def left_by_the_client(on_disconnect: str) -> tuple[Wire, Side, Scripted]:
    policy = Scripted()
    wire, client = policed(policy)
    wire.forward.on_disconnect = on_disconnect  # type: ignore[assignment]
    client.says(GET)
    upstream = wire.upstream()
    client.leaves()
    return wire, upstream, policy


def test_an_answer_that_nobody_reads_is_over_when_the_service_has_been_stopped() -> None:
    _, upstream, policy = left_by_the_client("abort")
    assert upstream.end == "aborted"
    assert policy.heard == LEFT


@pytest.mark.parametrize("pieces", [(OK, b"hello"), (OK + b"hello",)])
def test_or_when_it_has_finished_if_it_may(pieces: tuple[bytes, ...]) -> None:
    wire, upstream, policy = left_by_the_client("drain")
    assert (len(wire.records), policy.heard) == (1, [])
    *before, last = pieces
    for piece in before:
        upstream.says(piece)
    assert policy.heard == []
    upstream.says(last)
    assert policy.heard == LEFT
    upstream.leaves()
    assert policy.heard == LEFT


def test_or_when_it_has_failed() -> None:
    _, upstream, policy = left_by_the_client("drain")
    upstream.says(OK)
    upstream.leaves(reset=True)
    assert policy.heard == LEFT


def test_or_when_it_has_fallen_silent() -> None:
    wire, upstream, policy = left_by_the_client("drain")
    wire.passes(61)
    assert upstream.end == "aborted"
    assert policy.heard == LEFT
