"""The defaults are the product's promises."""

from __future__ import annotations

import dataclasses

import pytest

from webproxy.downstream.limits import Limits
from webproxy.net.destination import Tcp
from webproxy.settings.model import Settings


def test_defaults() -> None:
    limits = Limits()
    assert (limits.head_time, limits.keep_alive, limits.linger_time) == (15, 75, 5)
    assert (limits.read_ahead, limits.linger) == (64 * 1024, 1024 * 1024)


def test_limits_are_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Limits().linger = 0  # type: ignore[misc]


def test_the_operators() -> None:
    settings = Settings(
        internal=(Tcp("127.0.0.1", 8080),),
        port=12345,
        max_body=1.0,
        max_connections=2.0,
        max_connections_per_address=3.0,
        min_upload_rate=4.0,
    )
    assert Limits.of(settings) == Limits(body=1.0, connections=2.0, connections_per_address=3.0, upload_rate=4.0)
