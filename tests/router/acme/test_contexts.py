"""Which context a handshake uses: the newest, for twelve hours, and of so many names."""

from __future__ import annotations

from typing import Any

from twisted.internet.task import Clock

from webproxy.router.acme.contexts import MOST, Contexts
from webproxy.router.certificates import TICKETS


class Disk:
    """Gives another context each time.

    :ivar broken: gives none.
    """

    def __init__(self) -> None:
        self.reads: list[str] = []
        self.broken = False

    def read(self, name: str) -> Any:
        self.reads.append(name)
        return None if self.broken else f"{name} {len(self.reads)}"


def test_one_is_read_once_and_made_anew_after_twelve_hours() -> None:
    clock, disk = Clock(), Disk()
    held: Any = Contexts(clock.seconds, disk.read)
    assert held.get("a") == held.get("a") == "a 1"
    clock.advance(TICKETS - 1)
    held.renew_old()
    assert held.get("a") == "a 1"
    clock.advance(1)
    assert held.get("a") == "a 2"
    clock.advance(TICKETS)
    held.renew_old()
    held.renew_old()
    assert disk.reads == ["a"] * 3
    assert repr(held) == "<Contexts of 1 names>"


def test_what_cannot_be_read_any_more_stays_in_use() -> None:
    clock, disk = Clock(), Disk()
    held: Any = Contexts(clock.seconds, disk.read)
    held.get("a")
    disk.broken = True
    assert held.renew("a") == "a 1"
    assert held.get("b") is None
    held.drop("a")
    held.drop("a")
    assert held.get("a") is None


def test_those_used_least_recently_go() -> None:
    disk = Disk()
    held: Any = Contexts(Clock().seconds, disk.read)
    for number in range(MOST):
        held.get(str(number))
    held.get("0")
    held.get("one more")
    assert held.get("0") == "0 1"
    assert held.get("1") != "1 2"
