"""Free memory goes back to the system after so many connections, and not before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from webproxy.net import memory
from webproxy.net.memory import EACH, Heap

if TYPE_CHECKING:
    import pytest


def test_it_is_looked_at_after_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    heap, asked = Heap(), list[int]()
    monkeypatch.setattr(memory, "_trim", asked.append)
    found = [heap.look(ended) for ended in (0, EACH - 1, EACH, EACH + 1, 2 * EACH - 1, 5 * EACH)]
    assert found == [False, False, True, False, False, True]
    assert asked == [0, 0]
    assert [heap.look(ended) for ended in (5 * EACH, 5 * EACH + 1, 5 * EACH + 1, 5 * EACH + 1)] == [
        False,
        False,
        True,  # all is quiet
        False,
    ]
    assert repr(heap) == f"<Heap given back after {5 * EACH + 1}>"


def test_the_real_one_does_no_harm_and_none_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Heap().look(EACH)
    monkeypatch.setattr(memory, "_trim", None)
    assert Heap().look(EACH)
