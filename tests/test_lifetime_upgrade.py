"""Another version is installed: it is started, and speaks once it serves; if it does not come up, we serve on.

With real processes and under load: tests/integration/test_upgrade.py.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted
from twisted.internet.defer import Deferred

from tests.peers import until
from tests.test_lifetime import SETTINGS, Heard, Loop, Proxy, lifetime
from webproxy import lifetime as module
from webproxy.lifetime import Lifetime
from webproxy.net.successor import READY, SuccessorError
from webproxy.version import Installation

if TYPE_CHECKING:
    from collections.abc import Callable

    from twisted.logger import LogEvent


class Next:
    """A successor that is ready when the test says so."""

    def __init__(self, reactor: Any, command: list[str], handed: list[Any], environ: Any, **rest: Any) -> None:
        self.command = command
        self.ready: Deferred[None] = Deferred()
        self.pid = 4711
        self.released = False
        self.legacy = rest["legacy"]

    def release(self) -> None:
        self.released = True

    def give_up(self) -> None:
        if not self.ready.called:
            self.ready.errback(SuccessorError("it is not wanted any more"))


class Retiring(Proxy):
    """A proxy whose last connection ends when the test says so."""

    sockets = ()
    legacy = b"a secret"

    def __init__(self) -> None:
        self.last: Deferred[None] = Deferred()

    def retire(self) -> Deferred[None]:
        return self.last


class Stoppable(Loop):
    """A reactor that can be stopped."""

    stopped = False

    def stop(self) -> None:
        self.stopped = True


class Scene:
    """A process that serves, over which another version was installed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, command: list[str] | None) -> None:
        self.made: list[Next] = []
        self.loop, self.heard = Stoppable(), Heard()
        self.proxy: Any = Retiring()

        def make(*given: Any, **rest: Any) -> Next:
            self.made.append(Next(*given, **rest))
            return self.made[-1]

        monkeypatch.setattr(module, "Successor", make)
        served: Any = self.proxy
        life = Lifetime(served, self.loop, lambda: SETTINGS, self.heard, watchdog=1.0, command=command)
        life.startService()
        self.loop.run()
        monkeypatch.setattr(module, "installation", lambda: Installation("2.0", (1, 1)))
        self.life = life

    def said(self) -> list[tuple[str, ...]]:
        said, self.heard.said = self.heard.said, []
        return [one for one in said if one != ("WATCHDOG=1",)]


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Callable[[list[str] | None], Scene]:
    return lambda command: Scene(monkeypatch, command)


def test_it_is_started_and_takes_over(scene: Callable[[list[str] | None], Scene]) -> None:
    here = scene(["webproxy", "run"])
    here.said()
    here.life.reload()
    assert [said[0] for said in here.said()] == ["RELOADING=1"]
    (successor,) = here.made
    assert (successor.command, successor.legacy) == (["webproxy", "run"], b"a secret")
    here.life.reload()  # once is enough
    assert (here.said(), len(here.made)) == ([], 1)
    successor.ready.callback(None)
    assert here.said() == [("MAINPID=4711", "READY=1", "8080 -> 12345; upgraded")]
    assert successor.released
    assert not here.loop.stopped
    here.loop.advance(5)
    here.proxy.last.callback(None)
    assert here.loop.stopped
    here.life.stopService()
    assert here.heard.said == []  # the other one speaks


def test_who_cannot_retire_ends_all_the_same(
    scene: Callable[[list[str] | None], Scene], logged: list[LogEvent]
) -> None:
    here = scene(["webproxy", "run"])
    here.life.reload()
    here.made[0].ready.callback(None)
    here.proxy.last.errback(OSError("the file is gone"))
    assert here.loop.stopped
    assert [event["kind"] for event in logged if "log_failure" in event] == ["upgrade-over-early"]
    here.life.stopService()


def test_if_it_does_not_come_up_we_serve_on(scene: Callable[[list[str] | None], Scene]) -> None:
    here = scene(["webproxy", "run"])
    here.life.reload()
    here.said()
    here.made[0].ready.errback(SuccessorError("it ended"))
    told = "8080 -> 12345; webproxy 2.0, which is installed now, did not come up, and this one serves on: it ended"
    assert here.said() == [("READY=1", told)]
    assert not here.made[0].released
    here.loop.advance(1)
    assert here.heard.said == [("WATCHDOG=1",)]
    here.life.reload()
    assert len(here.made) == 2
    here.life.stopService()


def test_what_cannot_be_started_alike_reloads_in_place(scene: Callable[[list[str] | None], Scene]) -> None:
    here = scene(None)
    here.said()
    here.life.reload()
    assert here.said()[1] == ("READY=1", "8080 -> 12345; reloaded: nothing changed")
    assert not here.made
    here.life.stopService()


@pytest_twisted.ensureDeferred
async def test_a_successor_says_when_it_serves_and_speaks_when_it_is_let(reactor: Any) -> None:
    ours, theirs = socket.socketpair()
    heard = Heard()
    proxy: Any = Proxy()
    life = Lifetime(proxy, reactor, lambda: SETTINGS, heard, watchdog=60.0, predecessor=theirs)
    life.startService()
    await until(reactor, lambda: life._caught, "it runs")
    ours.settimeout(5)
    assert ours.recv(100) == READY
    life.reload()  # not yet ours to do
    assert heard.said == []
    ours.close()
    await until(reactor, lambda: len(heard.said) == 2, "it speaks")
    assert heard.said == [("8080 -> 12345",), ("WATCHDOG=1",)]
    life.stopService()


def test_the_state_is_shown() -> None:
    assert "starting" in repr(lifetime(Loop(), Heard()))


def test_who_is_stopped_leaves_nobody_in_its_place(scene: Callable[[list[str] | None], Scene]) -> None:
    here = scene(["webproxy", "run"])
    here.life.reload()
    here.said()
    here.life.stopService()
    assert here.made[0].ready.called
    assert [said[0] for said in here.said()] == ["STOPPING=1"]
    assert "stopped" in repr(here.life)
