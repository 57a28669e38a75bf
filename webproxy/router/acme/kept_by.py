"""Puts together what keeps a router's certificates, from its settings."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from webproxy.router.acme.folder import Folder
from webproxy.router.acme.hook import HookSolver
from webproxy.router.acme.issuance import Issuance
from webproxy.router.acme.keeper import Keeper
from webproxy.router.acme.solver import TextSolver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from webproxy.router.acme.settings import AcmeSettings
    from webproxy.router.acme.solver import Solver, TextRecords, TokenSolver
    from webproxy.router.settings import RouterSettings

FOLDER = "acme"
"""Where certificates are, in the folder of the state."""


def keeper(
    reactor: Any,
    settings: RouterSettings,
    tokens: TokenSolver,
    zone: TextRecords | None,
    live: Callable[[], Iterable[str]],
) -> Keeper:
    """Make it, and have it read what is on disk.

    :param tokens: what port 80 answers.
    :param zone: what the router's name server answers; ``None`` while it has none.
    :param live: gives the labels of machines that are there.
    :raises StartError: the folder cannot be used.
    """
    said: Any = settings.acme
    folder = Folder(settings.state / FOLDER)
    issuance = Issuance(reactor, folder, said, _solver(reactor, said, tokens, zone), time.time)
    wanted = live if said.challenge == "http-01" else None
    made = Keeper(reactor, said, folder, settings.domain, issuance=issuance, wanted=wanted, wall=time.time)
    made.open()
    return made


def _solver(reactor: Any, said: AcmeSettings, tokens: TokenSolver, zone: TextRecords | None) -> Solver:
    if said.challenge == "http-01":
        return tokens
    if said.challenge == "hook":
        return HookSolver(reactor, said.hook)
    if zone is None:
        raise ValueError("dns-01 needs the router's own name server")
    return TextSolver(zone)
