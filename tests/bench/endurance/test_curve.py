"""What grows is told, what goes up and down is not, and how it was while people were there does not count."""

from __future__ import annotations

import pytest

from bench.endurance.curve import Moment, find, thirds


def rests(name: str, *values: float, program: str = "webproxy") -> list[Moment]:
    return [Moment(program, float(minute), True, {name: value}) for minute, value in enumerate(values)]


@pytest.mark.parametrize(
    ("name", "values", "flat"),
    [
        ("descriptors", (20, 28, 28, 30, 28, 28, 28), True),
        ("descriptors", (20, 28, 30, 32, 34, 36, 38), False),
        ("pipes", (0, 10, 10, 10, 10, 12, 10), True),
        ("pipes", (0, 10, 12, 14, 16, 18, 20), False),
        ("memory_mib", (40, 70, 71, 70, 72, 71, 71.5), True),
        ("memory_mib", (40, 70, 71, 73, 74, 75, 77), False),
        ("objects", (1, 80_000, 81_000, 80_500, 81_000, 81_500), True),
        ("objects", (1, 80_000, 84_000, 88_000, 92_000, 96_000), False),
    ],
)
def test_what_grows_from_the_first_third_to_the_last_is_found(name: str, values: tuple[float, ...], flat: bool) -> None:
    (finding,) = find(rests(name, *values))
    assert finding.flat is flat
    assert str(finding).startswith("flat: webproxy, " if flat else "GROWS: webproxy, ")


def test_the_first_rest_is_the_end_of_the_warm_up() -> None:
    (finding,) = find(rests("timers", 0, 150, 151, 150))
    assert finding.flat


def test_what_is_held_while_people_are_there_is_told_and_not_judged() -> None:
    at_work = [Moment("webproxy", 9.0, False, {"sockets": 900.0})]
    (finding,) = find([*rests("sockets", 1, 5, 5, 5), *at_work])
    assert (finding.flat, finding.most) == (True, 900.0)


def test_each_program_has_its_own_curve() -> None:
    moments = rests("threads", 1, 2, 2, 2) + rests("threads", 1, 2, 9, 90, program="router")
    assert {finding.program: finding.flat for finding in find(moments)} == {"webproxy": True, "router": False}


def test_too_little_is_no_finding() -> None:
    assert find(rests("timers", 1, 2)) == []


def test_a_third_is_one_value_at_least() -> None:
    assert thirds([1.0, 9.0]) == (1.0, 9.0)
    assert thirds([1.0, 2.0, 3.0, 50.0, 7.0, 8.0, 9.0]) == (1.5, 8.5)
