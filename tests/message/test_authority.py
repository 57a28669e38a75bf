"""Host and request-target: RFC 9112 §3.2, RFC 3986 §3.2."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webproxy.errors import ClientProtocolError
from webproxy.message.authority import HOST_LIMIT, authority, reduced

if TYPE_CHECKING:
    import ipaddress


@pytest.mark.parametrize(
    "value",
    [
        b"localhost",
        b"a.example",
        b"A.Example.",
        b"a.example:1",
        b"a.example:65535",
        b"a.example:00080",
        b"my_container:8080",
        b"xn--bcher-kva.example",
        b"127.0.0.1:8080",
        b"[::1]",
        b"[2001:db8::1]:443",
        b"[::ffff:192.0.2.1]",
        b"a" * HOST_LIMIT,
    ],
)
def test_a_host_with_or_without_port_is_given_back_as_it_is(value: bytes) -> None:
    assert authority(value) == value


@given(st.ip_addresses(v=6), st.none() | st.integers(1, 65535))
def test_rfc3986_3_2_2_every_ipv6_address_is_a_host(address: ipaddress.IPv6Address, port: int | None) -> None:
    value = b"[%b]" % str(address).encode() + (b"" if port is None else b":%d" % port)
    assert authority(value) == value


@given(st.binary(max_size=20) | st.text("ab.:[]@1/ ", max_size=12).map(str.encode))
def test_what_passes_is_one_host_and_at_most_one_port(value: bytes) -> None:
    try:
        authority(value)
    except ClientProtocolError:
        return
    assert not set(value) & set(b" ,;@/\\?#%\"'<>\t\r\n\0")
    host, _, port = value.rpartition(b"]")[2].partition(b":")
    assert host or value.startswith(b"[")
    assert not port or 0 < int(port) < 65536


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"user@a.example",
        b"a.exampleQ" * 27,
        b"a,b",
        b"a.example:",
        b"a.example:0",
        b"a.example:65536",
        b"a.example:000080",
        b"a.example:+80",
        b"[::1",
        b"[::1]x",
        b"[::1]:",
        b"[fe80::1%eth0]",
        b"[1.2.3.4]",
    ],
)
def test_rfc9112_3_2_a_malformed_host_is_a_bad_request(value: bytes) -> None:
    with pytest.raises(ClientProtocolError) as caught:
        authority(value)
    assert caught.value.status == 400


@pytest.mark.parametrize(
    ("method", "target", "expected"),
    [
        (b"GET", b"http://a.example/x?y=http://b/", (b"a.example", b"/x?y=http://b/")),
        (b"GET", b"HTTP://a.example:80/", (b"a.example:80", b"/")),
        (b"POST", b"https://a.example/x", (b"a.example", b"/x")),
        (b"GET", b"http://[::1]:80/x", (b"[::1]:80", b"/x")),
        (b"GET", b"http://a.example//b", (b"a.example", b"//b")),
    ],
)
def test_rfc9112_3_2_2_absolute_form(method: bytes, target: bytes, expected: tuple[bytes, bytes]) -> None:
    assert reduced(method, target) == expected


@pytest.mark.parametrize(("target", "expected"), [(b"http://a.example", b"/"), (b"http://a.example?q=/", b"/?q=/")])
def test_rfc9110_4_2_3_an_empty_path_is_a_slash(target: bytes, expected: bytes) -> None:
    assert reduced(b"GET", target) == (b"a.example", expected)


def test_rfc9112_3_2_4_options_for_an_empty_path_is_for_the_server_as_a_whole() -> None:
    assert reduced(b"OPTIONS", b"http://a.example") == (b"a.example", b"*")
    assert reduced(b"OPTIONS", b"http://a.example/") == (b"a.example", b"/")
    assert reduced(b"OPTIONS", b"http://a.example?q") == (b"a.example", b"/?q")


def test_rfc9112_3_2_3_authority_form_is_for_connect() -> None:
    assert reduced(b"CONNECT", b"a.example:443") == (b"a.example:443", b"a.example:443")
    with pytest.raises(ClientProtocolError):
        reduced(b"GET", b"a.example:443")


def test_rfc9112_3_2_4_asterisk_form_is_for_options() -> None:
    assert reduced(b"OPTIONS", b"*") == (b"", b"*")
    with pytest.raises(ClientProtocolError) as caught:
        reduced(b"GET", b"*")
    assert caught.value.status == 400


@pytest.mark.parametrize("target", [b"ftp://a.example/", b"x", b"?q", b"", b"http:/a", b"**"])
@pytest.mark.parametrize("method", [b"GET", b"OPTIONS"])
def test_rfc9112_3_2_there_is_no_fifth_form(method: bytes, target: bytes) -> None:
    with pytest.raises(ClientProtocolError):
        reduced(method, target)
