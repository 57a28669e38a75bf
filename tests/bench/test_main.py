"""The command: what it accepts, what it leaves behind, how it ends."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from bench.__main__ import arguments, main
from bench.rows.table import ROWS
from bench.sample import DIRECT, Run, Sample, load, save
from tests.modules import with_modules

if TYPE_CHECKING:
    from pathlib import Path


def test_without_arguments_everything_is_measured() -> None:
    options = arguments([])
    assert options.rows == list(ROWS)
    assert "webproxy" in options.peers
    assert options.rounds == 5


def test_rows_and_peers_are_chosen_by_name() -> None:
    options = arguments(["run", "--rows", "sse,small_get", "--peers", "nginx", "--rounds", "1"])
    assert (options.rows, options.peers, options.rounds) == (["sse", "small_get"], ["nginx"], 1)


def test_quick_measures_three_rows() -> None:
    assert len(arguments(["quick"]).rows) == 3


def test_an_unknown_name_is_told_with_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        arguments(["run", "--peers", "nginx,apache"])
    assert ended.value.code == 2
    assert "apache: there are webproxy, nginx, haproxy" in capsys.readouterr().err


@pytest.mark.parametrize(("growth", "status", "verdict"), [(3.0, 0, "reached"), (17.0, 1, "not reached")])
def test_a_kept_run_is_judged_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], growth: float, status: int, verdict: str
) -> None:
    path = tmp_path / "bench.json"
    save(Run({}, [Sample("download_slow", "webproxy", 0, {"growth_mib": growth})]), path)
    assert main(["report", str(path)]) == status
    assert f"\n{verdict}: download_slow growth_mib at most 16.0" in capsys.readouterr().out


def test_event_streams_are_measured_through_real_proxies(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bench", "run", "--rows", "sse_100", "--peers", "webproxy,twisted"]
    options = ["--rounds", "1", "--seconds", "0.5", "--out", str(tmp_path)]
    done = subprocess.run(
        [*command, *options], env=with_modules(), capture_output=True, text=True, timeout=90, check=False
    )
    assert done.returncode in {0, 1}, done.stderr
    run = load(tmp_path / "bench.json")
    values = {sample.peer: sample.values for sample in run.samples}
    assert list(values) == ["webproxy", "twisted", DIRECT]
    assert [sample.failure for sample in run.samples] == ["", "", ""]
    assert (tmp_path / "bench.md").read_text().startswith("# Bench")
    assert (tmp_path / "bench.svg").read_text().startswith("<svg")
    if any(sample.disturbance for sample in run.samples):
        pytest.skip("this machine is too busy to measure streams")
    assert all(told["delivered"] > 0.5 for told in values.values())
    assert values["webproxy"]["cpu_us"] > 0
    assert "cpu_us" not in values[DIRECT]


def test_figures_are_measured_grown_and_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    done: list[object] = []
    run = Run({}, [Sample("download_slow", "webproxy", 0, {"growth_mib": 3.0})])
    monkeypatch.setattr("bench.__main__.measure", lambda _options: run)
    monkeypatch.setattr("bench.__main__.grow", lambda *words: done.append(("grow", *words)))
    monkeypatch.setattr("bench.__main__.publish", lambda out: [*done, out])
    assert main(["figures", "--out", str(tmp_path)]) == 0
    assert done == [("grow", tmp_path, 1, 2.0)]
    assert capsys.readouterr().out.endswith(f"\n('grow', {tmp_path!r}, 1, 2.0)\n{tmp_path}\n")
    assert load(tmp_path / "bench.json") == run


def test_a_run_ends_in_time(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bench", "run", "--rows", "policies", "--minutes", "0", "--out", str(tmp_path)]
    done = subprocess.run(command, env=with_modules(), capture_output=True, text=True, timeout=90, check=False)
    assert done.returncode == 0
    assert "the time is over in round 1" in done.stderr
    assert load(tmp_path / "bench.json").samples == []
