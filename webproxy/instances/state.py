"""How an instance is: one line for people, one object for programs.

Rule of this file: what its file says, what systemd says and what the process says -> a State; the parts are put
together purely, and asked for in :func:`state_of`.
"""

from __future__ import annotations

from email.utils import formatdate
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from webproxy.errors import SettingsError
from webproxy.net.destination import in_short
from webproxy.net.owners import who_listens
from webproxy.settings.settle import all_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from webproxy.instances.files import Folder
    from webproxy.instances.units import Units, UnitState
    from webproxy.settings.model import Settings

Padlock: TypeAlias = Literal["locked", "open", "pending", "failed"]


class State(NamedTuple):
    """How an instance is.

    :ivar port: the external port, its name.
    :ivar internal: where it forwards; empty if its file is wrong.
    :ivar public: the address that the public knows; empty if nobody has said one.
    :ivar padlock: ``locked``: served, and the public address is https; ``open``: served without; ``pending``: not
        served yet; ``failed``: it cannot be.
    :ivar certificate: how the router's certificate is: ``pending``, ``active``, ``renewing``, ``expiring`` or
        ``failed``; empty if nobody says.
    :ivar live: ``serving``, ``starting``, ``stopping``, ``stopped`` or ``failed``.
    :ivar up: whether the internal service took the last connection; None if nobody knows.
    :ivar clients: connected now; None if nobody knows.
    :ivar running: exchanges; None if nobody knows.
    :ivar version: of what runs; empty if nobody knows.
    :ivar enabled: whether it starts with the machine; None without units.
    :ivar told: what the process last said of itself.
    :ivar file: its settings.
    :ivar wrong: what is wrong with them, a sentence each.
    """

    port: int
    internal: str
    public: str
    padlock: Padlock
    certificate: str
    live: str
    up: bool | None
    clients: int | None
    running: int | None
    version: str
    enabled: bool | None
    told: str
    file: str
    wrong: tuple[str, ...]

    @property
    def line(self) -> str:
        """The same for people: ``8080 -> 12345 -> https://gpu.example.com  locked  serving, 3 clients``."""
        way = " -> ".join(filter(None, [self.internal or "?", str(self.port), self.public]))
        words = [self.live]
        if self.clients is not None:
            words.append(f"{self.clients} {'client' if self.clients == 1 else 'clients'}")
        if self.running:
            words.append(f"{self.running} running")
        if self.up is False:
            words.append("the service is not up")
        if self.enabled is False:
            words.append("not started with the machine")
        return f"{way}  {self.padlock}  {', '.join(words)}"

    @property
    def beside(self) -> str:
        """What the process said of itself beyond what :attr:`line` says already; empty if that is all."""
        way, *rest = self.told.split("; ")
        repeated = way.split(" -> ")[1:] == list(filter(None, [str(self.port), self.public]))
        return "; ".join(rest if repeated else [way, *rest])


_LIVE = {
    "active": "serving",
    "reloading": "serving",
    "activating": "starting",
    "deactivating": "stopping",
    "failed": "failed",
}


def judged(
    port: int,
    settings: Settings | SettingsError,
    unit: UnitState | None,
    said: Mapping[str, Any] | None,
    *,
    listens: bool,
    file: str,
) -> State:
    """Put together what is known.

    :param settings: what the file says, or what is wrong with it.
    :param unit: what systemd says; None where it says nothing.
    :param said: what the process says; None if none answers.
    :param listens: whether anybody listens on the port.
    """
    wrong = tuple(map(str, all_of(settings))) if isinstance(settings, SettingsError) else ()
    internal = "" if isinstance(settings, SettingsError) else in_short(str(settings.internal[0]))
    lease = said.get("public") if said else None
    padlock = lease.get("certificate", {}).get("state", "") if lease else ""
    public = "" if isinstance(settings, SettingsError) else settings.public_url
    live = _live(unit, said, listens)
    failed = live == "failed" or (bool(wrong) and live != "serving")
    return State(
        port=port,
        internal=internal,
        public=_leased(lease) if lease else public,
        padlock=_padlock_of_lease(lease, padlock) if lease else _padlock(live, public, failed=failed),
        certificate=padlock,
        live=live,
        up=said.get("up") if said else None,
        clients=said.get("connections") if said else None,
        running=said.get("running") if said else None,
        version=str(said.get("version", "")) if said else "",
        enabled=unit.enabled if unit else None,
        told=_told(unit, lease),
        file=file,
        wrong=wrong,
    )


def _live(unit: UnitState | None, said: Mapping[str, Any] | None, listens: bool) -> str:
    """Tell whether it serves; the process's own word is the best."""
    if said is not None:
        return "serving"
    if unit is not None:
        return _LIVE.get(unit.active, "stopped")
    return "serving" if listens else "stopped"


def _padlock(live: str, public: str, *, failed: bool) -> Padlock:
    if failed:
        return "failed"
    if live != "serving":
        return "pending"
    return "locked" if public.startswith("https://") else "open"


def _leased(lease: Mapping[str, Any]) -> str:
    """Give the public address that a router has given, while it does."""
    return str(lease["url"]) if lease["state"] == "held" else ""


def _padlock_of_lease(lease: Mapping[str, Any], certificate: str) -> Padlock:
    """Judge by what came of asking the router, and by its certificate; a process of an older version tells of none."""
    if lease["state"] != "held":
        return "failed" if lease["state"] == "refused" else "pending"
    states: dict[str, Padlock] = {"pending": "pending", "failed": "failed"}
    return states.get(certificate, "locked")


def _told(unit: UnitState | None, lease: Mapping[str, Any] | None) -> str:
    """Give what the process last said, what the router did if it was no yes, and how its certificate is."""
    said = [unit.told if unit else ""]
    if lease is not None:
        said.append(f"the router: {lease['why']}" if lease["why"] else "")
        said.append(_told_of_certificate(lease.get("certificate", {})))
    return "; ".join(filter(None, said))


def _told_of_certificate(said: Mapping[str, Any]) -> str:
    """Say how the router's certificate is, unless all is as it should be."""
    state, until, why = said.get("state", ""), said.get("not_after"), said.get("why", "")
    if state in ("", "active"):
        return ""
    told = f"the certificate is {state}"
    if until:
        told += f", good until {formatdate(until, usegmt=True)}"
    return f"{told}: {why}" if why else told


def state_of(
    port: int, folder: Folder, ask: Callable[[Settings], Mapping[str, Any] | None], units: Units | None
) -> State:
    """Look at an instance.

    :param ask: asks a process that has these settings how it is; None if none answers.
    :param units: None where units cannot be looked at.
    """
    settings: Settings | SettingsError
    try:
        settings = folder.settings(port)
    except SettingsError as error:
        settings = error
    said = None if isinstance(settings, SettingsError) else ask(settings)
    unit = units.state(port) if units is not None else None
    return judged(port, settings, unit, said, listens=who_listens(port) is not None, file=str(folder.file(port)))
