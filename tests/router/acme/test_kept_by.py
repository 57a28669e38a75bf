"""What keeps a router's certificates is put together as its settings say."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.pebble import Texts
from webproxy.errors import StartError
from webproxy.router.acme.hook import HookSolver
from webproxy.router.acme.kept_by import keeper
from webproxy.router.acme.settings import AcmeSettings
from webproxy.router.acme.solver import TextSolver, TokenSolver
from webproxy.router.settings import RouterSettings

if TYPE_CHECKING:
    from pathlib import Path


def made(reactor: Any, state: Path, said: AcmeSettings, zone: Any = None) -> Any:
    settings = RouterSettings(domain="example.com", machines=("10.0.0.0/8",), state=state, acme=said)
    return keeper(reactor, settings, TokenSolver(), zone, lambda: ["app"])


def test_each_challenge_has_its_solver(reactor: Any, tmp_path: Path) -> None:
    def solver(said: AcmeSettings, zone: Any = None) -> Any:
        return made(reactor, tmp_path, said, zone)._issuance._solver

    assert isinstance(solver(AcmeSettings(), Texts()), TextSolver)
    assert isinstance(solver(AcmeSettings(challenge="hook", hook=(sys.executable,))), HookSolver)
    assert isinstance(solver(AcmeSettings(challenge="http-01")), TokenSolver)
    with pytest.raises(ValueError, match="needs the router's own name server"):
        solver(AcmeSettings())


def test_one_for_all_names_or_one_for_each(reactor: Any, tmp_path: Path) -> None:
    (wild,) = made(reactor, tmp_path, AcmeSettings(), Texts()).statuses(0.0)
    assert (wild.names, wild.state) == (("*.example.com",), "pending")
    assert made(reactor, tmp_path, AcmeSettings(challenge="http-01")).statuses(0.0) == []


def test_a_folder_that_cannot_be_used(reactor: Any, tmp_path: Path) -> None:
    (tmp_path / "acme").touch()
    with pytest.raises(StartError, match="cannot be used: File exists; choose another with --state"):
        made(reactor, tmp_path, AcmeSettings(), Texts())
