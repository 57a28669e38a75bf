"""Everything in order: the service, its names, its streams, the external port, the machine.

Rule of this file: which check comes when, and which are idle after what; what each sees is its own file's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from webproxy.doctor import machine, names, service, streams
from webproxy.doctor.application import recognise
from webproxy.doctor.asking import ask
from webproxy.doctor.finding import good, note
from webproxy.net.destination import Tcp

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from webproxy.doctor.application import Application
    from webproxy.doctor.finding import Finding
    from webproxy.net.destination import Destination


def examine(
    places: Sequence[Destination], *, rule: str = "auto", port: int | None = None, ours: bool = False, generate: bool
) -> Iterator[Finding]:
    """Look at everything.

    :param places: where the internal service may be.
    :param rule: of ``--upstream-host``.
    :param port: the external port, if it is known.
    :param ours: a webproxy has said that it serves that port.
    :param generate: a few words may be generated, to see how they come.
    """
    place, found = service.reach(places)
    yield found
    if place is not None:
        yield from _of_service(place, rule, generate=generate)
    if port is not None:
        yield service.proxied(port, ours=ours)
    yield from machine.limits()
    yield machine.clock()


def _of_service(place: Destination, rule: str, *, generate: bool) -> Iterator[Finding]:
    spoken = service.speak(place)
    yield spoken
    exposed = service.exposure(place)
    if exposed is not None:
        yield exposed
    if spoken.level == "problem":
        return
    own = {"Host": f"localhost:{place.port}" if isinstance(place, Tcp) else "localhost"}
    application = recognise(place, own)
    yield (
        good("application", f"it is {application.name}")
        if application
        else note("application", "it is none of those known here")
    )
    yield from _names(place, rule, application)
    if application is not None and application.chat and generate:
        yield streams.stream(place, application, own)
    if application is not None and application.socket:
        yield _socket(place, application)


def _names(place: Destination, rule: str, application: Application | None) -> Iterator[Finding]:
    """Try names on a page and, where it takes WebSockets, on one of those."""
    tried = names.try_names(place, application.path if application else "/")
    if application is not None and application.name == "Jupyter Server":
        upgraded = names.try_names(place, "/api/events/subscribe", upgrade=True)
        tried = tried._replace(strange_origin=upgraded.strange_origin or not upgraded.local)
    yield from names.judge(tried, rule, application)


def _socket(place: Destination, application: Application) -> Finding:
    """Ask for a WebSocket."""
    fields = {"Host": f"localhost:{place.port}" if isinstance(place, Tcp) else "localhost", **names.UPGRADE}
    status = ask(place, application.socket, fields, patience=2.0).status
    if status == 101:
        return good("websocket", f"{application.name} takes WebSockets")
    return note(
        "websocket", f"{application.name} answered {status or 'nothing'} to a WebSocket on {application.socket}"
    )
