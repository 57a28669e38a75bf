"""The PROXY protocol's header, section by section of its specification."""

from __future__ import annotations

import struct
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webproxy.net.proxy_header import HEADER_LIMIT, SIGNATURE, ProxyHeader, ProxyHeaderError, crc32c, read

V1 = b"PROXY TCP4 203.0.113.7 10.0.0.1 51000 443\r\n"


def vector(kind: int, value: bytes) -> bytes:
    return struct.pack("!BH", kind, len(value)) + value


def version_2(
    source: str = "203.0.113.7", destination: str = "10.0.0.1", vectors: bytes = b"", command: int = 0x21
) -> bytes:
    addresses = ip_address(source).packed + ip_address(destination).packed + struct.pack("!HH", 51000, 443)
    family = 0x11 if ip_address(source).version == 4 else 0x21
    body = addresses + vectors
    return SIGNATURE + struct.pack("!BBH", command, family, len(body)) + body


def with_checksum(header: bytes) -> bytes:
    at = header.index(vector(3, bytes(4))) + 3
    return header[:at] + crc32c(header).to_bytes(4, "big") + header[at + 4 :]


def test_version_1_over_ipv4() -> None:
    assert read(V1 + b"GET /") == (ProxyHeader("203.0.113.7", 443), len(V1))


def test_version_1_over_ipv6() -> None:
    line = b"PROXY TCP6 2001:db8::7 2001:db8::1 51000 443\r\n"
    assert read(line) == (ProxyHeader("2001:db8::7", 443), len(line))


@pytest.mark.parametrize("line", [b"PROXY UNKNOWN\r\n", b"PROXY UNKNOWN ffff:: ffff:: 65535 65535\r\n"])
def test_version_1_of_an_unknown_client(line: bytes) -> None:
    assert read(line) == (ProxyHeader(None), len(line))


def test_version_2_over_ipv4_and_ipv6() -> None:
    header = version_2()
    assert read(header + b"GET /") == (ProxyHeader("203.0.113.7", 443), len(header))
    header = version_2("2001:db8::7", "2001:db8::1")
    assert read(header) == (ProxyHeader("2001:db8::7", 443), len(header))


def test_version_2_local_speaks_for_itself() -> None:
    header = version_2(command=0x20)
    assert read(header) == (ProxyHeader(None), len(header))
    bare = SIGNATURE + b"\x20\x00\x00\x00"
    assert read(bare) == (ProxyHeader(None), 16)


def test_version_2_says_tls_authority_and_alpn() -> None:
    tls = vector(0x20, b"\x01\0\0\0\0" + vector(0x21, b"TLSv1.3"))
    header = version_2(vectors=vector(1, b"http/1.1") + vector(2, b"gpu.example") + tls + vector(0xE0, b"custom"))
    assert read(header) == (ProxyHeader("203.0.113.7", 443, True, b"gpu.example", b"http/1.1"), len(header))


def test_a_connection_without_tls_says_so() -> None:
    result = read(version_2(vectors=vector(0x20, b"\x00\0\0\0\0")))
    assert result is not None
    assert not result[0].tls


def test_the_checksum_is_that_of_rfc_9260() -> None:
    assert crc32c(b"123456789") == 0xE3069283


def test_a_checksum_is_checked() -> None:
    header = with_checksum(version_2(vectors=vector(3, bytes(4))))
    assert read(header) is not None
    wrong = header[:-1] + bytes([header[-1] ^ 1])
    with pytest.raises(ProxyHeaderError, match="checksum"):
        read(wrong)
    with pytest.raises(ProxyHeaderError, match="checksum"):
        read(version_2(vectors=vector(3, b"123")))


@pytest.mark.parametrize("header", [V1, version_2(vectors=vector(2, b"gpu.example"))])
def test_every_beginning_of_a_header_is_incomplete(header: bytes) -> None:
    for end in range(1, len(header)):
        assert read(header[:end]) is None
    assert read(header) is not None


@pytest.mark.parametrize(
    "data",
    [
        b"G",
        b"GET / HTTP/1.1\r\n",
        b"proxy TCP4 203.0.113.7 10.0.0.1 51000 443\r\n",
        b"PROXY \r\n",
        b"PROXY TCP4\r\n",
        b"PROXY UDP4 203.0.113.7 10.0.0.1 51000 443\r\n",
        b"PROXY TCP4 203.0.113.7 10.0.0.1 51000\r\n",
        b"PROXY TCP4 203.0.113.7 10.0.0.1 51000 443 \r\n",
        b"PROXY TCP4 203.0.113.7  10.0.0.1 51000 443\r\n",
        b"PROXY TCP4 203.0.113.07 10.0.0.1 51000 443\r\n",
        b"PROXY TCP4 2001:db8::7 2001:db8::1 51000 443\r\n",
        b"PROXY TCP6 203.0.113.7 10.0.0.1 51000 443\r\n",
        b"PROXY TCP4 203.0.113.7 10.0.0.1 65536 443\r\n",
        b"PROXY TCP4 203.0.113.7 10.0.0.1 51000 0443\r\n",
        b"PROXY TCP4 203.0.113.7 10.0.0.1 51000 +443\r\n",
        b"PROXY TCP4 203.0.113.7 10.0.0.1 51000 \xb2\r\n",
        b"PROXY TCP4 \xff 10.0.0.1 51000 443\r\n",
        b"PROXY TCP4 " + b"1" * 100,
        SIGNATURE + b"\x11\x11\x00\x0c" + bytes(12),
        SIGNATURE + b"\x22\x11\x00\x0c" + bytes(12),
        SIGNATURE + b"\x21\x31\x00\xd8" + bytes(216),
        SIGNATURE + b"\x21\x12\x00\x0c" + bytes(12),
        SIGNATURE + b"\x21\x11\x00\x0b" + bytes(11),
        SIGNATURE + b"\x21\x11" + HEADER_LIMIT.to_bytes(2, "big"),
        version_2(vectors=b"\x01\x00"),
        version_2(vectors=b"\x01\x00\x05four"),
        version_2(vectors=vector(0x20, b"")),
    ],
)
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(ProxyHeaderError):
        read(data)


@given(st.binary(min_size=1, max_size=200))
def test_no_bytes_surprise_it(data: bytes) -> None:
    for start in (b"", b"PROXY ", SIGNATURE):
        try:
            result = read(start + data)
        except ProxyHeaderError:
            continue
        assert result is None or result[1] <= len(start + data)
