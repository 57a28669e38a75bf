"""Host and request-target: RFC 9112 §3.2 and §3.3, authority of RFC 3986 §3.2.

Rule of this file: syntax only. It says for which host and target a request is; never whether we serve them.
"""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from typing import Final

from webproxy.errors import ClientProtocolError

HOST_LIMIT: Final = 261  # 255 of a name (RFC 3986 §3.2.2), a colon, five digits

# Letters, digits, "-._~" and the underscore of containers' names. RFC 3986 would allow percent-encoding and sub-delims
# ("!$&'()*+,;=") as well; no DNS name has them, and they are list syntax in every forwarding field.
_NAME: Final = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-._~"


def authority(value: bytes) -> bytes:
    """Check a ``host[:port]`` (RFC 9110 §7.2, RFC 3986 §3.2); gives it back as it is.

    :param value: of a Host field, or the authority of an absolute-form target.
    :raises ClientProtocolError: 400 for anything that is not exactly one host with at most one port: an empty host,
        user information, an empty port, a port outside 1-65535, lists, zones, foreign characters.
    """
    if len(value) > HOST_LIMIT or not _is_authority(value):
        raise ClientProtocolError(400, "a malformed host (RFC 9112 section 3.2)")
    return value


@lru_cache(maxsize=1024)  # a client sends the same Host all day: 0.1 us instead of 0.9; at most 1024 x 261 bytes
def _is_authority(value: bytes) -> bool:
    if value[:1] == b"[":
        address, bracket, rest = value[1:].partition(b"]")
        if not bracket or (rest and rest[:1] != b":") or not _is_ipv6(address):
            return False
        return not rest or _is_port(rest[1:])
    host, colon, port = value.partition(b":")
    if not host or host.translate(None, _NAME):
        return False
    return not colon or _is_port(port)


def _is_ipv6(address: bytes) -> bool:
    """RFC 3986 §3.2.2 ``IPv6address``; zones (RFC 6874) are for one machine and never on the wire."""
    if b"%" in address:
        return False
    try:
        ipaddress.IPv6Address(address.decode("ascii"))
    except ValueError:
        return False
    return True


def _is_port(port: bytes) -> bool:
    return port.isdigit() and len(port) <= 5 and 0 < int(port) < 65536


def reduced(method: bytes, target: bytes) -> tuple[bytes, bytes]:
    """Reduce a target that does not begin with a slash to what goes on to the internal service (RFC 9112 §3.2).

    :param method: of the request.
    :param target: as received; visible ASCII.
    :returns: authority and target; the authority is ``b""`` where Host decides.
    :raises ClientProtocolError: 400 for a form this method may not use, and for what is no target at all.
    """
    scheme, separator, rest = target.partition(b"://")
    if separator and scheme.lower() in {b"http", b"https"}:  # §3.2.2 absolute-form
        return _absolute(method, rest)
    if method == b"CONNECT":  # §3.2.3 authority-form
        return authority(target), target
    if target == b"*" and method == b"OPTIONS":  # §3.2.4 asterisk-form
        return b"", target
    raise ClientProtocolError(400, "a request target of no form that fits its method (RFC 9112 section 3.2)")


def _absolute(method: bytes, rest: bytes) -> tuple[bytes, bytes]:
    """Split what follows ``http://`` (RFC 3986 §3): the authority ends at the first slash or question mark."""
    end = min((at for at in (rest.find(b"/"), rest.find(b"?")) if at >= 0), default=len(rest))
    host, target = authority(rest[:end]), rest[end:]
    if target[:1] == b"/":
        return host, target
    if not target and method == b"OPTIONS":  # §3.2.4: the last proxy sends an asterisk
        return host, b"*"
    return host, b"/" + target  # RFC 9110 §4.2.3: an empty path is "/"
