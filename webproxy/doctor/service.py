"""The internal service: is it there, does it speak plain HTTP, who else can reach it.

Rule of this file: each check is a function from a place to findings; the first that is a problem makes the rest idle.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from webproxy.doctor.asking import ask, dial, speaks_tls
from webproxy.doctor.finding import good, note, problem
from webproxy.net.destination import Tcp
from webproxy.net.local import is_local
from webproxy.net.owners import listens_beyond_loopback, who_listens

if TYPE_CHECKING:
    from collections.abc import Sequence

    from webproxy.doctor.finding import Finding
    from webproxy.net.destination import Destination

ABOUT = "service"


def reach(places: Sequence[Destination]) -> tuple[Destination | None, Finding]:
    """Find the first place where somebody takes a connection."""
    for place in places:
        try:
            dial(place).close()
        except OSError:
            continue
        return place, good(ABOUT, f"something listens on {place}")
    return None, problem(
        ABOUT,
        f"nothing listens on {places[0]}",
        "start the service, or give the port it listens on: ss -ltnp lists all of them",
    )


def speak(place: Destination) -> Finding:
    """Find out whether it speaks plain HTTP."""
    host = str(place) if isinstance(place, Tcp) else "localhost"
    if ask(place, "/", {"Host": host}).status:
        return good(ABOUT, "it speaks plain HTTP")
    if speaks_tls(place):
        return problem(
            ABOUT,
            f"what listens on {place} speaks TLS (https), and webproxy wants its plain HTTP port",
            "start the service without its certificate and key options; the router encrypts for it",
        )
    return problem(
        ABOUT,
        f"what listens on {place} does not answer HTTP",
        f"look at what that is: ss -ltnp 'sport = :{place.port}'" if isinstance(place, Tcp) else "look at its log",
    )


def exposure(place: Destination) -> Finding | None:
    """Find out whether others reach the service past us."""
    if not isinstance(place, Tcp) or not is_local(place.host):
        return None
    addresses = listens_beyond_loopback(place.port)
    if not addresses:
        return good(ABOUT, "only this machine reaches it directly")
    who = who_listens(place.port) or "it"
    return problem(
        ABOUT,
        f"{who} listens on {', '.join(addresses)} port {place.port}, too: whoever reaches this machine reaches it "
        "without webproxy, and without a password",
        f"start it with its host option set to 127.0.0.1, or close the port in the firewall: ufw deny {place.port}/tcp",
    )


def proxied(port: int, *, ours: bool) -> Finding:
    """Find out whether the external port is ours.

    :param ours: a webproxy has said that it serves this port.
    """
    if ours:
        return good("port", f"webproxy serves port {port}")
    who = who_listens(port)
    if who is None:
        return note("port", f"nobody serves port {port} yet", f"webproxy run --internal ... --port {port}")
    return problem(
        "port",
        f"port {port} is in use by {who}",
        "choose another port, or stop that; an nginx may stay where it is and forward to webproxy's own port",
    )
