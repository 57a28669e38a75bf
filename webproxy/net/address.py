"""Addresses of clients: how they are written, and which networks they are in. Pure."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

MAPPED = "::ffff:"
"""How an IPv4 address begins on an IPv6 socket (RFC 4291 §2.5.5.2)."""


def plain(address: str) -> str:
    """Write an address without the marks of an IPv6 socket and without zone: ``::ffff:192.0.2.1`` is ``192.0.2.1``."""
    return address.partition("%")[0].removeprefix(MAPPED)


class Networks:
    """A set of networks, asked once per connection.

    :param cidrs: ``192.0.2.0/24``, ``2001:db8::/32``, or single addresses.
    :raises ValueError: one of them is neither.
    """

    def __init__(self, cidrs: Iterable[str] = ()) -> None:
        self._networks = tuple(ip_network(cidr) for cidr in cidrs)
        self._holds = lru_cache(maxsize=1024)(self._look_up)

    def __repr__(self) -> str:
        return f"<Networks {', '.join(map(str, self._networks))}>"

    def __bool__(self) -> bool:
        """Tell whether there are any."""
        return bool(self._networks)

    def __contains__(self, address: str) -> bool:
        """Tell whether ``address``, as :func:`plain` writes it, is in one of them."""
        return bool(self._networks) and self._holds(address)

    def _look_up(self, address: str) -> bool:
        try:
            parsed = ip_address(address)
        except ValueError:  # a Unix socket has none
            return False
        return any(parsed in network for network in self._networks if network.version == parsed.version)
