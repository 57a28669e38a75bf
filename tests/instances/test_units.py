"""The units of an instance: what systemctl is told, and what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.instances.systemctl import Systemctl
from webproxy.errors import StartError
from webproxy.instances import units as module
from webproxy.instances.units import Units, UnitState

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def systemctl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Systemctl:
    return Systemctl(tmp_path, monkeypatch)


@pytest.fixture
def units(tmp_path: Path, systemctl: Systemctl) -> Units:
    return Units(tmp_path / "webproxy")


def test_why_it_cannot_be_asked(
    units: Units, systemctl: Systemctl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert units.not_changed() == ""
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert (units.not_seen(), units.not_changed()) == ("", "only root may")
    systemctl.fails("cat", "No files found")
    assert units.not_changed() == "the unit webproxy@.service is not installed"
    assert Units(tmp_path).not_seen() == f"the units read {tmp_path}/webproxy, not {tmp_path}"
    monkeypatch.setattr(module, "RUNNING", tmp_path / "nowhere")
    assert units.not_seen() == "systemd does not run here"


def test_without_a_systemctl(units: Units, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert units.not_seen() == "the unit webproxy@.service is not installed"
    with pytest.raises(StartError, match="No such file"):
        units.reload(12345)


def test_it_is_enabled_and_started_at_once(units: Units, systemctl: Systemctl) -> None:
    units.enable(12345)
    assert systemctl.told() == ["enable --now webproxy@12345.socket webproxy@12345.service"]
    assert not systemctl.drop_ins.exists()


def test_one_that_does_not_start(units: Units, systemctl: Systemctl) -> None:
    systemctl.fails("enable", "Job for webproxy@12345.service failed.")
    with pytest.raises(
        StartError,
        match=r"^instance 12345 did not start: Job for webproxy@12345.service failed.; webproxy logs 12345 tells why",
    ):
        units.enable(12345)


def test_its_addresses_are_a_file_beside_the_unit(units: Units, systemctl: Systemctl) -> None:
    file = systemctl.drop_ins / "webproxy@12345.socket.d" / "listen.conf"
    assert units.bind_to(12345, ["127.0.0.1", "::1"])
    lines = file.read_text().splitlines()
    assert lines[1:] == ["[Socket]", "ListenStream=", "ListenStream=127.0.0.1:12345", "ListenStream=[::1]:12345"]
    assert not units.bind_to(12345, ["127.0.0.1", "::1"])
    assert units.bind_to(12345, [])
    assert not file.parent.exists()
    assert systemctl.told() == ["daemon-reload"] * 2


def test_an_operators_drop_in_is_not_removed(units: Units, systemctl: Systemctl) -> None:
    file = systemctl.drop_ins / "webproxy@12345.socket.d" / "listen.conf"
    file.parent.mkdir(parents=True)
    file.write_text("[Socket]\n")
    units.bind_to(12345, [])
    assert file.read_text() == "[Socket]\n"


def test_it_is_disabled_and_stopped_at_once(units: Units, systemctl: Systemctl) -> None:
    units.disable(12345)
    assert systemctl.told()[0] == "disable --now webproxy@12345.service webproxy@12345.socket"
    systemctl.fails("disable", "Access denied")
    with pytest.raises(StartError, match=r"^instance 12345 was not stopped: Access denied$"):
        units.disable(12345)


def test_it_is_reloaded(units: Units, systemctl: Systemctl) -> None:
    units.reload(12345)
    assert systemctl.told() == ["reload webproxy@12345.service"]
    systemctl.fails("reload", "")
    with pytest.raises(StartError, match=r"^instance 12345 was not reloaded: Warning: something\.; webproxy logs"):
        units.reload(12345)


def test_how_it_is(units: Units, systemctl: Systemctl) -> None:
    systemctl.shows("active", StatusText="8080 -> 12345; a = b", MainPID="4711")
    assert units.state(12345) == UnitState("active", "active", True, "8080 -> 12345; a = b", 4711)
    systemctl.shows("failed", UnitFileState="disabled")
    assert units.state(12345) == UnitState("failed", "failed", False, "", 0)
    systemctl.fails("show", "no")
    assert units.state(12345) == UnitState("unknown", "unknown", False, "", 0)
