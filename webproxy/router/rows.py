"""What the store holds: tokens of tenants, machines by their keys, names and their leases.

Rule of this file: frozen values; times are seconds since the epoch, as they outlive the process.
"""

from __future__ import annotations

from typing import NamedTuple

KEPT = 30 * 86400.0
"""Seconds for which a name is kept for its machine after its lease has ended."""


class Token(NamedTuple):
    """What lets a tenant's machines register.

    :ivar tenant: who it was made for; names belong to the tenant, not to the token.
    :ivar digest: SHA-256 of the token, which itself is nowhere.
    :ivar quota: how many names the tenant may have.
    :ivar first_port: the lowest port that may be registered.
    :ivar last_port: the highest.
    :ivar created: when.
    :ivar expires: when it is good no longer; ``None`` for never.
    :ivar revoked: when it was revoked; ``None`` while it is good.
    """

    tenant: str
    digest: bytes
    quota: int
    first_port: int
    last_port: int
    created: float
    expires: float | None = None
    revoked: float | None = None

    def good(self, now: float) -> bool:
        """Whether it lets anybody in."""
        return self.revoked is None and (self.expires is None or now < self.expires)


class Name(NamedTuple):
    """A public name.

    :ivar name: its first label; the domain is the router's.
    :ivar tenant: whose it is.
    :ivar machine: the Ed25519 public key of the machine that has it.
    :ivar address: where that machine is, in the internal network.
    :ivar port: its external port.
    :ivar created: when it was given.
    :ivar until: until when the machine's lease lasts, or lasted.
    :ivar blocked: why an operator has switched it off; empty while it is on.
    """

    name: str
    tenant: str
    machine: bytes
    address: str
    port: int
    created: float
    until: float
    blocked: str = ""

    def live(self, now: float) -> bool:
        """Whether its machine holds a lease."""
        return now < self.until

    def forgotten(self, now: float) -> bool:
        """Whether somebody else may have it."""
        return now >= self.until + KEPT and not self.blocked
