"""The tables of malformed and ambiguous requests, over real sockets.

Each is answered with the status its rule asks for, and the connection closes; upstream sees nothing of it, or, when
only its body is bad, its head and no end; and whoever comes next is served as if nothing had been.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted

from tests.integration.scribe import Desk, desk, only_answer
from tests.message.malformed import REQUEST_BODIES, REQUEST_HEADS, UNFINISHED_HEADS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.integration.live import Peer
    from tests.message.malformed_row import Row


@pytest_twisted.async_yield_fixture(scope="module")
async def open_desk(reactor: Any) -> AsyncIterator[Desk]:
    async with desk(reactor) as opened:
        yield opened


async def assert_refused(client: Peer, row: Row) -> None:
    """The client got the one answer it deserves, and then the end."""
    await client.gone()
    answer = only_answer(client.received)
    assert answer.start == (b"%d" % row.status,)
    assert (b"connection", b"close") in answer.fields
    assert answer.body


@pytest.mark.parametrize("row", [*REQUEST_HEADS, *UNFINISHED_HEADS], ids=lambda row: row.label)
@pytest_twisted.ensureDeferred
async def test_refused_at_its_head(open_desk: Desk, row: Row) -> None:
    await assert_refused(await open_desk.asks(row.data), row)
    assert open_desk.scribe.heard == b""
    await open_desk.next_is_fine()


@pytest.mark.parametrize("row", REQUEST_BODIES, ids=lambda row: row.label)
@pytest_twisted.ensureDeferred
async def test_refused_at_its_body_that_came_with_it(open_desk: Desk, row: Row) -> None:
    """At most the head went out, and of the body what was sound, never its end."""
    open_desk.scribe.answer = b""
    await assert_refused(await open_desk.asks(row.data), row)
    assert open_desk.scribe.heard == b""
    await open_desk.next_is_fine()


@pytest.mark.parametrize("row", REQUEST_BODIES, ids=lambda row: row.label)
@pytest_twisted.ensureDeferred
async def test_refused_at_its_body_that_came_later(open_desk: Desk, row: Row) -> None:
    scribe = open_desk.scribe
    scribe.answer = b""
    head, end, body = row.data.partition(b"\r\n\r\n")
    client = await open_desk.asks(head + b"\r\nX-Request-Id: row" + end)
    expected = open_desk.forwarded(b"POST / HTTP/1.1", b"a.example", b"row", b"Transfer-Encoding: chunked")
    await client.until(lambda: scribe.heard == expected)
    client.says(body)
    await assert_refused(client, row)
    assert scribe.heard == expected
    await scribe.pen.gone()
    await open_desk.next_is_fine()
