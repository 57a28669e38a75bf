"""Keeps the router's certificates: has them made, renewed and used.

Rule of this file: when something is done, one thing at a time, and what is told of it. It is looked after every second
in the reactor's thread; decisions are ``kept``'s, the steps of an order ``issuance``'s. Nothing is asked of the
authority at a start while what is on disk is good.
"""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from OpenSSL import SSL
from twisted.internet.defer import CancelledError, Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from webproxy.errors import StartError
from webproxy.router.acme.contexts import Contexts
from webproxy.router.acme.faults import AuthorityError
from webproxy.router.acme.folder import CERTIFICATE, NOTE, ORDER
from webproxy.router.acme.kept import Kept
from webproxy.router.acme.schedule import DAILY, INFORMED, dated
from webproxy.router.acme.threads import TooLongError, in_thread
from webproxy.router.certificates import read
from webproxy.router.rates import Rates

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from webproxy.net.tls import Context
    from webproxy.router.acme.folder import Folder
    from webproxy.router.acme.issuance import Issuance
    from webproxy.router.acme.note import Note
    from webproxy.router.acme.schedule import Window
    from webproxy.router.acme.settings import AcmeSettings
    from webproxy.router.acme.status import CertificateStatus

log = Logger()

PAUSE = 2.0
"""Seconds between two looks at what is due."""
PAUSE_EACH = 0.002
"""Seconds more for each certificate: to look at one takes some microseconds."""
BUSY = 60.0
"""Seconds until an order is tried again that somebody else is making."""
ORDERS, SECONDS_EACH = 20, 60.0
"""Orders at once after a rest, and seconds for each after that: where each name has its own."""


class Keeper:
    """The certificates of one domain. States: closed, open, stopped.

    :param domain: the router's.
    :param wanted: labels that are to have a certificate of their own; ``None``: there is one of ``*.DOMAIN``.
    :param wall: seconds since the epoch.
    """

    def __init__(
        self,
        reactor: Any,
        settings: AcmeSettings,
        folder: Folder,
        domain: str,
        *,
        issuance: Issuance,
        wanted: Callable[[], Iterable[str]] | None,
        wall: Callable[[], float],
    ) -> None:
        self._reactor = reactor
        self._settings = settings
        self._folder = folder
        self._domain = domain
        self._issuance = issuance
        self._wanted = wanted
        self._wall = wall
        self._chance = random.SystemRandom()
        self._kept: dict[str, Kept] = {}
        self._contexts = Contexts(reactor.seconds, self._read)
        self._rates = Rates(reactor.seconds, rate=1 / SECONDS_EACH, burst=ORDERS)
        self._quiet = 0.0
        self._doing: Deferred[None] | None = None
        self._looked = -PAUSE
        self._stopped = False

    def __repr__(self) -> str:
        return f"<Keeper of {len(self._kept)} certificates of {self._domain}{' busy' if self._doing else ''}>"

    def open(self) -> None:
        """Read what is on disk.

        :raises StartError: the folder cannot be used.
        """
        try:
            self._folder.prepare()
            names = self._folder.names() if self._wanted is not None else [f"*.{self._domain}"]
        except OSError as error:
            raise StartError(
                f"the folder {self._folder.path} cannot be used: {error.strerror}", "choose another with --state"
            ) from error
        for name in names:
            if self._wanted is None or name.endswith(f".{self._domain}"):
                self._of(name)

    def _of(self, name: str) -> Kept:
        """Give a certificate, whether there is one yet or not."""
        found = self._kept.get(name)
        if found is None:
            found = self._kept[name] = Kept(self._folder, self._settings, name)
            found.load(self._wall())
        return found

    # Handshakes

    def context(self, label: str = "") -> Context | None:
        """Give what a handshake uses now.

        :param label: of the name; empty for the router itself.
        """
        name = f"*.{self._domain}" if self._wanted is None else f"{label}.{self._domain}"
        kept = self._kept.get(name)
        return self._contexts.get(name) if kept is not None and kept.leaf is not None else None

    def _read(self, name: str) -> Context | None:
        kept = self._kept[name]
        if not kept.read():
            return None
        file = self._folder.file(name, CERTIFICATE)
        try:
            return read(file, file).context
        except (OSError, ValueError, SSL.Error) as error:
            self._folder.damaged(file, str(error))
            kept.lost = True
            return None

    # What is told, and asked for

    def statuses(self, now: float) -> list[CertificateStatus]:
        """Tell how certificates stand."""
        hold = self._hold()
        return [kept.status(now, hold) for kept in self._kept.values()]

    def renew(self, name: str = "") -> bool:
        """Get certificates anew now, or as soon as the authority lets us; whether there is such a one.

        :param name: which; empty for all.
        """
        found = [kept for kept in self._kept.values() if not name or name == kept.name]
        for kept in found:
            kept.forced = True
        self._quiet = 0.0
        self._looked = -PAUSE
        return bool(found)

    # Looking after them

    def refresh(self) -> None:
        """Do what is due; called every second."""
        self._contexts.renew_old()
        pause = PAUSE + len(self._kept) * PAUSE_EACH
        if self._stopped or self._doing is not None or self._reactor.seconds() - self._looked < pause:
            return
        self._looked = self._reactor.seconds()
        now, hold = self._wall(), self._hold()
        if now < self._quiet:
            return
        first = min(self._candidates(), key=lambda kept: kept.due(now, hold), default=None)
        if first is not None and first.due(now, hold) <= now and self._may():
            self._begin(first, self._order(first))
            return
        asks = next((kept for kept in self._kept.values() if kept.asks(now)), None)
        if asks is not None:
            self._begin(asks, self._inform(asks))

    def _candidates(self) -> list[Kept]:
        """Give what is to have a certificate."""
        if self._wanted is None:
            return list(self._kept.values())
        wanted = {f"{label}.{self._domain}" for label in self._wanted()}
        for name in [name for name in self._kept if name not in wanted]:
            self._forget(self._kept[name])
        return [self._of(name) for name in wanted]

    def _forget(self, kept: Kept) -> None:
        """Keep what nobody wants until it has ended, as its machine may come back; and failures, as it may often."""
        now, ended = self._wall(), kept.leaf.span[1] if kept.leaf is not None else 0.0
        if now >= max(ended, (kept.note.next_try or 0.0) + DAILY if kept.note.failures else 0.0):
            for kind in (CERTIFICATE, NOTE, ORDER):
                self._folder.remove(kept.name, kind)
            self._contexts.drop(kept.name)
            del self._kept[kept.name]

    def _may(self) -> bool:
        """Whether another order is within what we allow ourselves."""
        return self._wanted is None or not self._rates.wait("orders")

    def _hold(self) -> float | None:
        """Tell until when the authority wants to be left alone."""
        return max((kept.note.hold for kept in self._kept.values() if kept.note.hold is not None), default=None)

    def _begin(self, kept: Kept, work: Any) -> None:
        def over(result: Any) -> None:
            self._doing = None
            kept.under_way = False
            if isinstance(result, Failure) and not result.check(CancelledError):
                kept.note = kept.failed("the router made a mistake: its log says which", None, self._wall())
                log.failure("looking after {name} failed", result, name=kept.name, kind="certificate-keeping-failed")

        self._doing = Deferred.fromCoroutine(work)
        self._doing.addBoth(over)

    async def _order(self, kept: Kept) -> None:
        """Have one made, unless somebody else has, or is at it."""
        with self._folder.locked() as ours:
            if not ours:
                self._quiet = self._wall() + BUSY
                return
            kept.look(self._wall())  # once more, now that nobody else can
            if kept.due(self._wall(), None) > self._wall():
                self._contexts.renew(kept.name)
                return
            kept.under_way, forced, kept.forced = True, kept.forced, False
            log.info("getting a certificate of {name}", name=kept.name, forced=forced, kind="certificate-begun")
            try:
                informs = await self._issuance.obtain(kept.name, kept.identifier)
            except AuthorityError as error:
                kept.begun = self._folder.file(kept.name, ORDER).exists()
                await self._failed(kept, error)
            else:
                await self._succeeded(kept, informs=informs)

    async def _succeeded(self, kept: Kept, *, informs: bool) -> None:
        self._contexts.renew(kept.name)  # reads it, and has it used from the next handshake on
        if kept.lost or kept.leaf is None:
            await self._failed(kept, AuthorityError("it gave something that cannot be used", refused=True))
            return
        await self._write(kept, kept.succeeded(self._settings.directory, informs=informs, now=self._wall()))
        await self._issuance.done(kept.name)
        kept.begun = False
        self._quiet = 0.0
        until = dated(kept.leaf.span[1])
        log.info(
            "there is a new certificate of {name}, until {until}", name=kept.name, until=until, kind="certificate-got"
        )

    async def _failed(self, kept: Kept, error: AuthorityError) -> None:
        now = self._wall()
        found = kept.failed(error.why, error.retry_after, now)
        if not error.refused and found.next_try is not None:
            self._quiet = found.next_try  # it is no fault of this name: nobody else is better off
        await self._write(kept, found)
        log.error(
            "no certificate of {name}: {why}; what there is stays in use; next attempt {next}",
            name=kept.name,
            why=error.why,
            next=dated(found.next_try or now),
            kind="certificate-failed",
        )

    async def _inform(self, kept: Kept) -> None:
        """Ask when the authority wants a certificate renewed (RFC 9773)."""
        now = self._wall()
        try:
            authority = await self._issuance.signed_in(account_too=False)
            try:
                window: Window | None = None
                wait: float | None = DAILY
                if authority.informs:
                    window, wait = await in_thread(self._reactor, INFORMED[0], authority.window, kept.identifier)
            finally:
                authority.close()
        except (AuthorityError, TooLongError) as error:
            log.debug(
                "no renewal information of {name}: {why}", name=kept.name, why=str(error), kind="certificate-window"
            )
            await self._write(kept, replace(kept.note, ask_at=now + INFORMED[1]))
            return
        await self._write(kept, kept.informed(window, wait, self._chance.random(), now))

    async def _write(self, kept: Kept, found: Note) -> None:
        kept.note = found
        try:
            await in_thread(self._reactor, INFORMED[0], kept.write, found)
        except (OSError, TooLongError) as error:
            log.error(  # noqa: TRY400 - nothing of ours
                "what is known of the certificate of {name} cannot be written: {why}",
                name=kept.name,
                why=str(error),
                kind="certificate-note-failed",
            )

    def stop(self) -> None:
        """End: what is under way is finished by the next process."""
        self._stopped = True
        doing = self._doing
        if doing is not None:
            doing.cancel()
