"""What solvers show, and for how long."""

from __future__ import annotations

import pytest
import pytest_twisted

from tests.questions import zone
from webproxy.router.acme.solver import MOST, SolverError, TextSolver, TokenSolver


class Zone:
    def __init__(self) -> None:
        self.did: list[tuple[str, ...]] = []

    def add_text(self, name: str, value: str) -> None:
        self.did.append(("add", name, value))

    def remove_text(self, name: str, value: str) -> None:
        self.did.append(("remove", name, value))


@pytest_twisted.ensureDeferred
async def test_a_record_in_a_zone() -> None:
    records = Zone()
    solver = TextSolver(records)
    assert solver.kind == "dns-01"
    await solver.present("example.com", "_acme-challenge.example.com", "v")
    await solver.withdraw("example.com", "_acme-challenge.example.com", "v")
    assert records.did == [("add", "_acme-challenge.example.com", "v"), ("remove", "_acme-challenge.example.com", "v")]


@pytest_twisted.ensureDeferred
async def test_what_the_zone_does_not_take_is_told() -> None:
    with pytest.raises(SolverError, match=r"_acme-challenge\.example\.org is not in the zone secure\.example\.com"):
        await TextSolver(zone()).present("example.org", "_acme-challenge.example.org", "v")


@pytest_twisted.ensureDeferred
async def test_tokens_are_answered_for_their_host_alone_and_only_meanwhile() -> None:
    solver = TokenSolver()
    assert solver.kind == "http-01"
    await solver.present("a.example.com", "token", "token.key")
    assert repr(solver) == "<TokenSolver shows=1>"
    assert solver.answer("a.example.com", "token") == "token.key"
    assert solver.answer("b.example.com", "token") is None
    await solver.withdraw("a.example.com", "token", "token.key")
    await solver.withdraw("a.example.com", "token", "token.key")
    assert solver.answer("a.example.com", "token") is None


@pytest_twisted.ensureDeferred
async def test_tokens_are_bounded() -> None:
    solver = TokenSolver()
    for number in range(MOST):
        await solver.present("a.example.com", str(number), "x")
    await solver.present("a.example.com", "0", "y")
    with pytest.raises(SolverError, match="64 tokens are shown already"):
        await solver.present("a.example.com", "more", "x")
