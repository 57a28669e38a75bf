"""A finding says how bad it is."""

from __future__ import annotations

from webproxy.doctor.finding import good, note, problem


def test_three_levels() -> None:
    assert [good("a", "b").level, note("a", "b").level, problem("a", "b", "c").level] == ["good", "note", "problem"]
    assert problem("a", "b", "c").mend == "c"
