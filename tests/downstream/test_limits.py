"""The defaults are the product's promises."""

from __future__ import annotations

import dataclasses

import pytest

from webproxy.downstream.limits import Limits


def test_defaults() -> None:
    limits = Limits()
    assert (limits.head_time, limits.keep_alive, limits.linger_time) == (15, 75, 5)
    assert (limits.read_ahead, limits.linger) == (64 * 1024, 1024 * 1024)


def test_limits_are_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Limits().linger = 0  # type: ignore[misc]
