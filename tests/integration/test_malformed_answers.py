"""The tables of malformed and ambiguous answers of the internal service, over real sockets.

The client gets a 502 of ours and not a byte of what came, or, when only the body is bad, the head and no end; never
what it could take for a second answer. The connection to the service is given up, and the next request is served.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted

from tests.independent import answers
from tests.integration.scribe import ITS_ANSWER, NEXT, Desk, desk, only_answer
from tests.message.malformed import ANSWER_BODIES, ANSWER_HEADS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.integration.live import Peer
    from tests.message.malformed_row import Row

GET = b"GET /row HTTP/1.1\r\nHost: a.example\r\nX-Request-Id: row\r\n\r\n"


@pytest_twisted.async_yield_fixture(scope="module")
async def open_desk(reactor: Any) -> AsyncIterator[Desk]:
    async with desk(reactor) as opened:
        yield opened


def whole(data: bytes) -> bool:
    """Whether one answer of ours is all there."""
    head, end, body = data.partition(b"\r\n\r\n")
    return bool(end) and b"\r\nContent-Length: %d\r\n" % len(body) in head


async def assert_502(desk: Desk, client: Peer) -> None:
    """The client got our 502 and may ask again; the service saw one request, and its connection is gone."""
    await client.until(lambda: whole(client.received))
    await desk.scribe.pen.gone()
    answer = only_answer(client.received)
    assert answer.start == (b"502",)
    assert answer.body.startswith(b"502 Bad Gateway\nwebproxy: ")
    assert desk.scribe.heard == desk.forwarded(b"GET /row HTTP/1.1", b"a.example", b"row")
    desk.scribe.answer, client.received = ITS_ANSWER, b""
    client.says(NEXT)
    await client.until(lambda: client.received.endswith(b"next"))
    assert client.received == ITS_ANSWER
    client.link.abortConnection()


@pytest.mark.parametrize("row", ANSWER_HEADS, ids=lambda row: row.label)
@pytest_twisted.ensureDeferred
async def test_refused_at_its_head(open_desk: Desk, row: Row) -> None:
    open_desk.scribe.answer = row.data
    await assert_502(open_desk, await open_desk.asks(GET))
    await open_desk.next_is_fine()


@pytest.mark.parametrize("row", ANSWER_HEADS, ids=lambda row: row.label)
@pytest_twisted.ensureDeferred
async def test_refused_behind_an_interim_answer(open_desk: Desk, row: Row) -> None:
    open_desk.scribe.answer = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n" + row.data
    client = await open_desk.asks(GET)
    await client.hears(b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n")
    await assert_502(open_desk, client)
    await open_desk.next_is_fine()


@pytest.mark.parametrize("row", ANSWER_BODIES, ids=lambda row: row.label)
@pytest_twisted.ensureDeferred
async def test_refused_at_its_body_that_came_with_it(open_desk: Desk, row: Row) -> None:
    open_desk.scribe.answer = row.data
    await assert_502(open_desk, await open_desk.asks(GET))
    await open_desk.next_is_fine()


@pytest.mark.parametrize("row", ANSWER_BODIES, ids=lambda row: row.label)
@pytest_twisted.ensureDeferred
async def test_refused_at_its_body_that_came_later(open_desk: Desk, row: Row) -> None:
    head, end, body = row.data.partition(b"\r\n\r\n")
    open_desk.scribe.answer = head + end
    client = await open_desk.asks(GET)
    await client.until(lambda: client.received.endswith(b"\r\n\r\n"))
    open_desk.scribe.pen.says(body)
    await client.gone()
    await open_desk.scribe.pen.gone()
    assert client.received.startswith(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nDate: ")
    (answer,) = answers(client.received, [b"GET"], closed=True)
    assert not answer.complete
    await open_desk.next_is_fine()
