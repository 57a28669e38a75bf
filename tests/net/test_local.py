"""The kernel says which addresses are this machine's."""

from __future__ import annotations

import socket

import pytest

from webproxy.net.listen import has_ipv6
from webproxy.net.local import is_local, is_loopback


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "0.0.0.0", "localhost", "LocalHost", socket.gethostname()])
def test_ours(host: str) -> None:
    assert is_local(host)


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
def test_ours_in_ipv6() -> None:
    assert is_local("::1")


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "gpu-box.example", "fe80::1%nowhere"])
def test_not_ours(host: str) -> None:
    assert not is_local(host)


@pytest.mark.parametrize(
    ("host", "alone"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("LocalHost", True), ("0.0.0.0", False), ("gpu", False)],
)
def test_loopback_is_reached_by_this_machine_alone(host: str, alone: bool) -> None:
    assert is_loopback(host) is alone
