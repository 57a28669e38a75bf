"""Who runs where."""

from __future__ import annotations

import pytest

from bench.stage import split_cpus


@pytest.mark.parametrize(
    ("available", "proxy", "load"),
    [([0, 1], [0], [1]), ([3, 1, 2], [1], [2, 3]), ([5], [5], [5])],
)
def test_the_proxy_has_a_cpu_to_itself_where_there_are_two(
    available: list[int], proxy: list[int], load: list[int]
) -> None:
    assert split_cpus(available) == (proxy, load)
