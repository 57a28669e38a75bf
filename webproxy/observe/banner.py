"""What the operator reads at the start: where it listens, where it forwards, who gets in, what is dangerous.

Rule of this file: values -> lines. Looking around is ``survey``'s, printing is ``tap``'s.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from webproxy.net.destination import Tcp
from webproxy.upstream.host_rule import local_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from webproxy.net.destination import Destination
    from webproxy.settings.model import Settings


class Surroundings(NamedTuple):
    """What was seen around us before the start.

    :param up: the candidate where the internal service answers; None while it is not up.
    :param exposed: addresses beyond loopback on which the internal service itself listens.
    :param shared: the password's file, where every user of this machine may read it.
    """

    up: Destination | None
    exposed: Sequence[str]
    shared: str = ""


def banner(version: str, settings: Settings, surroundings: Surroundings, *, detached: bool = False) -> list[str]:
    """Tell what has been started.

    :param detached: it goes into the background, away from its standard output.
    :returns: a few lines without ends.
    """
    rows = [
        ("listens on", _listens_on(settings)),
        ("forwards to", _forwards_to(settings, surroundings.up)),
        ("as Host", _as_host(settings)),
        *_public(settings),
        *_access(settings),
        *(("WARNING", warning) for warning in _warnings(settings, surroundings, detached)),
    ]
    return [f"webproxy {version}", *(f"  {name:<12} {text}" for name, text in rows)]


def _listens_on(settings: Settings) -> str:
    """Name addresses that can be pasted into a browser."""
    if not settings.listen:
        return f"http://127.0.0.1:{settings.port} and every other address of this machine, IPv4 and IPv6"
    return ", ".join(f"http://{Tcp(address, settings.port)}" for address in settings.listen)


def _forwards_to(settings: Settings, up: Destination | None) -> str:
    if up is not None:
        return f"{up}, which is up"
    return " or ".join(str(candidate) for candidate in settings.internal) + ", which is not up yet"


def _as_host(settings: Settings) -> str:
    """Say which Host the internal service gets."""
    rule = settings.upstream_host
    if rule == "preserve":
        return "what clients send"
    local = local_name(settings.internal[0]).decode()
    if rule == "auto":
        return f"what clients send, or {local} if the service insists: the log tells, once it is up"
    return f"{local if rule == 'rewrite' else rule}, whatever clients send"


def _public(settings: Settings) -> Iterator[tuple[str, str]]:
    """Say where the public address will come from."""
    if settings.router:
        yield "public", f"{settings.router} is asked for an address: the log tells, once we have one"
        alone = "then others than it and this machine are told to go there"
        yield "", alone if settings.direct == "refuse" else "others may still come here directly, unencrypted"


def _access(settings: Settings) -> Iterator[tuple[str, str]]:
    """Say who may come in."""
    credentials = settings.credentials
    if credentials is None:
        yield "access", f"open, no password: whoever reaches port {settings.port} reaches the service;"
        yield "", "--user NAME asks for a password and lets nobody else in"
    else:
        ways = [f"{credentials.user} with a password"] if credentials.user else []
        ways += [f"the users of {credentials.htpasswd}"] if credentials.htpasswd else []
        ways += [f"the API keys of {credentials.keys}"] if credentials.keys else []
        yield "access", f"{' and '.join(ways)}, and nobody else{'' if settings.router else ';'}"
        if not settings.router:
            yield "", "for public users put TLS in front: here a password can be read on its way"
    if settings.allow:
        yield "", f"only from {', '.join(settings.allow)}"
    if settings.deny:
        yield "", f"not from {', '.join(settings.deny)}"


def _warnings(settings: Settings, surroundings: Surroundings, detached: bool) -> Iterator[str]:
    """Warn when the internal service can be reached past us, a password can be read, or the access log is lost."""
    place, exposed = settings.internal[0], surroundings.exposed
    if exposed and isinstance(place, Tcp):
        past_us = f"whoever reaches port {place.port} on this machine needs no password"
        yield f"the service itself listens on {', '.join(exposed)}: {past_us}"
    if surroundings.shared:
        yield f"every user of this machine may read the password: chmod 600 {surroundings.shared}"
    if detached and settings.access_log == "-":
        yield "in the background there is no standard output for the access log: give --access-log PATH"
