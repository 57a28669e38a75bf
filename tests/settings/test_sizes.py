"""Sizes and rates, with their units."""

from __future__ import annotations

import math

import pytest

from webproxy.settings.sizes import rate, size_limit
from webproxy.settings.wrong import TextError


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("1B", 1),
        ("10MB", 10_000_000),
        ("10 MB", 10_000_000),
        ("2GiB", 2 << 30),
        ("1.5kB", 1500),
        ("64KiB", 65536),
        ("3TB", 3 * 10**12),
        ("10mb", 10_000_000),
        ("none", math.inf),
    ],
)
def test_a_size(text: str, read: float) -> None:
    assert size_limit(text) == read


@pytest.mark.parametrize(
    ("text", "what", "right"),
    [
        ("10", "'10' has no unit", "10MB are 10 million bytes"),
        ("10m", "'m' is not a unit", "write 10MB or 10MiB"),
        ("10PB", "'PB' is not a unit", "the units are B, kB, MB, GB, TB, KiB, MiB, GiB, TiB"),
        ("-1MB", "'-1MB' is not a size", "as in 10MB or 2GiB, or none for no limit"),
        ("much", "'much' is not a size", "as in 10MB or 2GiB, or none for no limit"),
        ("", "'' is not a size", "as in 10MB or 2GiB, or none for no limit"),
        ("0B", "0B would let nothing pass", "or none for no limit"),
    ],
)
def test_what_is_no_size(text: str, what: str, right: str) -> None:
    with pytest.raises(TextError) as caught:
        size_limit(text)
    assert caught.value.what == what
    assert right in caught.value.right


@pytest.mark.parametrize(("text", "read"), [("10kB/s", 10_000), ("1MiB/s", 1 << 20), ("none", 0), ("0B/s", 0)])
def test_a_rate(text: str, read: float) -> None:
    assert rate(text) == read


@pytest.mark.parametrize(
    ("text", "what", "right"),
    [
        ("10kB", "'10kB' is no rate", "write 10kB/s"),
        ("10", "'10' is no rate", "write bytes a second, as in 10kB/s"),
        ("10kB/m", "'10kB/m' is not a rate", "write bytes a second, as in 10kB/s"),
        ("10/s", "'10' has no unit", "write bytes a second, as in 10kB/s"),
        ("fast", "'fast' is not a rate", "or none for no demand"),
    ],
)
def test_what_is_no_rate(text: str, what: str, right: str) -> None:
    with pytest.raises(TextError) as caught:
        rate(text)
    assert caught.value.what == what
    assert right in caught.value.right
