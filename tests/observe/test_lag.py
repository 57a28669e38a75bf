"""How late the event loop is."""

from __future__ import annotations

from twisted.internet.task import Clock

from webproxy.observe.lag import EVERY, REMEMBERED, Lag


def test_a_loop_in_time_has_no_lag() -> None:
    clock = Clock()
    lag = Lag(clock)
    assert (lag.last, lag.worst) == (0.0, 0.0)
    lag.start()
    clock.pump([EVERY] * 5)
    assert (lag.last, lag.worst) == (0.0, 0.0)


def test_what_holds_it_up_is_seen_and_forgotten_after_a_minute() -> None:
    clock = Clock()
    lag = Lag(clock)
    lag.start()
    clock.advance(EVERY + 0.5)
    assert (lag.last, lag.worst) == (0.5, 0.5)
    assert repr(lag) == "<Lag 500.0 ms>"
    clock.pump([EVERY] * (REMEMBERED - 1))
    assert (lag.last, lag.worst) == (0.0, 0.5)
    clock.advance(EVERY)
    assert lag.worst == 0.0


def test_it_stops() -> None:
    clock = Clock()
    lag = Lag(clock)
    lag.stop()
    lag.start()
    lag.stop()
    lag.stop()
    assert not clock.getDelayedCalls()
