"""What the router answers to machines: challenge, register, renew, release.

Rule of this file: the order in which a request is looked at (docs/reference/router-protocol.md): what costs least
first, and nothing that costs much before the token and the key's proof are known to be good. Who may register what is
``registry``'s; HTTP and TLS are ``control_site``'s.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from twisted.logger import Logger

from webproxy.net.destination import Tcp
from webproxy.router import asked as words
from webproxy.router.asked import Malformed, read
from webproxy.router.asking import NoPlainHttp, ask
from webproxy.router.nonces import CHALLENGE, NEXT, Nonces
from webproxy.router.proof import proved, signed
from webproxy.router.rates import Rates
from webproxy.router.registry import LEASE, Refused, Wish, digest_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from webproxy.router.acme.status import CertificateStatus
    from webproxy.router.asked import Asked
    from webproxy.router.clerk import Clerk
    from webproxy.router.rows import Name

log = Logger()

RENEW = LEASE / 3
"""Seconds after which a machine should renew: it may miss two."""
SOON = 5.0
"""The same while its certificate is awaited: people look at the padlock."""
_WORDS = {400: "refused", 401: "token", 404: "lease", 422: "port", 503: "busy"}


class Reply(NamedTuple):
    """What goes back.

    :ivar retry: seconds to wait; 0 where nothing is said of it.
    """

    status: int
    said: dict[str, Any]
    retry: int = 0


class Peer(NamedTuple):
    """Whose request it is.

    :ivar address: where it comes from, without marks.
    :ivar local: the address of ours that it reached.
    """

    address: str
    local: str


@dataclass(frozen=True, slots=True)
class Terms:
    """How much is allowed.

    :param address: requests of an address: at once, then a second.
    :param token: registrations with a token: at once, then a second.
    :param asking: ports that are asked at the same time: in all, and of one address.
    """

    address: tuple[int, float] = (120, 4.0)
    token: tuple[int, float] = (120, 2.0)
    asking: tuple[int, int] = (64, 8)


class Control:
    """Answers machines.

    :param domain: names are one label below it.
    :param port: where the public reaches them.
    :param advertise: the router's addresses towards machines; empty: the one that a machine reached.
    :param padlock: how the certificate of a name is; ``None`` when nobody gets one for it.
    :ivar internal: where machines forward, as they told, by name.
    """

    def __init__(
        self,
        reactor: Any,
        clerk: Clerk,
        *,
        domain: str,
        port: int,
        advertise: tuple[str, ...] = (),
        padlock: Callable[[str], CertificateStatus | None] = lambda _name: None,
        terms: Terms | None = None,
    ) -> None:
        terms = terms or Terms()
        self._reactor = reactor
        self._clerk = clerk
        self._suffix = f".{domain}" + ("" if port == 443 else f":{port}")
        self._advertise = advertise
        self._padlock = padlock
        self.internal: dict[str, str] = {}
        self._asking = terms.asking
        self._asked: Counter[str] = Counter()
        self._by_address = _rates(reactor, *terms.address)
        self._by_token = _rates(reactor, *terms.token)
        self.nonces = Nonces(reactor.seconds)

    def __repr__(self) -> str:
        return f"<Control of *{self._suffix} asking={self._asked.total()}>"

    async def answer(self, does: str, token: bytes, peer: Peer, body: bytes) -> Reply:
        """Answer a request.

        :param does: one of the four words of the protocol.
        :param token: as it was sent; empty when none was.
        """
        wait = self._by_address.wait(peer.address)
        if wait:
            return _refusal(429, "rate", "too many requests from this address", wait)
        try:
            request = read(does, body)
        except Malformed as error:
            return _refusal(400, "malformed", str(error))
        try:
            await self._clerk.ask(lambda registry: registry.known(token))
        except Refused as error:
            return self._refused(error, peer)
        reply = await self._answer_known(request, token, peer)
        seconds = CHALLENGE if does == words.CHALLENGE else NEXT
        nonce = self.nonces.give(peer.address, seconds)
        if nonce is not None:
            return reply._replace(said={**reply.said, "nonce": nonce, "nonce_seconds": int(seconds)})
        return reply if does != words.CHALLENGE else _refusal(503, "busy", "the router has too much to do", 5)

    async def _answer_known(self, request: Asked, token: bytes, peer: Peer) -> Reply:
        """Answer whose token is good."""
        if request.does == words.CHALLENGE:
            return Reply(200, {})
        if not self.nonces.take(peer.address, request.nonce):
            return _refusal(428, "nonce", "the nonce is not good, or no longer: sign the one of this reply")
        what = signed(request.does, request.nonce, token, request.port, request.label)
        if not proved(request.machine, request.signature, what):
            return _refusal(403, "refused", "the signature is not of this machine's key, or not over this request")
        wish = Wish(token, request.machine, request.port, peer.address, request.label)
        try:
            reply = await self._granted(request.does, wish, peer)
        except Refused as error:
            return self._refused(error, peer)
        name = str(reply.said.get("name", ""))
        if name and request.internal:
            self.internal[name] = request.internal
        return reply

    async def _granted(self, does: str, wish: Wish, peer: Peer) -> Reply:
        """Do what a machine asks for.

        :raises Refused: not this one.
        """
        if does == words.RELEASE:
            released = await self._clerk.ask(lambda registry: registry.release(wish))
            return Reply(200, {"released": released.name if released is not None else ""})
        if does == words.RENEW:
            return self._leased(await self._clerk.ask(lambda registry: registry.renew(wish)), peer)
        wait = self._by_token.wait(digest_of(wish.token))
        if wait:
            return _refusal(429, "rate", "too many registrations with this token", wait)
        await self._clerk.ask(lambda registry: registry.admit(wish))
        await self._ask_its_port(Tcp(wish.address, wish.port))
        name = await self._clerk.ask(lambda registry: registry.register(wish))
        log.info("{name} is {where}", name=name.name, where=Tcp(name.address, name.port), kind="registered")
        return self._leased(name, peer)

    async def _ask_its_port(self, machine: Tcp) -> None:
        """Ask whether a port answers plain HTTP.

        :raises Refused: it does not, or too many are being asked.
        """
        most, each = self._asking
        if self._asked.total() >= most or self._asked[machine.host] >= each:
            raise Refused(503, "too many ports are being asked at the moment")
        self._asked[machine.host] += 1
        try:
            await ask(self._reactor, machine)
        finally:
            self._asked[machine.host] -= 1
            if not self._asked[machine.host]:
                del self._asked[machine.host]

    def url(self, name: str) -> str:
        """Give the public address of a name."""
        return f"https://{name}{self._suffix}"

    def _leased(self, name: Name, peer: Peer) -> Reply:
        padlock = self._padlock(name.name)
        certificate = {
            "state": padlock.state if padlock is not None else "pending",
            "not_after": padlock.not_after if padlock is not None else None,
            "why": padlock.why if padlock is not None else "there is no certificate for this name",
        }
        return Reply(
            200,
            {
                "certificate": certificate,
                "name": name.name,
                "url": self.url(name.name),
                "routers": list(self._advertise or (peer.local,)),
                "lease": int(LEASE),
                "renew": int(SOON if padlock is not None and padlock.state == "pending" else RENEW),
            },
        )

    def _refused(self, error: Refused, peer: Peer) -> Reply:
        if error.status != 503:
            log.info("{address} is refused: {why}", address=peer.address, why=error.reason, kind="machine-refused")
        word = "tls" if isinstance(error, NoPlainHttp) and error.tls else _WORDS.get(error.status, "refused")
        return _refusal(error.status, word, error.reason, 2 if error.status == 503 else 0)


def _rates(reactor: Any, burst: int, rate: float) -> Rates:
    return Rates(reactor.seconds, rate=rate, burst=burst)


def _refusal(status: int, word: str, told: str, retry: int = 0) -> Reply:
    return Reply(status, {"error": word, "told": told}, retry)
