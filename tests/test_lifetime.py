"""What the supervisor hears: ready once the loop runs, alive, stopping."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twisted.internet.task import Clock

from webproxy.lifetime import Lifetime
from webproxy.net.notify import Notifier

if TYPE_CHECKING:
    from collections.abc import Callable


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

    def run(self) -> None:
        for call in self.starts:
            call()


class Proxy:
    """A proxy that only says what it serves."""

    def told(self) -> str:
        return "8080 -> 12345"


def lifetime(loop: Loop, heard: Heard, watchdog: float | None = None) -> Lifetime:
    proxy: Any = Proxy()
    return Lifetime(proxy, loop, heard, watchdog)


def test_ready_is_said_when_the_loop_runs() -> None:
    loop, heard = Loop(), Heard()
    life = lifetime(loop, heard)
    life.startService()
    assert heard.said == []
    loop.run()
    assert heard.said == [("READY=1", "8080 -> 12345")]
    life.stopService()
    assert heard.said[1:] == [("STOPPING=1", "8080 -> 12345; stopping: what runs may finish")]
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


def test_stopped_before_it_ran() -> None:
    loop, heard = Loop(), Heard()
    life = lifetime(loop, heard)
    life.startService()
    life.stopService()
    loop.run()
    assert [said[0] for said in heard.said] == ["STOPPING=1"]
