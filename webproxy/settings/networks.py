"""Networks of peers that are more than clients: ``--trust 10.0.0.0/8``, ``--proxy-protocol 192.0.2.7``.

Rule of this file: text -> one network, as :class:`~webproxy.net.address.Networks` takes it. Never a name: whose word
counts must not hang on an answer of DNS.
"""

from __future__ import annotations

import ipaddress
import re

from webproxy.net.address import MAPPED
from webproxy.settings.wrong import TextError

#: How a sentence tells what may be written.
GRAMMAR = "give an address or a network, such as 192.0.2.7, 10.0.0.0/8 or 2001:db8::/32"

_MAPPED_BITS = 96


def network(text: str) -> str:
    """Read a network, or a single address.

    :returns: as the system writes it, always with its length: ``192.0.2.7/32``.
    :raises TextError: neither of them, a network whose address has bits beyond its length, or several.
    """
    if re.search(r"[,;\s]", text.strip()):
        raise TextError(f"{text!r} names several", "give the option once for each")
    try:
        interface = ipaddress.ip_interface(text)
    except ValueError:
        raise TextError(f"{text!r} is not a network", _instead_of(text)) from None
    if "%" in text:
        raise TextError(f"{text!r} has a zone, which a peer's address has not", f"write {text.partition('%')[0]}")
    if "/" in text and interface.ip != interface.network.network_address:
        raise TextError(f"{text} is an address inside of a network", f"write {interface.network} or {interface.ip}")
    _refuse_mapped(text, interface.network)
    return str(interface.network)


def _refuse_mapped(text: str, read: ipaddress.IPv4Network | ipaddress.IPv6Network) -> None:
    """Refuse IPv4 in IPv6 (RFC 4291 §2.5.5.2): peers are compared by the IPv4 address that they have."""
    if isinstance(read, ipaddress.IPv6Network):
        inside = read.network_address.ipv4_mapped
        if inside is not None and read.prefixlen >= _MAPPED_BITS:
            raise TextError(f"{text} is IPv4 written as IPv6", f"write {inside}/{read.prefixlen - _MAPPED_BITS}")


def _instead_of(text: str) -> str:
    """Say what would be right where ``text`` was taken for a network."""
    if text == "localhost":
        return "give 127.0.0.1, ::1, or both"
    if text in ("", "*", "all", "any"):
        return f"{GRAMMAR}; 0.0.0.0/0 and ::/0 are everybody"
    if re.fullmatch(r"\[.*\](:[0-9]+)?|[0-9.]+:[0-9]+", text):
        return "give the address alone, without brackets and port"
    if text.lower().startswith(MAPPED):
        return "write the IPv4 address alone"
    return GRAMMAR
