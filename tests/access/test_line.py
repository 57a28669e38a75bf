"""Who is verified next."""

from __future__ import annotations

from typing import NamedTuple

from webproxy.access.line import REMEMBERED, Line


class One(NamedTuple):
    name: str
    place: str


FAILURES = {"guesser": 3, "worse": 4}


def line(*names: str, most: int = 100) -> Line[One]:
    """A line in which these stand; ``a@x`` is the attempt a of the address x."""
    new: Line[One] = Line(most, lambda place: FAILURES.get(place, 0))
    for name in names:
        assert new.join(one(name)) is None
    return new


def one(name: str) -> One:
    return One(name, name.partition("@")[2] or name)


def order(given: Line[One]) -> list[str]:
    """All of them, each address served at once."""
    found = []
    while (served := given.serve()) is not None:
        found.append(served.name)
        given.served(served)
    return found


def test_addresses_without_a_failure_come_first_the_latest_of_them_before_all() -> None:
    assert order(line("1@worse", "2@guesser", "a", "3@guesser", "b", "c")) == [
        *("c", "b", "a"),
        *("2@guesser", "3@guesser", "1@worse"),
    ]


def test_one_at_a_time_per_address() -> None:
    waiting = line("1@x", "2@x", "y")
    y, x = waiting.serve(), waiting.serve()
    assert (y, x) == (one("y"), one("1@x"))
    assert waiting.serve() is None
    assert x is not None
    waiting.served(x)
    assert waiting.serve() == one("2@x")
    assert (list(waiting), repr(waiting)) == ([], "<Line waiting=0 served=2>")


def test_a_full_line_turns_away_who_has_failed_most_and_then_who_has_been_here_longest() -> None:
    waiting = line("a", "1@guesser", "1@worse", most=3)
    assert waiting.join(one("b")) == one("1@worse")
    assert waiting.join(one("2@guesser")) == one("2@guesser")
    assert waiting.join(one("c")) == one("1@guesser")
    assert waiting.join(one("d")) == one("a")
    assert len(waiting) == 3
    assert order(waiting) == ["d", "c", "b"]


def test_who_is_turned_away_and_comes_again_has_been_here_before() -> None:
    waiting = line("1@a", "1@b", most=2)
    assert waiting.join(one("owner")) == one("1@a")
    assert waiting.join(one("2@a")) == one("2@a")
    waiting.leave(one("1@b"))
    assert waiting.join(one("2@b")) is None
    assert order(waiting) == ["owner", "2@b"]


def test_an_address_whose_turn_has_been_shows_up_anew() -> None:
    waiting = line("1@a", "b")
    assert order(waiting) == ["b", "1@a"]
    for name in ("b", "2@a"):
        waiting.join(one(name))
    assert order(waiting) == ["2@a", "b"]


def test_of_addresses_that_show_up_only_so_many_are_remembered() -> None:
    waiting = line(most=1)
    for number in range(REMEMBERED + 1):
        waiting.join(one(str(number)))
    assert len(waiting._shown) == REMEMBERED
    assert waiting.join(one("0")) == one(str(REMEMBERED))  # forgotten, so it is new


def test_who_leaves_is_not_served() -> None:
    waiting = line("a", "b")
    waiting.leave(one("b"))
    waiting.leave(one("b"))
    assert order(waiting) == ["a"]
