"""Who is answered, how often, and who hears nothing."""

from __future__ import annotations

import pytest
from twisted.names import dns

from tests.questions import DOMAIN, opt, question, read, zone
from webproxy.router.dns.responder import BURST, RATE, Responder

ASKED = question(f"app.{DOMAIN}", dns.A, opt())


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def responder(clock: Clock) -> Responder:
    return Responder(zone(), clock)


def test_udp_and_tcp_are_answered(responder: Responder) -> None:
    assert read(responder.datagram(ASKED, "192.0.2.1")).answers
    assert read(responder.stream(ASKED)).answers
    assert responder.counts == {"udp": 1, "tcp": 1}
    assert repr(responder) == f"<Responder for {responder.zone!r}>"


def test_answers_are_never_answered(responder: Responder) -> None:
    answer = responder.datagram(ASKED, "192.0.2.1")
    assert answer is not None
    assert responder.datagram(answer, "192.0.2.1") is None
    assert responder.stream(answer) is None
    assert responder.counts["ignored"] == 2


def test_an_address_is_answered_so_often_and_then_every_second_time_sent_to_tcp(
    responder: Responder, clock: Clock
) -> None:
    answers = [responder.datagram(ASKED, "192.0.2.1") for _ in range(BURST + 10)]
    assert all(answer and read(answer).answers for answer in answers[:BURST])
    limited = answers[BURST:]
    assert limited[::2] == [None] * 5
    for short in limited[1::2]:
        assert short is not None
        assert len(short) <= len(ASKED)
        assert (read(short).trunc, read(short).answers) == (1, [])
    assert read(responder.datagram(ASKED, "192.0.2.2")).answers
    clock.now += 1
    again = [responder.datagram(ASKED, "192.0.2.1") for _ in range(int(RATE) + 1)]
    assert sum(answer is not None and bool(read(answer).answers) for answer in again) == RATE


def test_ipv6_is_limited_by_64(responder: Responder) -> None:
    answers = [responder.datagram(ASKED, f"2001:db8:1:2::{number:x}") for number in range(BURST + 1)]
    assert answers[-1] is None
    assert responder.datagram(ASKED, "2001:db8:1:3::1") is not None


def test_what_breaks_the_format_is_limited_too_and_never_slips(responder: Responder) -> None:
    answers = [responder.datagram(ASKED + b"x", "192.0.2.1") for _ in range(BURST + 10)]
    assert [len(answer) for answer in answers[:BURST] if answer] == [12] * BURST
    assert answers[BURST:] == [None] * 10


def test_memory_is_bounded(responder: Responder) -> None:
    for number in range(20000):
        responder.datagram(ASKED, f"10.0.{number // 256}.{number % 256}")
    assert "10000 kept" in repr(responder._rates)
