"""What is said of the name server: frozen values, already parsed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the operator says of the zone.

    :param domain: its name.
    :param addresses: the router's, as the public reaches it; at least one.
    :param servers: names of the zone's servers, within it or not; at least one.
    :param contact: mailbox of whoever looks after it.
    :param authorities: who may issue certificates, as CAA says it; empty: nothing is said.
    """

    domain: str
    addresses: tuple[str, ...]
    servers: tuple[str, ...]
    contact: str
    authorities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsSettings:
    """What is served, and where.

    :param port: of UDP and TCP; 0 (a test's) lets the system choose one.
    :param listen: IP addresses to listen on; empty means all.
    """

    facts: Facts
    port: int = 53
    listen: tuple[str, ...] = ()
