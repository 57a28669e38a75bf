"""Verdicts: what reaches a bar, what misses it, what nobody measured."""

from __future__ import annotations

import pytest

from bench.bars import BARS, Bar, Verdict, judge, judge_all, needed, needed_in
from bench.peers.table import PEERS
from bench.rows.row import Metric, Row
from bench.rows.table import ROWS
from bench.sample import DIRECT, Run, Sample

ROW = Row(
    "get", "GET", (Metric("cpu_us", "CPU"), Metric("added_ms", "added", above_direct="lag_ms")), lambda _scene: {}
)
TO_NGINX = Bar("get", "cpu_us", "nginx", 2.0)
ABSOLUTE = Bar("get", "cpu_us", "", 40.0)
ADDED = Bar("get", "added_ms", "", 2.0)


def rounds(peer: str, metric: str, *values: float) -> list[Sample]:
    return [Sample("get", peer, turn, {metric: value}) for turn, value in enumerate(values)]


@pytest.mark.parametrize(
    ("ours", "verdict"),
    [((30, 40, 90), Verdict.REACHED), ((40, 40, 40), Verdict.REACHED), ((30, 41, 41), Verdict.MISSED)],
)
def test_the_median_of_the_ratios_decides(ours: tuple[float, ...], verdict: Verdict) -> None:
    run = Run({}, rounds("webproxy", "cpu_us", *ours) + rounds("nginx", "cpu_us", 20, 20, 20))
    assert judge(run, TO_NGINX, ROW).verdict is verdict


def test_a_disturbed_round_is_disturbed_on_both_sides() -> None:
    run = Run({}, rounds("webproxy", "cpu_us", 30, 300, 300) + rounds("nginx", "cpu_us", 20, 200, 200))
    assert judge(run, TO_NGINX, ROW).measured == (1.5, 1.5, 1.5)


@pytest.mark.parametrize(("value", "verdict"), [(40, Verdict.REACHED), (40.1, Verdict.MISSED)])
def test_without_a_peer_the_limit_is_absolute(value: float, verdict: Verdict) -> None:
    assert judge(Run({}, rounds("webproxy", "cpu_us", value)), ABSOLUTE, ROW).verdict is verdict


def test_what_the_proxy_adds_is_judged_less_the_direct_way() -> None:
    run = Run({}, rounds("webproxy", "lag_ms", 5.0, 4.0) + rounds(DIRECT, "lag_ms", 3.5, 2.5))
    assert judge(run, ADDED, ROW).measured == (1.5, 1.5, 1.5)


def test_slack_widens_a_limit() -> None:
    run = Run({}, rounds("webproxy", "cpu_us", 50))
    assert judge(run, ABSOLUTE, ROW, slack=1.5).verdict is Verdict.REACHED
    assert judge(run, ABSOLUTE, ROW).verdict is Verdict.MISSED


def test_a_measurement_of_ours_that_failed_misses_the_bar() -> None:
    run = Run({}, [*rounds("webproxy", "cpu_us", 10), Sample("get", "webproxy", 1, failure="it fell over")])
    assert judge(run, ABSOLUTE, ROW).verdict is Verdict.MISSED


def test_a_disturbed_measurement_does_not_count() -> None:
    disturbed = Sample("get", "webproxy", 1, disturbance="the service was late")
    assert judge(Run({}, [*rounds("webproxy", "cpu_us", 10), disturbed]), ABSOLUTE, ROW).verdict is Verdict.REACHED
    assert judge(Run({}, [disturbed]), ABSOLUTE, ROW).verdict is Verdict.UNKNOWN


def test_a_bar_without_figures_is_neither_reached_nor_missed() -> None:
    run = Run({}, rounds("webproxy", "cpu_us", 10))
    assert judge(run, TO_NGINX, ROW)[:3] == (TO_NGINX, None, Verdict.UNKNOWN)


def test_bars_of_other_rows_are_left_alone() -> None:
    run = Run({}, rounds("webproxy", "cpu_us", 10))
    assert [told.bar for told in judge_all(run, {"get": ROW}, bars=[ABSOLUTE, Bar("post", "cpu_us", "", 1)])] == [
        ABSOLUTE
    ]


@pytest.mark.parametrize(("ours", "verdict"), [(1000, Verdict.REACHED), (999, Verdict.MISSED)])
def test_some_bars_are_to_be_exceeded(ours: float, verdict: Verdict) -> None:
    bar = Bar("get", "cpu_us", "nginx", 500, least=True)
    run = Run({}, rounds("webproxy", "cpu_us", ours) + rounds("nginx", "cpu_us", 2))
    judgement = judge(run, bar, ROW)
    assert judgement.verdict is verdict
    assert " at least x nginx 500: " in str(judgement)
    assert judge(run, bar, ROW, slack=1.5).verdict is Verdict.REACHED


def test_a_judgement_reads_as_a_sentence() -> None:
    run = Run({}, rounds("webproxy", "cpu_us", 30, 50) + rounds("nginx", "cpu_us", 20, 20))
    assert str(judge(run, TO_NGINX, ROW)) == "reached: get cpu_us x nginx 2.00: 2.00 (1.50 to 2.50)"


@pytest.mark.parametrize("bar", BARS, ids=str)
def test_every_bar_names_a_row_a_metric_and_a_peer_that_exist(bar: Bar) -> None:
    assert ROWS[bar.row].metric(bar.metric)
    assert not bar.peer or bar.peer in PEERS


def test_a_verdict_of_a_busy_machine_is_marked() -> None:
    quiet = [Sample("get", "webproxy", turn, {"cpu_us": 30.0}, others=0.02) for turn in range(3)]
    busy = [Sample("get", "webproxy", turn, {"cpu_us": 30.0}, others=0.5) for turn in range(3, 7)]
    assert judge(Run({}, quiet), ABSOLUTE, ROW).words == "reached"
    judgement = judge(Run({}, [*quiet, *busy]), ABSOLUTE, ROW)
    assert judgement.words == "reached (disturbed: others used 50% of the machine)"
    assert str(judgement).startswith("reached (disturbed")


def test_a_bar_needs_ours_its_peer_and_what_is_subtracted() -> None:
    assert needed(TO_NGINX, ROW) == {"webproxy", "nginx"}
    assert needed(ABSOLUTE, ROW) == {"webproxy"}
    assert needed(ADDED, ROW) == {"webproxy", DIRECT}


def test_a_row_needs_whom_its_bars_need() -> None:
    assert needed_in(ROWS["small_get"]) == {"webproxy", "nginx", "caddy"}
    assert needed_in(ROWS["new_connections"]) == set()
