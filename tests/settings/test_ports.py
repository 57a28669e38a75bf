"""Ports and listening addresses, and the refusal of TLS."""

from __future__ import annotations

import pytest

from webproxy.settings.ports import external_port, listen_address, port_number
from webproxy.settings.wrong import TextError


@pytest.mark.parametrize("text", ["1", "80", "12345", "65535"])
def test_reads_a_port(text: str) -> None:
    assert port_number(text) == external_port(text) == int(text)


@pytest.mark.parametrize("text", ["0", "65536", "-1", "", "http", "80.0", "8_080", "٨٠", "1" * 5000, " 80"])
def test_refuses_what_is_no_port(text: str) -> None:
    for parse in (port_number, external_port):
        with pytest.raises(TextError, match="is not a port"):
            parse(text)


def test_443_is_the_routers() -> None:
    assert port_number("443") == 443  # an internal service may be there
    with pytest.raises(TextError) as caught:
        external_port("443")
    assert caught.value.what == "the router owns 443; TLS is its job"


@pytest.mark.parametrize("text", ["ssl:443:privateKey=key.pem", "tls:12345", "SSL:1", "ssl", "https://0.0.0.0"])
def test_tls_is_refused(text: str) -> None:
    for parse in (external_port, listen_address):
        with pytest.raises(TextError, match="asks for TLS") as caught:
            parse(text)
        assert caught.value.right.endswith("a self-signed certificate here would break the router's")


@pytest.mark.parametrize("text", ["tcp:12345", "tcp:port=12345", "tcp6:12345:interface=::"])
def test_a_plain_endpoint_is_told_its_port(text: str) -> None:
    with pytest.raises(TextError) as caught:
        external_port(text)
    assert caught.value.right == "give the number alone: 12345"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("::", "::"),
        ("[::1]", "::1"),
        ("2001:DB8:0::1", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1%eth0"),
    ],
)
def test_reads_a_listening_address(text: str, address: str) -> None:
    assert listen_address(text) == address


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("*", "leave the option out to listen on all addresses"),
        ("", "leave the option out to listen on all addresses"),
        ("localhost", "give 127.0.0.1, ::1, or both"),
        ("127.0.0.1:80", "give the address alone; its port is what --port says"),
        ("[::1]:80", "give the address alone; its port is what --port says"),
        ("example.com", "give an address of this machine, such as 127.0.0.1 or ::1"),
        ("127.0.0.256", "give an address of this machine, such as 127.0.0.1 or ::1"),
    ],
)
def test_refuses_what_is_no_address(text: str, right: str) -> None:
    with pytest.raises(TextError) as caught:
        listen_address(text)
    assert (caught.value.what, caught.value.right) == (f"{text!r} is not an IP address", right)
