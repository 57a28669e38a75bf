"""The service of the small rows: one answer for each question, however the question is cut."""

from __future__ import annotations

from typing import Any

import pytest

from bench.upstream.answers import ANSWER, LARGE, LARGE_ANSWER, Answers
from bench.upstream.events import EVENTS, LINES

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: a\r\ncontent-length: 5\r\n\r\nhello"


class Ticker:
    def __init__(self, kind: Any) -> None:
        self.kind = kind
        self.streams: list[Any] = []
        self.add = self.streams.append

    def discard(self, stream: Any) -> None:
        self.streams = [one for one in self.streams if one is not stream]


class Transport:
    def __init__(self) -> None:
        self.said = b""
        self.closed = False

    def write(self, data: bytes) -> None:
        self.said += data

    def close(self) -> None:
        self.closed = True


def connected() -> tuple[Answers, Transport, tuple[Any, Any]]:
    tickers: Any = (Ticker(EVENTS), Ticker(LINES))
    answers, transport = Answers(tickers), Transport()
    answers.connection_made(transport)  # type: ignore[arg-type]
    return answers, transport, tickers


@pytest.mark.parametrize("cut", range(1, len(POST)))
def test_a_post_is_answered_when_its_body_is_whole(cut: int) -> None:
    answers, transport, _ = connected()
    for _ in range(2):
        answers.data_received(POST[:cut])
        assert transport.said == b""
        answers.data_received(POST[cut:])
        assert transport.said == ANSWER
        transport.said = b""


def test_each_get_of_a_pipeline_is_answered() -> None:
    answers, transport, _ = connected()
    answers.data_received(GET * 3)
    assert transport.said == ANSWER * 3
    assert not transport.closed


def test_the_last_one_closes() -> None:
    answers, transport, _ = connected()
    answers.data_received(b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n")
    assert transport.closed


def test_a_large_answer_is_64_kib_of_json() -> None:
    answers, transport, _ = connected()
    answers.data_received(GET.replace(b"/ ", b"/large ", 1))
    assert transport.said == LARGE_ANSWER
    assert len(LARGE) == 65536


def test_streams_of_each_kind_go_to_their_ticker_until_they_leave() -> None:
    for at, kind in enumerate((EVENTS, LINES)):
        answers, transport, tickers = connected()
        answers.data_received(b"GET " + kind.path + b" HTTP/1.1\r\n\r\n")
        assert transport.said == kind.head
        assert [len(ticker.streams) for ticker in tickers] == [1 - at, at]
        answers.connection_lost(None)
        assert not tickers[at].streams
