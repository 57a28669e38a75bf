"""How addresses are written, and which networks they are in."""

from __future__ import annotations

import pytest

from webproxy.net.address import Networks, plain


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("unix", "unix"),
    ],
)
def test_addresses_are_written_plainly(written: str, read: str) -> None:
    assert plain(written) == read


def test_networks() -> None:
    networks = Networks(["192.0.2.0/24", "2001:db8::/32", "198.51.100.7"])
    assert networks
    for address in ("192.0.2.255", "2001:db8:1::", "198.51.100.7"):
        assert address in networks
    for address in ("192.0.3.0", "2001:db9::", "198.51.100.8", "unix"):
        assert address not in networks
    assert repr(networks) == "<Networks 192.0.2.0/24, 2001:db8::/32, 198.51.100.7/32>"


def test_no_networks_hold_nobody() -> None:
    assert not Networks()
    assert "192.0.2.1" not in Networks()


@pytest.mark.parametrize("cidr", ["192.0.2.1/24", "192.0.2", "x"])
def test_what_is_no_network_is_refused(cidr: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Networks([cidr])
