"""Settings that are right one by one, and wrong together.

Rule of this file: each check is a function from settings to a sentence, or to None.
"""

from __future__ import annotations

import ipaddress
import math
from typing import TYPE_CHECKING

from webproxy.errors import SettingsError
from webproxy.net.destination import Tcp
from webproxy.net.local import is_local

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from webproxy.settings.model import Settings

EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 - to recognise it, not to bind it

_NOBODY = "everybody may come in, so nobody has a name"


def contradictions(settings: Settings, where: Mapping[str, str]) -> list[SettingsError]:
    """Find what contradicts itself.

    :param where: the address of each option that somebody gave, for the errors.
    """
    found = (
        ("internal", _internal_is_external(settings), "give the port where the service listens now, or another --port"),
        ("listen", _listens_twice(settings), "give each address once"),
        ("listen", _listens_elsewhere(settings), "give one of its addresses, or leave the option out for all of them"),
        (
            "proxy-protocol",
            _trusted_twice(settings),
            "name each peer in one of them: how it speaks decides in which",
        ),
        ("websocket", _frames_in_a_tunnel(settings), "say --websocket auto, or leave that option out"),
        *_of_credentials(settings),
        *_of_router(settings),
        ("admin", _admin_without_token(settings), "give --admin-token-file, or a Unix socket: unix:/path"),
    )
    return [SettingsError(where.get(name, f"--{name}"), str(what), right) for name, what, right in found if what]


def _internal_is_external(settings: Settings) -> str | None:
    """Find a candidate that is our own listening address: we would forward to ourselves, for ever."""
    for candidate in settings.internal:
        if isinstance(candidate, Tcp) and candidate.port == settings.port and _covers(settings.listen, candidate.host):
            return f"{candidate} is the address that webproxy itself would open"
    return None


def _covers(listen: tuple[str, ...], host: str) -> bool:
    """Tell whether a socket on ``listen`` (empty: all addresses) is reached at ``host``."""
    if not listen:
        return is_local(host)
    if host in listen or host in EVERYWHERE:
        return True
    version = 6 if ":" in host else 4
    return any(address in EVERYWHERE and _version(address) == version for address in listen) and is_local(host)


def _listens_twice(settings: Settings) -> str | None:
    """Find an address that another one already contains: the second socket would find its port in use."""
    seen: set[str] = set()
    for address in settings.listen:
        if address in seen:
            return f"{address} is given twice"
        seen.add(address)
    for address in settings.listen:
        everywhere = "::" if _version(address) == 6 else "0.0.0.0"  # noqa: S104 - compared, not bound
        if address != everywhere and everywhere in seen:
            return f"{address} is part of {everywhere}"
    return None


def _listens_elsewhere(settings: Settings) -> str | None:
    """Find an address that is another machine's."""
    strange = next((address for address in settings.listen if not is_local(address)), None)
    return strange and f"{strange} is not an address of this machine"


def _trusted_twice(settings: Settings) -> str | None:
    """Find a peer that is meant to be both an HTTP proxy and a layer-4 one.

    From a layer-4 peer the PROXY header is required, so an HTTP proxy among them would find its connections closed;
    and what a layer-4 peer passes on under its own address (a health check) would be believed in its fields, too.
    """
    for layer_4 in map(ipaddress.ip_network, settings.proxy_protocol):
        for http in map(ipaddress.ip_network, settings.trust):
            if layer_4.version == http.version and layer_4.overlaps(http):
                return f"{max(layer_4, http, key=lambda network: network.prefixlen)} is in --trust, too"
    return None


def _of_credentials(settings: Settings) -> Iterator[tuple[str, str | bool, str]]:
    """Find credentials that lack their other half, or that there are twice."""
    credentials = settings.credentials
    if credentials is None:
        yield "forward-user", settings.forward_user and _NOBODY, "give --user, --htpasswd or --keys, or leave it out"
        return
    alone = bool(credentials.password_file and not credentials.user)
    yield "password-file", alone and "no user is named", "give --user NAME, too"
    twice = bool(credentials.user and credentials.htpasswd)
    right = f"leave one of them out; webproxy passwd {credentials.htpasswd} {credentials.user} adds this user to it"
    yield "user", twice and "there is a --htpasswd file, too", right


def _of_router(settings: Settings) -> Iterator[tuple[str, str | bool, str]]:
    """Find what only makes sense with a router, and a router that does not know us."""
    if settings.router:
        right = "give --router-token-file FILE, which the router's operator has"
        yield "router", "" if settings.router_token_file else "the router wants a token", right
        yield "public-url", settings.public_url and "the router says the public address", "leave one of them out"
        return
    for name in ("router_token_file", "router_ca", "label"):
        right = "give --router URL, too, or leave it out"
        yield name.replace("_", "-"), getattr(settings, name) and "there is no router", right


def _admin_without_token(settings: Settings) -> str | None:
    """Find an admin endpoint that every user of this machine could ask."""
    if isinstance(settings.admin, Tcp) and not settings.admin_token_file:
        return f"{settings.admin} can be reached by every user of this machine"
    return None


def _frames_in_a_tunnel(settings: Settings) -> str | None:
    """Find an option that needs frames, where every WebSocket is to be a tunnel."""
    if settings.websocket != "tunnel":
        return None
    needing = ("websocket_ping", "websocket_max_message", "websocket_max_frame")
    found = next((name for name in needing if getattr(settings, name) < math.inf), None)
    return found and f"in a tunnel nothing can be done for --{found.replace('_', '-')}"


def _version(address: str) -> int:
    return ipaddress.ip_address(address).version
