"""How an instance is: one line, out of its file, its units and its own word."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from webproxy.errors import SettingsError
from webproxy.instances import state as module
from webproxy.instances.files import Folder
from webproxy.instances.state import State, judged, state_of
from webproxy.instances.units import Units, UnitState
from webproxy.net.destination import Tcp, Unix
from webproxy.settings.model import Settings
from webproxy.settings.settle import SeveralSettingsError

if TYPE_CHECKING:
    from pathlib import Path

OPEN = Settings(internal=(Tcp("127.0.0.1", 8080), Tcp("::1", 8080)), port=12345)
LOCKED = replace(OPEN, public_url="https://gpu.example")
ROUTED = replace(OPEN, router="https://router.internal:8443", router_token_file="/t")
WRONG = SeveralSettingsError([SettingsError("a:1", "x"), SettingsError("a:2", "y")])
SHORT = "8080 -> 12345"
WAY = f"{SHORT} -> https://gpu.example"
RUNS = UnitState("active", "active", True, "8080 -> 12345", 7)
SAID: dict[str, Any] = {"up": True, "connections": 3, "running": 1, "version": "1.0"}


def leased(state: str, why: str = "", padlock: str = "active", padlock_why: str = "") -> dict[str, Any]:
    said = {"state": padlock, "not_after": None if padlock == "pending" else 86400.0, "why": padlock_why}
    return {**SAID, "public": {"state": state, "url": "https://gpu.example", "why": why, "certificate": said}}


def seen(
    settings: Settings | SettingsError = OPEN,
    unit: UnitState | None = None,
    said: dict[str, Any] | None = None,
    *,
    listens: bool = False,
) -> State:
    return judged(12345, settings, unit, said, listens=listens, file="12345.toml")


@pytest.mark.parametrize(
    ("state", "line"),
    [
        (seen(unit=RUNS, said=SAID), f"{SHORT}  open  serving, 3 clients, 1 running"),
        (seen(LOCKED, RUNS, {**SAID, "connections": 1, "running": 0}), f"{WAY}  locked  serving, 1 client"),
        (seen(LOCKED, RUNS._replace(active="reloading", enabled=False)),
         f"{WAY}  locked  serving, not started with the machine"),
        (seen(LOCKED, RUNS._replace(active="activating")), f"{WAY}  pending  starting"),
        (seen(unit=RUNS._replace(active="deactivating")), f"{SHORT}  pending  stopping"),
        (seen(unit=RUNS._replace(active="failed")), f"{SHORT}  failed  failed"),
        (seen(unit=RUNS._replace(active="inactive")), f"{SHORT}  pending  stopped"),
        (seen(unit=RUNS, said={**SAID, "up": False, "running": 0}),
         f"{SHORT}  open  serving, 3 clients, the service is not up"),
        (seen(listens=True), f"{SHORT}  open  serving"),
        (seen(), f"{SHORT}  pending  stopped"),
        (seen(WRONG), "? -> 12345  failed  stopped"),
        (seen(WRONG, RUNS), "? -> 12345  open  serving"),
        (seen(ROUTED, RUNS, leased("held")), f"{WAY}  locked  serving, 3 clients, 1 running"),
        (seen(ROUTED, RUNS, {**SAID, "public": {"state": "held", "url": "https://gpu.example", "why": ""}}),
         f"{WAY}  locked  serving, 3 clients, 1 running"),
        (seen(ROUTED, RUNS, leased("held", padlock="pending")), f"{WAY}  pending  serving, 3 clients, 1 running"),
        (seen(ROUTED, RUNS, leased("held", padlock="failed")), f"{WAY}  failed  serving, 3 clients, 1 running"),
        (seen(ROUTED, RUNS, leased("held", padlock="expiring")), f"{WAY}  locked  serving, 3 clients, 1 running"),
        (seen(ROUTED, RUNS, leased("away")), f"{SHORT}  pending  serving, 3 clients, 1 running"),
        (seen(ROUTED, RUNS, leased("refused")), f"{SHORT}  failed  serving, 3 clients, 1 running"),
        (seen(ROUTED), f"{SHORT}  pending  stopped"),
        (seen(replace(OPEN, internal=(Tcp("10.0.0.1", 80),))), "10.0.0.1:80 -> 12345  pending  stopped"),
        (seen(replace(OPEN, internal=(Unix("/run/a.sock"),))), "unix:/run/a.sock -> 12345  pending  stopped"),
    ],
)  # fmt: skip
def test_a_line_says_it(state: State, line: str) -> None:
    assert state.line == line


def test_what_is_wrong_is_told() -> None:
    assert seen(WRONG).wrong == ("a:1: x", "a:2: y")
    assert seen(WRONG).internal == ""


def test_it_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(module, "who_listens", lambda port: "nginx (pid 1)")
    folder = Folder(tmp_path)
    folder.create(12345, "internal = 8080\n")
    folder.create(12347, "internal = 0\n")
    assert state_of(12345, folder, lambda settings: asked.append(settings.port), None).live == "serving"
    assert len(state_of(12347, folder, lambda settings: SAID, None).wrong) == 1
    assert asked == [12345]
    assert state_of(12345, folder, lambda settings: SAID, None).clients == 3


def test_units_are_asked_where_they_can_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Units, "state", lambda self, port: RUNS)
    folder = Folder(tmp_path)
    folder.create(12345, "internal = 8080\n")
    state = state_of(12345, folder, lambda settings: None, Units(tmp_path))
    assert (state.enabled, state.told, state.live) == (True, "8080 -> 12345", "serving")


@pytest.mark.parametrize(
    ("settings", "told", "beside"),
    [
        (OPEN, "127.0.0.1:8080 -> 12345", ""),
        (OPEN, "127.0.0.1:8080 -> 12345; reloaded: drain", "reloaded: drain"),
        (LOCKED, "127.0.0.1:8080 -> 12345 -> https://gpu.example", ""),
        (OPEN, "127.0.0.1:8080 -> 12345 -> waits for the router", "127.0.0.1:8080 -> 12345 -> waits for the router"),
        (OPEN, "stopping: 3 exchanges run", "stopping: 3 exchanges run"),
        (OPEN, "", ""),
    ],
)
def test_what_it_told_is_not_said_twice(settings: Settings, told: str, beside: str) -> None:
    assert seen(settings, RUNS._replace(told=told)).beside == beside


def test_what_the_router_said_is_told() -> None:
    assert seen(ROUTED, RUNS, leased("refused", "the token was revoked")).told == (
        "8080 -> 12345; the router: the token was revoked"
    )
    assert seen(ROUTED, None, leased("away", "its name is not known")).told == "the router: its name is not known"


def test_a_certificate_that_is_not_as_it_should_be_is_told() -> None:
    alarm = seen(ROUTED, None, leased("held", padlock="expiring", padlock_why="the authority refuses: rate limited"))
    assert alarm.certificate == "expiring"
    until = "Fri, 02 Jan 1970 00:00:00 GMT"
    assert alarm.told == f"the certificate is expiring, good until {until}: the authority refuses: rate limited"
    assert seen(ROUTED, None, leased("held", padlock="pending")).told == "the certificate is pending"
    assert seen(ROUTED, None, leased("held")).told == ""
