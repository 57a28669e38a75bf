"""When the authority is asked."""

from __future__ import annotations

import pytest

from webproxy.router.acme.schedule import Window, choose, dated, due, informed, pause, polled, renewal, rest

DAY = 86400.0


def test_failures_back_off_1_10_100_minutes_then_daily() -> None:
    assert [pause(failures, None) for failures in range(1, 7)] == [60.0, 600.0, 6000.0, DAY, DAY, DAY]


@pytest.mark.parametrize(("said", "waits"), [(3600.0, 3600.0), (0.0, 60.0), (1e9, 7 * DAY)])
def test_rfc8555_6_6_retry_after_comes_first(said: float, waits: float) -> None:
    assert pause(1, said) == pause(4, said) == waits


@pytest.mark.parametrize("days", [90, 45, 6])
def test_renewal_at_one_third_of_the_lifetime_left(days: int) -> None:
    assert renewal((0.0, days * DAY), None) == pytest.approx(days * DAY * 2 / 3)


def test_orders_that_succeed_do_not_follow_each_other_at_once() -> None:
    assert rest((0.0, 90 * DAY)) == 3600.0
    assert rest((0.0, 60.0)) == 10.0


def test_rfc9773_4_2_the_moment_in_the_window_but_never_too_late() -> None:
    assert renewal((0.0, 60.0), 10.0) == 10.0
    assert renewal((0.0, 60.0), 59.0) == 50.0
    assert choose(Window(100.0, 200.0), 0.25) == 125.0


def test_rfc9773_4_3_between_a_minute_and_a_day() -> None:
    assert [informed(0.0, said) for said in (None, 5.0, 3600.0, 1e9)] == [6 * 3600.0, 60.0, 3600.0, DAY]


def test_what_is_under_way_is_looked_at_less_and_less_often() -> None:
    assert [polled(tries, None) for tries in (0, 1, 2, 10)] == [0.25, 0.5, 1.0, 10.0]
    assert [polled(0, said) for said in (0.0, 5.0, 1e9)] == [0.25, 5.0, 60.0]


@pytest.mark.parametrize(
    ("said", "when"),
    [
        ({}, 100.0),  # there is nothing
        ({"renew_at": 500.0}, 500.0),
        ({"renew_at": 500.0, "forced": True}, 100.0),
        ({"renew_at": 500.0, "begun": True}, 100.0),
        ({"next_try": 300.0}, 300.0),
        ({"next_try": 300.0, "forced": True}, 100.0),
        ({"renew_at": 500.0, "next_try": 300.0}, 500.0),
        ({"next_try": 300.0, "hold": 400.0}, 400.0),
        ({"forced": True, "hold": 400.0}, 400.0),
        ({"begun": True, "next_try": 300.0}, 300.0),
        ({"next_try": 100.0 + 8 * DAY}, 100.0),  # the clock was wrong when that was written down
        ({"hold": 100.0 + 8 * DAY}, 100.0),
    ],
)
def test_due(said: dict[str, float], when: float) -> None:
    nothing = {"renew_at": None, "begun": False, "forced": False, "next_try": None, "hold": None}
    assert due(100.0, **{**nothing, **said}) == when  # type: ignore[arg-type]


def test_for_people() -> None:
    assert dated(1e9) == "2001-09-09 01:46 UTC"
