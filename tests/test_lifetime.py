"""What the supervisor hears: ready once the loop runs, alive, stopping."""

from __future__ import annotations

import math
import os
import signal
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from twisted.internet.task import Clock
from twisted.logger import capturedLogs

from webproxy.errors import SettingsError, StartError
from webproxy.lifetime import Lifetime, reloads_on_hangup
from webproxy.net.destination import Tcp
from webproxy.net.notify import Notifier
from webproxy.settings.model import Settings
from webproxy.settings.settle import SeveralSettingsError

if TYPE_CHECKING:
    from collections.abc import Callable


SETTINGS = Settings(internal=(Tcp("127.0.0.1", 8080),), port=12345)


class Heard(Notifier):
    """Keeps what is said."""

    def __init__(self, address: str = "/supervisor") -> None:
        super().__init__(address)
        self.said: list[tuple[str, ...]] = []

    def tell(self, *assignments: str, status: str = "") -> None:
        if self:
            self.said.append((*assignments, status) if status else assignments)


class Loop(Clock):
    """A reactor that is started by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.starts: list[Callable[[], None]] = []

    def callWhenRunning(self, call: Callable[[], None]) -> None:
        self.starts.append(call)

    def callFromThread(self, call: Callable[[], None]) -> None:
        self.callLater(0, call)

    def run(self) -> None:
        for call in self.starts:
            call()


class Proxy:
    """A proxy that only says what it serves, and takes other settings."""

    settings = SETTINGS
    refuses: Exception | None = None
    reopened = 0
    public = ""
    when_led: Callable[[], None]

    def told(self) -> str:
        return "8080 -> 12345" + self.public

    def reopen_logs(self) -> None:
        self.reopened += 1

    def apply(self, settings: Settings) -> None:
        if self.refuses:
            raise self.refuses
        self.settings = settings


class Wanted:
    """What is written where settings are written."""

    settings: Settings = SETTINGS
    error: Exception | None = None

    def read(self) -> Settings:
        if self.error:
            raise self.error
        return self.settings


def lifetime(
    loop: Loop, heard: Heard, watchdog: float | None = None, proxy: Any | None = None, wanted: Wanted | None = None
) -> Lifetime:
    served: Any = proxy or Proxy()
    return Lifetime(served, loop, (wanted or Wanted()).read, heard, watchdog=watchdog)


def test_ready_is_said_when_the_loop_runs() -> None:
    loop, heard = Loop(), Heard()
    life = lifetime(loop, heard)
    life.startService()
    assert heard.said == []
    loop.run()
    assert heard.said == [("READY=1", "8080 -> 12345")]
    life.stopService()
    told = ("STOPPING=1", "EXTEND_TIMEOUT_USEC=40000000", "8080 -> 12345; stopping: what runs may finish")
    assert heard.said[1:] == [told], "30 s of draining, and ten to end"
    assert "8080" not in repr(life)


def test_a_sign_of_life_as_often_as_it_is_due() -> None:
    loop, heard = Loop(), Heard()
    life = lifetime(loop, heard, 5.0)
    life.startService()
    loop.run()
    assert heard.said[1:] == [("WATCHDOG=1",)]
    loop.advance(5)
    loop.advance(5)
    assert heard.said[1:] == [("WATCHDOG=1",)] * 3
    life.stopService()
    assert not loop.getDelayedCalls()


def test_nobody_listens() -> None:
    loop, heard = Loop(), Heard("")
    life = lifetime(loop, heard, 5.0)
    life.startService()
    loop.run()
    assert not loop.getDelayedCalls()
    life.stopService()


def test_endless_draining_asks_for_no_time() -> None:
    """The supervisor's own limit holds then: a machine that shuts down must not wait for ever."""
    loop, heard, proxy = Loop(), Heard(), Proxy()
    proxy.settings = replace(SETTINGS, drain=math.inf)
    life = lifetime(loop, heard, proxy=proxy)
    life.startService()
    life.stopService()
    assert heard.said == [("STOPPING=1", "8080 -> 12345; stopping: what runs may finish")]


def test_stopped_before_it_ran() -> None:
    loop, heard = Loop(), Heard()
    life = lifetime(loop, heard)
    life.startService()
    life.stopService()
    loop.run()
    assert [said[0] for said in heard.said] == ["STOPPING=1"]


def reloaded(proxy: Proxy, wanted: Wanted) -> tuple[list[tuple[str, ...]], list[str]]:
    """What the supervisor hears of a reload, and what the log says."""
    loop, heard = Loop(), Heard()
    life = lifetime(loop, heard, proxy=proxy, wanted=wanted)
    life.startService()
    loop.run()
    with capturedLogs() as events:
        life.reload()
    assert heard.said[1][0] == "RELOADING=1"
    assert heard.said[1][1].startswith("MONOTONIC_USEC=")
    life.stopService()
    return heard.said[2:-1], [str(event.get("told") or event.get("line")) for event in events]


def test_a_reload_lets_hold_what_can_and_names_the_rest() -> None:
    proxy, wanted = Proxy(), Wanted()
    wanted.settings = replace(SETTINGS, drain=5, trust=("10.0.0.0/8",), port=1)
    told = "reloaded: drain, trust; only a restart changes port"
    assert reloaded(proxy, wanted) == ([("READY=1", f"8080 -> 12345; {told}")], [told])
    assert proxy.settings == replace(wanted.settings, port=12345)


def test_a_reload_of_nothing_new() -> None:
    assert reloaded(Proxy(), Wanted())[1] == ["reloaded: nothing changed"]


@pytest.mark.parametrize("where", ["read", "applied"])
def test_wrong_settings_are_refused_and_the_old_ones_stay(where: str) -> None:
    proxy, wanted = Proxy(), Wanted()
    error: Exception = StartError("the access log cannot be opened")
    if where == "read":
        error = wanted.error = SeveralSettingsError(
            [SettingsError("a:1: drain", "x"), SettingsError("a:2: trust", "y")]
        )
    else:
        proxy.refuses = error
    said, logged = reloaded(proxy, wanted)
    assert logged == [f"reload refused, the old settings stay: {line}" for line in str(error).splitlines()]
    assert said == [("READY=1", f"8080 -> 12345; {logged[0]}")]
    assert proxy.settings is SETTINGS


def test_sighup_reloads_while_it_runs() -> None:
    loop, heard = Loop(), Heard()
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        life = lifetime(loop, heard)
        life.startService()
        loop.run()
        os.kill(os.getpid(), signal.SIGHUP)
        assert len(heard.said) == 1
        loop.advance(0)
        assert heard.said[2] == ("READY=1", "8080 -> 12345; reloaded: nothing changed")
        life.stopService()
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_sigusr1_opens_the_log_anew() -> None:
    loop, proxy = Loop(), Proxy()
    life = lifetime(loop, Heard(), proxy=proxy)
    life.startService()
    loop.run()
    os.kill(os.getpid(), signal.SIGUSR1)
    loop.advance(0)
    assert proxy.reopened == 1
    life.stopService()
    assert signal.getsignal(signal.SIGUSR1) == signal.SIG_DFL


def test_sigusr1_is_left_to_whoever_has_it() -> None:
    before = signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    try:
        loop, proxy = Loop(), Proxy()
        life = lifetime(loop, Heard(), proxy=proxy)
        life.startService()
        loop.run()
        assert signal.getsignal(signal.SIGUSR1) == signal.SIG_IGN
        life.stopService()
    finally:
        signal.signal(signal.SIGUSR1, before)


@pytest.mark.parametrize(
    ("terminal", "before"), [(True, signal.SIG_DFL), (True, signal.SIG_IGN), (False, signal.SIG_DFL)]
)
def test_a_terminal_that_is_gone_ends_what_ran_in_it(
    terminal: bool, before: signal.Handlers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: terminal, raising=False)
    restored = signal.signal(signal.SIGHUP, before)
    try:
        assert reloads_on_hangup() is not (terminal and before == signal.SIG_DFL)
    finally:
        signal.signal(signal.SIGHUP, restored)


def test_a_public_address_is_told_as_soon_as_there_is_one() -> None:
    loop, heard, proxy = Loop(), Heard(), Proxy()
    life = lifetime(loop, heard, proxy=proxy)
    life.startService()
    proxy.public = " -> https://app"
    with capturedLogs() as events:
        proxy.when_led()
        assert heard.said == [], "ready is said first"
        loop.run()
        proxy.when_led()
    assert heard.said == [("READY=1", "8080 -> 12345 -> https://app"), ("8080 -> 12345 -> https://app",)]
    assert [event["told"] for event in events if "told" in event] == ["8080 -> 12345 -> https://app"] * 2
    life.stopService()
