"""Heads that are repeated: judged once where the head says all, as scripts of the wire."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scripted import GET, OK, Scripted, policed
from webproxy.policy import Policy, TrafficClass, Verdict
from webproxy.policy.timeout import TimeoutPolicy


class Counting(Policy):
    """Counts how often it is asked, and judges by the head alone."""

    name = "counting"
    by_head = True

    def __init__(self) -> None:
        self.asked = 0
        self.shown = 0

    def request_received(self, request: Any) -> Verdict:
        self.asked += 1
        return Verdict(traffic_class=TrafficClass("COUNTED", 50.0), why="counted")

    def response_received(self, request: Any, response: Any, current: Any) -> None:
        self.shown += 1
        assert request.path == "/v1/models"


@pytest.mark.parametrize(("others", "times"), [((), 1), ((Scripted(),), 3)])
def test_a_repeated_head_is_judged_once_where_heads_say_all(others: tuple[Policy, ...], times: int) -> None:
    counting = Counting()
    wire, client = policed(counting, *others)
    for _ in range(3):
        client.says(GET)
        if not wire.records:
            upstream = wire.upstream()
        upstream.says(OK + b"hello")
    assert (counting.asked, counting.shown) == (times, times)
    assert {(record.traffic_class, record.why) for record in wire.records} == {("COUNTED", "counting:counted")}


def test_another_head_is_judged_anew() -> None:
    counting = Counting()
    wire, client = policed(counting)
    client.says(GET)
    upstream = wire.upstream()
    upstream.says(OK + b"hello")
    client.says(GET[:-2] + b"Cookie: a=b\r\n\r\n")
    upstream.says(OK[:-2] + b"X: y\r\n\r\nhello")
    client.says(GET[:-2] + b"Cookie: a=b\r\n\r\n")
    upstream.says(OK[:-2] + b"Set-Cookie: a=b\r\n\r\nhello")
    assert (counting.asked, counting.shown) == (3, 3)


def test_a_class_that_an_answer_raises_is_raised_each_time() -> None:
    wire, client = policed(TimeoutPolicy())
    for _ in range(2):
        client.says(GET)
        if not wire.records:
            upstream = wire.upstream()
        upstream.says(OK[:-2] + b"Content-Disposition: attachment\r\n\r\nhello")
    assert [record.traffic_class for record in wire.records] == ["DEFAULT>DOWNLOAD"] * 2
