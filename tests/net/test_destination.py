"""Destinations are values that read as users write them."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from webproxy.net.destination import Destination, Tcp, Unix


@pytest.mark.parametrize(
    ("destination", "written"),
    [
        (Tcp("127.0.0.1", 8080), "127.0.0.1:8080"),
        (Tcp("::1", 8080), "[::1]:8080"),
        (Tcp("gpu-box.internal", 80), "gpu-box.internal:80"),
        (Unix("/run/service.sock"), "unix:/run/service.sock"),
    ],
)
def test_reads_as_users_write_it(destination: Destination, written: str) -> None:
    assert str(destination) == written


def test_equal_destinations_share_a_pool_key() -> None:
    assert {Tcp("::1", 8080), Tcp("::1", 8080), Unix("/a")} == {Tcp("::1", 8080), Unix("/a")}


def test_is_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        Tcp("::1", 8080).port = 8081  # type: ignore[misc]
