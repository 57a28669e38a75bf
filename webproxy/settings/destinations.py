"""Where the internal service is: ``--internal 8080``, ``host:port``, ``[v6]:port``, ``unix:/path``.

Rule of this file: text -> candidates, in the order in which they are tried. Nothing is looked up or connected to.
"""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING

from webproxy.net.destination import Tcp, Unix
from webproxy.settings.ports import port_number
from webproxy.settings.wrong import TextError

if TYPE_CHECKING:
    from webproxy.net.destination import Destination

#: How a sentence tells what may be written.
GRAMMAR = "write a port (8080), host:port, [IPv6 address]:port or unix:/path"

#: Where a service that only names its port may listen: most choose IPv4, some (Node.js) IPv6. RFC 6761 §6.3 gives
#: the name localhost the same two.
LOOPBACKS = ("127.0.0.1", "::1")

#: sun_path holds 108 bytes, its end included (unix(7)).
LONGEST_PATH = 107

_URL = re.compile(r"(https?|wss?)://([^/]*)/?.*", re.IGNORECASE)
_ENDPOINT = re.compile(r"(ssl|tls):.*", re.IGNORECASE)
_HOST = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?\.?")


def destinations(text: str) -> tuple[Destination, ...]:
    """Read where the internal service is.

    :returns: at least one candidate.
    :raises TextError: not a destination, or one that speaks TLS.
    """
    _refuse_schemes(text)
    if text.startswith("unix:"):
        return (_unix(text[len("unix:") :]),)
    host, colon, port = text.rpartition(":")
    if not colon:
        host, port = "localhost", _port_alone(text)
    if host == "localhost":
        return tuple(Tcp(address, port_number(port)) for address in LOOPBACKS)
    return (Tcp(_host(host, text), port_number(port)),)


def _refuse_schemes(text: str) -> None:
    """Refuse URLs and TLS endpoints, the two things that people paste here."""
    if _ENDPOINT.fullmatch(text):
        raise TextError(f"{text!r} asks for TLS", "the internal service is spoken to in plain HTTP; give host:port")
    if not (url := _URL.fullmatch(text)):
        return
    scheme, authority = url.groups()
    if scheme.lower() in ("https", "wss"):
        raise TextError(f"{text!r} asks for TLS", "give the host:port where the service speaks plain HTTP")
    raise TextError(f"{text!r} is a URL", f"give host and port alone: {authority}")


def _port_alone(text: str) -> str:
    """Check that a text without a colon is meant as a port, and not as a host or a path."""
    if re.fullmatch(r"-?[0-9]+", text):
        return text
    if text.startswith("/"):
        raise TextError(f"{text!r} is a path", f"for a Unix socket write unix:{text}")
    raise TextError(f"{text!r} names no port", GRAMMAR)


def _unix(path: str) -> Unix:
    """Read the path of a Unix socket; it need not exist yet."""
    if not path.startswith("/"):
        raise TextError(f"'unix:{path}' is not an absolute path", "write unix:/path/to/socket")
    if len(path.encode()) > LONGEST_PATH:
        raise TextError(f"'unix:{path}' is too long", f"the path of a Unix socket has at most {LONGEST_PATH} bytes")
    return Unix(path)


def _host(host: str, text: str) -> str:
    """Read the host before a port: an IPv4 address, an IPv6 address in brackets, or a name."""
    if host.startswith("[") and host.endswith("]"):
        try:
            return str(ipaddress.IPv6Address(host[1:-1]))
        except ValueError:
            raise TextError(f"{text!r} has no IPv6 address in its brackets", "write [::1]:8080") from None
    if ":" in host:
        raise TextError(f"{text!r} could be read in two ways", "write an IPv6 address in brackets, as in [::1]:8080")
    if re.fullmatch(r"[0-9.]+", host):
        return _ipv4(host, text)
    if not _HOST.fullmatch(host):
        raise TextError(f"{text!r} names no host", GRAMMAR)
    return host


def _ipv4(host: str, text: str) -> str:
    try:
        return str(ipaddress.IPv4Address(host))
    except ValueError:
        raise TextError(f"{text!r} has no IPv4 address before its port", "write 127.0.0.1:8080") from None
