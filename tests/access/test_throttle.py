"""Guessing slows down and ends; nobody can shut a user out; memory is bounded."""

from __future__ import annotations

from webproxy.access.throttle import (
    DELAYS,
    FIRST_LOCK,
    FORGOTTEN,
    LONGEST_LOCK,
    PATIENT_FAILURES,
    USER_DELAY,
    USER_FORGOTTEN,
    Throttle,
    Wait,
)


def failing(times: int, throttle: Throttle | None = None, place: str = "192.0.2.1") -> Throttle:
    throttle = throttle or Throttle()
    for _ in range(times):
        throttle.failed(place, b"ada", 100.0)
    return throttle


def test_an_address_is_delayed_then_locked_and_longer_each_time() -> None:
    waits = [failing(times).wait("192.0.2.1", 100.0) for times in range(len(DELAYS) + 3)]
    assert waits[: len(DELAYS)] == [Wait(delay, 0.0) for delay in DELAYS]
    assert waits[len(DELAYS) :] == [Wait(0.0, FIRST_LOCK), Wait(0.0, 2 * FIRST_LOCK), Wait(0.0, 4 * FIRST_LOCK)]
    assert failing(1000).wait("192.0.2.1", 100.0) == Wait(0.0, LONGEST_LOCK)


def test_waiting_counts_from_the_last_failure() -> None:
    assert failing(2).wait("192.0.2.1", 100.25) == Wait(0.25, 0.0)
    assert failing(2).wait("192.0.2.1", 101.0) == Wait(0.0, 0.0)
    throttle = failing(len(DELAYS))
    assert throttle.wait("192.0.2.1", 100.0 + FIRST_LOCK - 1).locked == 1.0
    assert throttle.wait("192.0.2.1", 100.0 + FIRST_LOCK) == Wait(0.0, 0.0)


def test_other_addresses_do_not_suffer() -> None:
    throttle = failing(100)
    assert throttle.wait("192.0.2.2", 100.0) == Wait(0.0, 0.0)
    assert (throttle.failures("192.0.2.1", 100.0), throttle.failures("192.0.2.2", 100.0)) == (100, 0)


def test_it_is_forgotten_in_the_end() -> None:
    throttle = failing(100)
    assert throttle.failures("192.0.2.1", 100.0 + FORGOTTEN) == 0
    assert throttle.wait("192.0.2.1", 100.0 + FORGOTTEN) == Wait(0.0, 0.0)
    throttle.failed("192.0.2.1", b"ada", 100.0 + FORGOTTEN)
    assert throttle.failures("192.0.2.1", 100.0 + FORGOTTEN) == 1


def test_a_user_is_delayed_and_never_locked() -> None:
    throttle = Throttle()
    for number in range(1000):
        assert throttle.user_delay(b"ada", 100.0) == (USER_DELAY if number >= PATIENT_FAILURES else 0.0)
        throttle.failed(f"192.0.2.{number}", b"ada", 100.0)
    assert throttle.user_delay(b"bob", 100.0) == 0.0
    assert throttle.user_delay(b"ada", 100.0 + USER_FORGOTTEN) == 0.0


def test_memory_is_bounded_and_the_oldest_failure_is_forgotten_first() -> None:
    throttle = Throttle(most=3)
    for number, place in enumerate("abac"):
        throttle.failed(place, place.encode(), float(number))
    assert repr(throttle) == "<Throttle places=3 users=3>"
    throttle.failed("d", b"d", 4.0)
    assert [throttle.failures(place, 4.0) for place in "abcd"] == [2, 0, 1, 1]
