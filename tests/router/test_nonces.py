"""Nonces: good once, for their owner, for a while, and never too many."""

from __future__ import annotations

from webproxy.router.nonces import Nonces


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def given(nonces: Nonces, owner: str = "a", seconds: float = 30) -> str:
    nonce = nonces.give(owner, seconds)
    assert nonce is not None
    return nonce


def test_one_is_good_once() -> None:
    nonces = Nonces(Clock())
    nonce = given(nonces)
    assert len(nonce) == 32
    assert nonces.take("a", nonce)
    assert not nonces.take("a", nonce)
    assert (len(nonces), repr(nonces)) == (0, "<Nonces 0 of 0>")


def test_another_one_cannot_use_it() -> None:
    nonces = Nonces(Clock())
    nonce = given(nonces)
    assert not nonces.take("b", nonce)
    assert nonces.take("a", nonce)


def test_it_is_good_for_a_while() -> None:
    clock = Clock()
    nonces = Nonces(clock)
    early, late = given(nonces), given(nonces)
    clock.now += 29.9
    assert nonces.take("a", early)
    clock.now += 0.2
    assert not nonces.take("a", late)
    assert len(nonces) == 0


def test_the_oldest_of_an_owner_goes_first_and_nobody_elses() -> None:
    nonces = Nonces(Clock(), each=2)
    others = given(nonces, "b")
    first, second, third = (given(nonces) for _ in range(3))
    assert len(nonces) == 3
    assert [nonces.take("a", nonce) for nonce in (first, second, third)] == [False, True, True]
    assert nonces.take("b", others)


def test_when_there_are_too_many_only_those_that_have_ended_make_room() -> None:
    clock = Clock()
    nonces = Nonces(clock, most=3)
    given(nonces, "a", 10)
    lasting = given(nonces, "a", 60)
    given(nonces, "b", 10)
    assert nonces.give("c", 10) is None
    clock.now += 11
    assert nonces.give("c", 10)
    assert len(nonces) == 2
    assert nonces.take("a", lasting)
