"""A machine's side of its lease: registers, renews, releases, and never gives up.

Rule of this file: what is said when. What a lease means for those who come is ``downstream``'s; it is told of in
``changed`` alone. Nothing here is on the way of a request, and nothing that fails here stops the service.
"""

from __future__ import annotations

from random import SystemRandom
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol, TypeAlias

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.defer import TimeoutError as LateError
from twisted.internet.task import deferLater
from twisted.logger import Logger

from webproxy.registration.pauses import after_failures, after_refusal, until_renewal
from webproxy.registration.words import (
    CHALLENGE,
    REGISTER,
    RELEASE,
    RENEW,
    Padlock,
    RouterAway,
    lease_in,
    nonce_in,
    signed,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from webproxy.registration.machine_key import MachineKey
    from webproxy.registration.pauses import Chance
    from webproxy.registration.words import Lease, Reply

log = Logger()

State: TypeAlias = Literal["asking", "held", "away", "refused", "released"]

LAST_WORD = 5.0
"""Seconds that releasing a lease may take: a machine that stops does not wait for a router that is away."""

MARGIN = 5.0
"""Seconds before its end from which on a nonce is not used any more: it takes a while to get there."""


class Speaks(Protocol):
    """Whoever carries words to the router."""

    async def ask(self, does: str, token: str, members: Mapping[str, object]) -> Reply:
        """Ask for something; raises RouterAway."""

    def close(self) -> Deferred[Any]:
        """Speak no more."""


class Claim(NamedTuple):
    """What is registered.

    :ivar port: the external port.
    :ivar label: what the name should begin with; empty: whatever comes.
    :ivar token: reads the tenant's token, for another one may be in its file by now; raises RouterAway.
    :ivar key: who we are.
    :ivar internal: where we forward, for the router's operator to see; empty: nothing is told.
    """

    port: int
    label: str
    token: Callable[[], str]
    key: MachineKey
    internal: str = ""


class Registration:
    """Keeps a lease. States: asking, held, away (no lease, no answer), refused, released.

    :param changed: is told of each lease that says anything new.
    :ivar lease: the last promise; it may have run out.
    :ivar why: what the last attempt came to; empty: a lease.
    """

    def __init__(
        self,
        control: Speaks,
        claim: Claim,
        reactor: Any,
        changed: Callable[[Lease], None],
        chance: Chance | None = None,
    ) -> None:
        self._control = control
        self._claim = claim
        self._reactor = reactor
        self._changed = changed
        self._chance = chance or SystemRandom()
        self.lease: Lease | None = None
        self.why = ""
        self._until = 0.0
        self._failures = 0
        self._refused = self._registered = self._left = False
        self._spare: tuple[str, float] = ("", 0.0)
        self._keeping: Deferred[None] | None = None

    def __repr__(self) -> str:
        return f"<Registration of {self._claim.port} {self.state}>"

    @property
    def state(self) -> State:
        """How the lease is."""
        if self._left:
            return "released"
        if self.lease is not None and self._reactor.seconds() < self._until:
            return "held"
        if self._refused:
            return "refused"
        return "away" if self._failures else "asking"

    def now(self) -> dict[str, Any]:
        """Give what is to be seen of it, ready for JSON."""
        url, padlock = (self.lease.url, self.lease.padlock) if self.lease else ("", Padlock())
        return {"state": self.state, "url": url, "why": self.why, "certificate": padlock._asdict()}

    def told(self) -> str:
        """Say where the public comes in; empty while it does not."""
        return self.lease.url if self.lease is not None and self.state == "held" else ""

    def start(self) -> None:
        """Begin."""
        self._keeping = Deferred.fromCoroutine(self._keep())
        self._keeping.addErrback(lambda failure: failure.trap(CancelledError))
        self._keeping.addErrback(
            lambda failure: log.failure("the lease is kept no longer", failure, kind="lease-failed")
        )

    async def stop(self, *, release: bool = True) -> None:
        """End.

        :param release: give the lease back; not if another process goes on with it.
        """
        if self._left:
            return
        self._left = True
        if self._keeping is not None:
            self._keeping.cancel()
        if release and self._registered:
            released = Deferred.fromCoroutine(self._say(RELEASE)).addTimeout(LAST_WORD, self._reactor)
            released.addErrback(lambda failure: failure.trap(RouterAway, LateError))
            await released
        await self._control.close()

    async def _keep(self) -> None:
        while not self._left:
            pause = await self._attempt()
            await deferLater(self._reactor, pause, lambda: None)

    async def _attempt(self) -> float:
        """Ask for the lease, or for more of it; gives the seconds until the next time."""
        try:
            reply = await self._say(RENEW if self._registered and self.lease is not None else REGISTER)
            if reply.status == 404 and self.lease is not None:  # it knows of no lease: it was away for long
                reply = await self._say(REGISTER)
            if reply.status == 200:
                return self._take(lease_in(reply))
        except RouterAway as error:
            return self._missed(str(error))
        return self._turned_away(reply)

    def _take(self, lease: Lease) -> float:
        """Hold what was promised."""
        before, self.lease = self.lease, lease
        self._until = self._reactor.seconds() + lease.seconds
        if self.why:
            log.info(
                "the router holds {url} for port {port} again", url=lease.url, port=self._claim.port, kind="lease-kept"
            )
        self._failures, self._refused, self.why = 0, False, ""
        if lease.padlock.state != (before.padlock.state if before is not None else ""):
            self._tell_padlock(lease)
        if before is None or (before.url, before.routers) != (lease.url, lease.routers):
            self._changed(lease)
        return until_renewal(lease, self._chance)

    def _tell_padlock(self, lease: Lease) -> None:
        """Tell that the certificate is in another state."""
        state, _, why = lease.padlock
        if state in ("expiring", "failed"):
            log.warn(  # noqa: G010 - Twisted's name
                "the certificate of {url} is {state}: {why}",
                url=lease.url,
                state=state,
                why=why or "the router does not say why",
                kind="lease-certificate-alarm",
            )
        elif state:
            log.info("the certificate of {url} is {state}", url=lease.url, state=state, kind="lease-certificate")

    def _missed(self, why: str) -> float:
        """Take note that nobody answered."""
        self._failures += 1
        if self.why != why:
            log.warn("the router is away: {why}; webproxy serves on, and tries again", why=why, kind="router-away")  # noqa: G010 - Twisted's name
        self.why = why
        return after_failures(self._failures, self._chance)

    def _turned_away(self, reply: Reply) -> float:
        """Take note of a refusal."""
        self._failures += 1
        self._refused = True
        if self.why != reply.told:
            log.error(
                "the router refuses port {port}: {told}; webproxy serves on, and tries again",
                port=self._claim.port,
                told=reply.told,
                kind="lease-refused",
            )
        self.why = reply.told
        return after_refusal(reply, self._failures, self._chance)

    async def _say(self, does: str) -> Reply:
        """Say something that is signed; a nonce that has become useless is replaced once.

        :raises RouterAway: there is no sound answer.
        """
        token = self._claim.token()
        if not self._nonce_at_hand():
            reply = await self._ask(CHALLENGE, token, {})
            if not self._nonce_at_hand():
                if reply.status == 200:
                    raise RouterAway("its challenge holds no nonce")
                return reply
        reply = await self._say_once(does, token)
        if reply.status == 428 and self._nonce_at_hand():
            reply = await self._say_once(does, token)
        return reply

    async def _say_once(self, does: str, token: str) -> Reply:
        claim, nonce = self._claim, self._spare[0]
        self._spare = ("", 0.0)
        label = claim.label if does == REGISTER else ""
        members: dict[str, object] = {"machine": claim.key.public, "port": claim.port, "nonce": nonce}
        members["signature"] = claim.key.sign(signed(does, nonce, token, claim.port, label))
        if claim.internal and does in (REGISTER, RENEW):
            members["internal"] = claim.internal
        if does == REGISTER:
            members["label"] = label
            self._registered = True
        return await self._ask(does, token, members)

    async def _ask(self, does: str, token: str, members: Mapping[str, object]) -> Reply:
        reply = await self._control.ask(does, token, members)
        spare = nonce_in(reply)
        if spare is not None:
            self._spare = (spare[0], self._reactor.seconds() + spare[1] - MARGIN)
        return reply

    def _nonce_at_hand(self) -> bool:
        return bool(self._spare[0]) and self._reactor.seconds() < self._spare[1]
