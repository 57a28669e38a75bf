"""Whose turn it is."""

from __future__ import annotations

import random

import pytest

from webproxy_queue.line import Line


def line_of(*joined: str) -> Line[str]:
    """A line that these have joined: ``a1`` is the first of a's."""
    line: Line[str] = Line()
    for waiter in joined:
        line.join(waiter[0], waiter)
    return line


def emptied(line: Line[str]) -> list[str]:
    return [line.take() for _ in range(len(line))]


def test_those_who_wait_take_turns() -> None:
    line = line_of("a1", "a2", "a3", "b1", "b2", "c1")
    assert repr(line) == "<Line of 6 from 3>"
    assert emptied(line) == ["a1", "b1", "c1", "a2", "b2", "a3"]
    assert (len(line), bool(line)) == (0, False)
    with pytest.raises(StopIteration):
        line.take()


def test_who_had_a_turn_and_comes_again_goes_to_the_end() -> None:
    line = line_of("a1", "b1", "c1")
    assert line.take() == "a1"
    line.join("a", "a2")
    assert emptied(line) == ["b1", "c1", "a2"]


def test_who_leaves_is_forgotten_and_delays_nobody() -> None:
    line = line_of("a1", "a2", "b1")
    line.leave("a", "a1")
    line.leave("b", "b1")
    assert emptied(line) == ["a2"]
    with pytest.raises(KeyError):
        line.leave("a", "a1")


def test_the_place_tells_how_many_go_first() -> None:
    line: Line[str] = Line()
    joined = ["a1", "a2", "a3", "b1", "c1", "b2"]
    assert [line.join(waiter[0], waiter) for waiter in joined] == [1, 2, 3, 2, 3, 5]
    # b1 went before a2, and so on: the order is what the last places say
    assert emptied(line) == ["a1", "b1", "c1", "a2", "b2", "a3"]


def test_the_place_holds_if_nobody_else_comes_or_leaves() -> None:
    drawn = random.Random(5)
    for _ in range(200):
        line: Line[str] = Line()
        for count in range(drawn.randrange(30)):
            if line and drawn.random() < 0.3:
                line.take()
            line.join(drawn.choice("abcd"), f"other {count}")
        place = line.join("b", "mine")
        assert emptied(line).index("mine") + 1 == place


def test_who_has_most_in_line_makes_room() -> None:
    line = line_of("b1", "a1", "a2", "a3")
    assert line.last_to_spare("c") == ("a", "a3")
    assert line.last_to_spare("b") == ("a", "a3")
    assert line.last_to_spare("a") is None


def test_nobody_makes_room_for_who_would_have_more() -> None:
    assert line_of("a1", "b1").last_to_spare("c") is None
    assert line_of("a1", "a2", "b1").last_to_spare("b") is None
    assert line_of().last_to_spare("a") is None
