"""However a sound exchange is cut into reads, both sides see the same."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.independent import answers, requests
from tests.resources.exchanges import Exchange, conversations, pieces
from tests.wire import Wire

CUTS = st.lists(st.integers(0, 10_000), max_size=12) | st.just(list(range(10_000)))


def played(conversation: list[Exchange], before: list[int], behind: list[int]) -> tuple[Any, ...]:
    """Everything that anybody saw of a conversation: the service, the client, the log."""
    wire = Wire()
    client = wire.client()
    for piece in pieces(b"".join(exchange.request for exchange in conversation), before):
        client.says(piece)
    heard = []
    upstream = wire.upstream()
    for exchange in conversation:
        if wire.attempts:
            upstream = wire.upstream()
        said = upstream.sees()
        if not said:
            break
        heard.append(said)
        for piece in pieces(exchange.answer, behind):
            if not upstream.end:
                upstream.says(piece)
        if exchange.lasts:
            upstream.leaves()
    log = [(record.status, record.received, record.sent, record.closed_by, record.note) for record in wire.records]
    return heard, client.sees(), client.end, log


@given(conversations(), CUTS, CUTS)
def test_a_sound_exchange_is_the_same_in_any_portions(
    conversation: list[Exchange], before: list[int], behind: list[int]
) -> None:
    assert played(conversation, before, behind) == played(conversation, [], [])


@given(conversations())
def test_a_sound_exchange_is_sound_to_any_reader(conversation: list[Exchange]) -> None:
    """The service gets every request once, whole, and its body as it was; the client as many answers."""
    heard, seen, end, log = played(conversation, [], [])
    methods = []
    for exchange, data in zip(conversation, heard, strict=False):
        (request,) = requests(data)
        assert request.complete
        assert request.body == exchange.body
        methods.append(request.start[0])
    got = answers(seen, methods, closed=bool(end))
    assert [b"%d" % status for status, *_ in log] == [answer.start[0] for answer in got]
    assert all(answer.complete for answer in got)
    assert len(got) == len(heard)
    assert end or len(heard) == len(conversation)
