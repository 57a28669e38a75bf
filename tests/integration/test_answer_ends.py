"""Answers of the internal service that end too early, too late, or not as HTTP ends, over real sockets.

A truncated answer is never made to look complete, nothing that follows an answer is taken for another, and whatever is
wrong with one connection to the service, the next request is served.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted

from tests.independent import answers
from tests.integration.scribe import Desk, desk, only_answer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

DATE = b"Date: Sun, 22 Nov 2026 21:13:52 GMT\r\n"
OK = b"HTTP/1.1 200 OK\r\n" + DATE
HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
SWITCH = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
EVIL = OK + b"Content-Length: 5\r\n\r\nevil!"


@pytest_twisted.async_yield_fixture(scope="module")
async def open_desk(reactor: Any) -> AsyncIterator[Desk]:
    async with desk(reactor) as opened:
        await opened.next_is_fine()  # or we would ask it whether it speaks TLS when it hangs up without a word
        yield opened


def request(method: bytes = b"GET", version: bytes = b"1.1") -> bytes:
    return method + b" /row HTTP/" + version + b"\r\nHost: a.example\r\nX-Request-Id: row\r\n\r\n"


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"H", id="a byte"),
        pytest.param(b"HTTP/1.1 20", id="a part of the status line"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n", id="a head without its end"),
        pytest.param(b"<html>hello</html>", id="HTTP/0.9"),
        pytest.param(HINTS, id="an interim answer"),
        pytest.param(HINTS * 17, id="interim answers without end"),
        pytest.param(SWITCH, id="a switch that nobody asked for"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_rfc9110_15_6_3_no_final_answer_is_502(open_desk: Desk, answer: bytes) -> None:
    """To a POST, which is never asked again."""
    open_desk.scribe.answer = answer
    client = await open_desk.asks(request(b"POST"))
    await client.until(lambda: bool(open_desk.scribe.heard))
    await open_desk.proxy.passes(0.01)
    open_desk.scribe.pen.link.loseConnection()
    await client.until(lambda: client.received.rpartition(b"\r\n\r\n")[2].endswith(b"request id: row\n"))
    interim = min(answer.count(HINTS), 16)
    assert client.received.startswith(HINTS * interim + b"HTTP/1.1 502 Bad Gateway\r\n")
    assert only_answer(client.received).start == (b"502",)
    assert open_desk.scribe.heard == open_desk.forwarded(b"POST /row HTTP/1.1", b"a.example", b"row")
    await open_desk.next_is_fine()


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        pytest.param(b"Content-Length: 5\r\n\r\nhel", b"hel", id="amid a length"),
        pytest.param(b"Content-Length: 5\r\n\r\n", b"", id="behind the head"),
        pytest.param(b"Transfer-Encoding: chunked\r\n\r\n5\r\nhel", b"hel", id="amid a chunk"),
        pytest.param(b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", b"hello", id="between chunks"),
        pytest.param(b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n", b"hello", id="amid the last lines"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_rfc9112_8_a_truncated_answer_stays_truncated(open_desk: Desk, answer: bytes, body: bytes) -> None:
    open_desk.scribe.answer = OK + answer
    client = await open_desk.asks(request())
    await client.until(lambda: client.received == OK + answer)
    open_desk.scribe.pen.link.loseConnection()
    await client.gone()
    (got,) = answers(client.received, [b"GET"], closed=True)
    assert (got.complete, got.body) == (False, body)
    await open_desk.next_is_fine()


@pytest_twisted.ensureDeferred
async def test_rfc9112_8_a_truncated_answer_that_only_the_end_delimits_ends_in_a_reset(open_desk: Desk) -> None:
    """An HTTP/1.0 client knows no chunks: only a reset tells it that there was more to come."""
    open_desk.scribe.answer = OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n5\r\nwor"
    client = await open_desk.asks(request(version=b"1.0"))
    await client.until(lambda: client.received.endswith(b"hello" + b"wor"))
    open_desk.scribe.pen.link.loseConnection()
    await client.gone()
    assert "non-clean" in str(client.reason) or "reset" in str(client.reason).lower()
    await open_desk.next_is_fine()


@pytest_twisted.ensureDeferred
async def test_rfc9112_6_3_rule_8_an_answer_until_close_ends_with_its_connection(open_desk: Desk) -> None:
    open_desk.scribe.answer = OK + b"\r\nhello"
    client = await open_desk.asks(request())
    await client.until(lambda: client.received.endswith(b"hello"))
    open_desk.scribe.pen.link.loseConnection()
    await client.gone()
    (got,) = answers(client.received, [b"GET"], closed=True)
    assert got.complete
    assert got.body == b"hello"
    assert (b"connection", b"close") in got.fields
    await open_desk.next_is_fine()


@pytest.mark.parametrize(
    ("method", "answer"),
    [
        pytest.param(b"GET", OK + b"Content-Length: 5\r\n\r\nhello", id="behind a length"),
        pytest.param(b"GET", OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", id="behind a chunk"),
        pytest.param(b"GET", OK + b"Content-Length: 0\r\n\r\n", id="behind no body"),
        pytest.param(b"HEAD", OK + b"Content-Length: 68\r\n\r\n", id="as the body of an answer to HEAD"),
        pytest.param(b"GET", b"HTTP/1.1 204 No Content\r\n" + DATE + b"\r\n", id="as the body of a 204"),
        pytest.param(
            b"GET", b"HTTP/1.1 304 Not Modified\r\n" + DATE + b"Content-Length: 68\r\n\r\n", id="as the body of a 304"
        ),
    ],
)
@pytest_twisted.ensureDeferred
async def test_rfc9112_9_2_what_follows_an_answer_is_not_another(open_desk: Desk, method: bytes, answer: bytes) -> None:
    """Neither when it comes at once, and a second request waits for its own, nor when it comes later."""
    scribe = open_desk.scribe
    scribe.answer = answer + EVIL
    client = await open_desk.asks(request(method) * 2)
    await client.until(lambda: client.received == answer * 2)
    await scribe.pen.gone()
    await open_desk.next_is_fine()
    scribe.answer = answer
    client.received = b""
    client.says(request(method))
    await client.until(lambda: client.received == answer)
    scribe.pen.says(EVIL)
    await scribe.pen.gone()
    assert client.received == answer
    client.link.abortConnection()
    await open_desk.next_is_fine()
