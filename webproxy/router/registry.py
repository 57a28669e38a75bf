"""The registry: who has which name, and whose machine answers for it now.

Rule of this file: decisions about registrations, and one picture in memory by which each connection is routed with one
look-up. Names are on disk before they are promised; leases are in memory, and on disk now and then: after a restart
every machine that held one has a whole lease's time to come back.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, NamedTuple

from webproxy.errors import WebproxyError
from webproxy.router.names import BadLabel, checked, made, propose
from webproxy.router.rows import KEPT, Name

if TYPE_CHECKING:
    from collections.abc import Callable

    from webproxy.router.names import Chance
    from webproxy.router.rows import Token
    from webproxy.router.store import Store

LEASE = 90.0
"""Seconds for which a machine need not be heard of."""


class Refused(WebproxyError):  # noqa: N818 - as in errors.py
    """A registration is refused.

    :param status: how HTTP says it.
    :param reason: why, in a sentence.
    """

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class Wish(NamedTuple):
    """What a machine asks for.

    :ivar token: the tenant's, as it was sent.
    :ivar machine: its Ed25519 public key; it has shown that it has the other half.
    :ivar port: its external port.
    :ivar address: where it is, as the router saw it.
    :ivar label: what its name should begin with; empty: whatever comes.
    """

    token: bytes
    machine: bytes
    port: int
    address: str
    label: str = ""


class Registry:
    """Who has which name.

    :param wall: seconds since the epoch.
    :param chance: chooses words.
    """

    def __init__(self, store: Store, wall: Callable[[], float], chance: Chance) -> None:
        self._store = store
        self._wall = wall
        self._chance = chance
        self._names: dict[str, Name] = {}
        self._renewed: dict[str, float] = {}
        self._version = 0
        self.read(grace=True)

    def __repr__(self) -> str:
        return f"<Registry of {len(self._names)} names>"

    # Routing

    def find(self, name: str) -> Name | None:
        """Find a name, whether its machine is there or not; one look-up."""
        return self._names.get(name)

    def names(self) -> list[Name]:
        """Give all names."""
        return list(self._names.values())

    # Registration

    def known(self, token: bytes) -> None:
        """Check a token.

        :raises Refused: it is not good.
        """
        self._token(token, self._wall())

    def admit(self, wish: Wish) -> None:
        """Check a wish as far as that is possible without granting it.

        :raises Refused: the token is not good, the port not in its range, or the machine another tenant's.
        """
        self._check(wish, self._token(wish.token, self._wall()))

    def register(self, wish: Wish) -> Name:
        """Give a machine its name, and a lease; asking again gives the same.

        :raises Refused: the token is not good, the port not in its range, the name not to be had, the quota used up.
        """
        now = self._wall()
        with self._store.transaction():
            token = self._token(wish.token, now)
            self._check(wish, token)
            had = self._store.name_of(wish.machine, wish.port)
            name = self._again(had, wish, now) if had is not None else self._new(wish, token, now)
            self._store.put_name(name)
        self._names[name.name] = name
        return name

    def renew(self, wish: Wish) -> Name:
        """Let a lease last on; nothing is written now.

        :raises Refused: as when registering; 404 when there is nothing to renew.
        """
        now = self._wall()
        self._check(wish, self._token(wish.token, now))
        stored = self._store.name_of(wish.machine, wish.port)
        known = self._names.get(stored.name) if stored is not None else None
        if known is None:
            raise Refused(404, f"port {wish.port} of this machine has no name: register it")
        if known.blocked:
            raise Refused(403, f"{known.name} is blocked: {known.blocked}")
        name = known._replace(until=now + LEASE, address=wish.address)
        if name.address != known.address:
            self._store.put_name(name)
        self._names[name.name] = name
        self._renewed[name.name] = name.until
        return name

    def release(self, wish: Wish) -> Name | None:
        """End a lease; the name stays the machine's."""
        now = self._wall()
        self._check(wish, self._token(wish.token, now))
        had = self._store.name_of(wish.machine, wish.port)
        if had is None:
            return None
        name = had._replace(until=min(now, self._names.get(had.name, had).until))
        self._store.put_name(name)
        self._renewed.pop(name.name, None)
        self._names[name.name] = name
        return name

    def _token(self, token: bytes, now: float) -> Token:
        found = self._store.token(digest_of(token))
        if found is None or not hmac.compare_digest(found.digest, digest_of(token)) or not found.good(now):
            raise Refused(401, "the token is none of ours, has expired, or was revoked")
        return found

    def _check(self, wish: Wish, token: Token) -> None:
        if not token.first_port <= wish.port <= token.last_port:
            raise Refused(403, f"port {wish.port} is not among {token.first_port} to {token.last_port}, the token's")
        tenant = self._store.machine_tenant(wish.machine)
        if tenant is not None and tenant != token.tenant:
            raise Refused(403, "this machine's key is another tenant's")

    def _again(self, had: Name, wish: Wish, now: float) -> Name:
        """Give a machine the name that it had."""
        if had.blocked:
            raise Refused(403, f"{had.name} is blocked: {had.blocked}")
        if wish.label and had.name.rsplit("-", 2)[0] != _checked(wish.label):
            raise Refused(409, f"port {wish.port} of this machine is {had.name}; release that name first")
        return had._replace(address=wish.address, until=now + LEASE)

    def _new(self, wish: Wish, token: Token, now: float) -> Name:
        """Give a machine a name that nobody has, or that nobody has claimed for long."""
        kept = [name for name in self._store.names(token.tenant) if not name.forgotten(now)]
        if len(kept) >= token.quota:
            raise Refused(403, f"the tenant {token.tenant} has all of its {token.quota} names")
        label = _checked(wish.label) if wish.label else made(self._chance)
        try:
            chosen = propose(label, lambda name: self._taken(name, now), self._chance)
        except BadLabel as error:
            raise Refused(409, str(error)) from error
        return Name(chosen, token.tenant, wish.machine, wish.address, wish.port, now, now + LEASE)

    def _taken(self, name: str, now: float) -> bool:
        found = self._store.name(name)
        return found is not None and not found.forgotten(now)

    # Keeping

    def flush(self) -> None:
        """Write leases to disk; called every few seconds, for all that were renewed meanwhile together."""
        renewed, self._renewed = self._renewed, {}
        if renewed:
            self._store.renew(renewed)

    def forget(self) -> None:
        """Forget names that nobody has claimed for long."""
        self.flush()
        if self._store.forget(self._wall() - KEPT):
            self.read()

    def read_if_changed(self) -> bool:
        """Take over what a command has changed in the store; whether there was anything."""
        if self._store.version == self._version:
            return False
        self.read()
        return True

    def read(self, *, grace: bool = False) -> None:
        """Read all names anew.

        :param grace: after a start: who held a lease when the router ended has a lease's time to come back.
        """
        now = self._wall()
        self._version = self._store.version
        names = {}
        for name in self._store.names():
            until = self._renewed.get(name.name, name.until)
            if grace and name.until >= now - 10 * LEASE:
                until = max(until, now + LEASE)
            names[name.name] = name._replace(until=until)
        self._names = names


def digest_of(token: bytes) -> bytes:
    """Give what is stored of a token: it has 256 bits, so a plain hash keeps it."""
    return hashlib.sha256(token).digest()


def _checked(label: str) -> str:
    try:
        return checked(label)
    except BadLabel as error:
        raise Refused(400, str(error)) from error
