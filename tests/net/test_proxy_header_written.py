"""What is written is what our reader reads."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webproxy.net.proxy_header import ProxyHeader, read
from webproxy.net.proxy_header_written import written

ADDRESSES = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6))
PORTS = st.integers(0, 65535)


def test_a_client_behind_tls() -> None:
    header = written(
        ("203.0.113.7", 50000),
        ("192.0.2.1", 443),
        authority=b"a.example",
        alpn=b"http/1.1",
        version="TLSv1.3",
        cipher="TLS_AES_128_GCM_SHA256",
    )
    assert read(header) == (ProxyHeader("203.0.113.7", 443, True, b"a.example", b"http/1.1"), len(header))
    assert b"TLSv1.3" in header
    assert b"TLS_AES_128_GCM_SHA256" in header


def test_the_least_that_is_said() -> None:
    header = written(("2001:db8::1", 50000), ("2001:db8::2", 8443))
    assert read(header + b"GET") == (ProxyHeader("2001:db8::1", 8443, True), len(header))


@given(ADDRESSES, PORTS, ADDRESSES, PORTS)
def test_any_addresses(source: object, port: int, destination: object, to: int) -> None:
    found = read(written((str(source), port), (str(destination), to)))
    assert found is not None
    assert found[0].port == to
    address = ip_address(found[0].source or "")
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    assert source in (address, mapped)


def test_no_address() -> None:
    with pytest.raises(ValueError, match="is no IP address"):
        written(("gpu", 1), ("192.0.2.1", 443))
