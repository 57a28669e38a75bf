"""PROXY headers in front of a request: both versions, in pieces, or none."""

from __future__ import annotations

import socket
import threading

import pytest

from bench.upstream.introduced import length, take_off
from webproxy.net.proxy_header_written import written

TWO = written(("192.0.2.1", 5), ("192.0.2.2", 443), authority=b"a.example", version="TLSv1.3")
ONE = b"PROXY TCP4 192.0.2.1 192.0.2.2 5 443\r\n"
REQUEST = b"GET / HTTP/1.1\r\n\r\n"


@pytest.mark.parametrize("header", [ONE, TWO, b""])
def test_what_comes_behind_is_the_request(header: bytes) -> None:
    assert length(header + REQUEST) == len(header)


@pytest.mark.parametrize("header", [ONE, TWO])
def test_a_header_that_is_not_whole(header: bytes) -> None:
    for size in range(12, len(header)):
        assert length(header[:size]) is None


@pytest.mark.parametrize("header", [ONE, TWO, b""])
def test_it_is_taken_off_a_socket_and_nothing_else(header: bytes) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(header[:20])
        threading.Timer(0.05, theirs.sendall, (header[20:] + REQUEST,)).start()
        take_off(ours)
        assert ours.recv(4096) == REQUEST
