"""Clients of an endurance run: each kind does its part against the demo service, and what becomes of it is counted."""

from __future__ import annotations

import asyncio
import random
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from bench.endurance.clients import KINDS, WEIGHTS, Mixed, press
from tests.integration.test_demo import Program

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

FINE = {"200", "101", "400", "left", "cut", "whole", "slow"}


class Direct(random.Random):
    """Chance that never sends anybody through a router."""

    def random(self) -> float:
        return 0.5 + super().random() / 2


def run(clients: Coroutine[Any, Any, None]) -> None:
    """In a thread: the tests' reactor has this one's loop."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, clients).result(60)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    program = Program()
    yield program.port
    program.end()


@pytest.mark.parametrize("kind", KINDS)
def test_a_client_of_each_kind_comes_and_goes(kind: str, port: int) -> None:
    mixed = Mixed(port, 1, "nobody.example", chance=Direct(3))

    async def thrice() -> None:
        for _ in range(3):
            await mixed.come(kind)

    run(thrice())
    assert {outcome for _, outcome in mixed.outcomes} <= FINE, mixed.outcomes
    assert sum(mixed.outcomes.values()) == mixed.came == 3


def test_a_service_that_is_dead_is_an_outcome() -> None:
    mixed = Mixed(1, 1, "nobody.example")
    run(press(mixed, 0.5, rate=10))
    assert mixed.came > 10
    assert {outcome for _, outcome in mixed.outcomes} == {"ConnectionRefusedError"}


def test_every_kind_has_its_share() -> None:
    assert set(WEIGHTS) == set(KINDS)
