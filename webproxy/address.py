"""Who counts as one client among those that nobody knows by name.

Rule of this file: text -> text, pure; every room may ask. Sockets and networks are ``webproxy.net.address``'s.
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv6Address, IPv6Network

LONGEST = 45
"""Characters of the longest address (RFC 4291 §2.2, form 3)."""


def neighbourhood(address: str) -> str:
    """Give what counts as one client: an IPv4 address, or the /64 of an IPv6 address, which one client has all of.

    :param address: as :func:`webproxy.net.address.plain` writes it; anything that is no address counts as itself.
    """
    if ":" not in address or len(address) > LONGEST:
        return address
    return _network_of(address)


@lru_cache(maxsize=4096)  # 0.1 us instead of 5 for a client that comes again
def _network_of(address: str) -> str:
    try:
        parsed = IPv6Address(address)
    except ValueError:
        return address
    return str(IPv6Network((int(parsed) >> 64 << 64, 64)))
