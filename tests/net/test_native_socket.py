"""A socket's names in Twisted's terms; over real connections: tests/integration/test_listening.py."""

from __future__ import annotations

from typing import Any

import pytest
from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress

from webproxy.net.native_socket import NativeSocket, address_of


@pytest.mark.parametrize(
    ("name", "address"),
    [
        (("192.0.2.1", 80), IPv4Address("TCP", "192.0.2.1", 80)),
        (("2001:db8::1", 80, 0, 0), IPv6Address("TCP", "2001:db8::1", 80)),
        (("fe80::1", 80, 1, 2), IPv6Address("TCP", "fe80::1", 80, 1, 2)),
        (("::ffff:192.0.2.1", 80, 0, 0), IPv6Address("TCP", "::ffff:192.0.2.1", 80)),
        ("/run/x.sock", UNIXAddress("/run/x.sock")),
    ],
)
def test_names_are_addresses(name: Any, address: Any) -> None:
    assert address_of(name) == address


@pytest.mark.parametrize("name", ["", b"", None])
def test_an_unnamed_unix_socket(name: Any) -> None:
    address = address_of(name)
    assert isinstance(address, UNIXAddress)
    assert address.name is None


class Closed:
    """uvloop's transport of a Unix socket that is closed: it has no socket to ask any more."""

    def get_extra_info(self, name: str) -> Any:
        if name == "socket":
            return None
        return self.get_extra_info("socket").getsockname()


def test_a_unix_socket_that_is_closed_has_lost_its_name() -> None:
    transport = NativeSocket()
    transport._uv = Closed()  # type: ignore[assignment]
    assert transport.fileno() == -1
    assert transport.getPeer().name is None
    assert transport.getHost().name is None
    transport.reset_on_close()
