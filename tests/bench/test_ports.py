"""Ports that the kernel gives to nobody else."""

from __future__ import annotations

import socket

from bench.ports import RANGE, free_port


def test_a_port_is_free_and_outside_the_kernels_own_range() -> None:
    first, last = map(int, RANGE.read_text().split())
    for _ in range(20):
        port = free_port()
        assert not first <= port <= last
        with socket.create_server(("127.0.0.1", port)):
            pass


def test_a_port_that_somebody_has_is_not_given() -> None:
    with socket.create_server(("", free_port())) as taken:
        assert all(free_port() != taken.getsockname()[1] for _ in range(50))
