"""A keeper of certificates, a clock in the test's hands, and an authority that does as it is told."""

from __future__ import annotations

import queue
import time
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from tests.integration.edge import certificate
from webproxy.router.acme.faults import AuthorityError
from webproxy.router.acme.folder import CERTIFICATE, ORDER, Folder
from webproxy.router.acme.keeper import PAUSE, Keeper
from webproxy.router.acme.settings import AcmeSettings

if TYPE_CHECKING:
    from pathlib import Path

DOMAIN = "example.com"
WILD = f"*.{DOMAIN}"
DAY = 86400.0
LOOK = PAUSE + 1
"""Seconds after which it has looked once more."""


class Reactor(Clock):
    """A clock, to which threads come back when the test lets them."""

    def __init__(self) -> None:
        super().__init__()
        self.back: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def callFromThread(self, call: Any, *given: Any) -> None:
        self.back.put((call, given))


class Issuance:
    """Gives certificates, or fails, as it is told.

    :ivar fails: what comes next; without it there is a certificate.
    :ivar garbled: is written in place of one.
    :ivar hangs: it does not end by itself.
    """

    def __init__(self, folder: Folder, place: Path) -> None:
        self.folder, self.place = folder, place
        self.asked: list[tuple[str, str]] = []
        self.fails: AuthorityError | None = None
        self.hangs = False
        self.garbled = b""
        self.informs: Any = None
        self.windows: list[str] = []

    async def obtain(self, name: str, replaces: str) -> bool:
        self.asked.append((name, replaces))
        if self.hangs:
            await Deferred()
        if self.fails is not None:
            raise self.fails
        chain, key = (file.read_text() for file in certificate(self.place, name))
        self.folder.write(name, CERTIFICATE, self.garbled or f"{chain}{key}".encode())
        return self.informs is not None

    async def done(self, name: str) -> None:
        self.folder.remove(name, ORDER)

    async def signed_in(self, *, account_too: bool) -> Any:
        assert not account_too
        if isinstance(self.informs, AuthorityError):
            raise self.informs
        return self

    def window(self, identifier: str) -> Any:
        self.windows.append(identifier)
        return self.informs

    def close(self) -> None:
        """Nothing is open."""


class Place:
    """A keeper and its world. The wall's clock goes with the reactor's."""

    def __init__(self, folder: Path) -> None:
        self.reactor = Reactor()
        self.epoch = time.time()
        self.folder = Folder(folder / "acme")
        self.folder.prepare()
        self.issuance: Any = Issuance(self.folder, folder)
        self.live: list[str] = []

    def wall(self) -> float:
        return self.epoch + self.reactor.seconds()

    def keeper(self, *, each: bool = False, **more: Any) -> Keeper:
        self.settings = AcmeSettings(challenge="http-01" if each else "dns-01", **more)
        made = Keeper(
            self.reactor,
            self.settings,
            self.folder,
            DOMAIN,
            issuance=self.issuance,
            wanted=(lambda: self.live) if each else None,
            wall=self.wall,
        )
        made.open()
        return made

    def after(self, keeper: Keeper, seconds: float) -> None:
        """Let time pass, and everything come to its end that does."""
        self.reactor.advance(seconds)
        keeper.refresh()
        self.settle(keeper)

    def settle(self, keeper: Keeper) -> None:
        while keeper._doing is not None and not self.issuance.hangs:
            call, given = self.reactor.back.get(timeout=20)
            call(*given)
