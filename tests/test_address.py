"""Who counts as one client."""

from __future__ import annotations

import pytest

from webproxy.address import neighbourhood


def test_an_ipv4_address_is_one_client() -> None:
    assert neighbourhood("192.0.2.1") == "192.0.2.1"


def test_a_64_of_ipv6_addresses_is_one_client() -> None:
    assert neighbourhood("2001:db8::1") == neighbourhood("2001:db8::ffff:1") == "2001:db8::/64"
    assert neighbourhood("2001:db8::1") != neighbourhood("2001:db8:0:1::1")


@pytest.mark.parametrize("odd", ["", "unix", "a:b", "2001:db8::" + "0" * 40])
def test_what_is_no_address_counts_as_itself(odd: str) -> None:
    assert neighbourhood(odd) == odd
