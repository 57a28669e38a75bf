"""The service of large bodies, over a pair of real sockets."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from bench.bulk import MIB, CutShortError, pour, read_head, swallow, swallow_all
from bench.upstream.bodies import converse

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def service() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = socket.create_connection(listener.getsockname(), timeout=10)
        sock, _ = listener.accept()
    thread = threading.Thread(target=converse, args=(sock,))
    thread.start()
    with client:
        yield client
    thread.join(10)
    assert not thread.is_alive()


def test_it_sends_as_many_bytes_as_it_is_asked_for_and_stays_for_more() -> None:
    with service() as client:
        for size in (0, 1, 3 * MIB + 7):
            client.sendall(b"GET /bytes/%d HTTP/1.1\r\nHost: x\r\n\r\n" % size)
            head, rest = read_head(client)
            assert b"content-length: %d" % size in head
            assert swallow(client, size - len(rest)) == size - len(rest)


@pytest.mark.parametrize(("count", "size"), [(3 * MIB, 65536), (3 * MIB, 8192), (100_000, 8192), (5, 8192)])
def test_it_sends_whole_chunks_of_the_size_it_is_asked_for(count: int, size: int) -> None:
    with service() as client:
        client.sendall(b"GET /chunked/%d/%d HTTP/1.1\r\nConnection: close\r\n\r\n" % (count, size))
        _, _, body = client.makefile("rb").read().partition(b"\r\n\r\n")
        chunk = b"%x\r\n%b\r\n" % (size, bytes(size))
        assert body == chunk * -(-count // size) + b"0\r\n\r\n"


def test_whatever_comes_can_be_swallowed() -> None:
    with service() as client:
        client.sendall(b"GET /chunked/8192/8192 HTTP/1.1\r\nConnection: close\r\n\r\n")
        _, rest = read_head(client)
        assert len(rest) + swallow_all(client) == 8192 + len(b"2000\r\n\r\n0\r\n\r\n")


def test_it_counts_what_it_swallows() -> None:
    with service() as client:
        client.sendall(b"POST /sink HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\nabc" % (2 * MIB))
        pour(client, 2 * MIB - 3)
        client.shutdown(socket.SHUT_WR)
        assert client.makefile("rb").read().endswith(b"\r\n\r\n%d" % (2 * MIB))


def test_it_reads_no_faster_than_its_pace() -> None:
    with service() as client:
        began = time.monotonic()
        client.sendall(b"POST /sink?pace=%d HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % (4 * MIB, MIB))
        pour(client, MIB)
        head, _ = read_head(client)
        assert head
        assert time.monotonic() - began > 0.2


def test_it_closes_when_asked_to() -> None:
    with service() as client:
        client.sendall(b"GET /bytes/1 HTTP/1.1\r\nConnection: close\r\n\r\n")
        assert client.makefile("rb").read().endswith(b"\r\n\r\n\0")


def test_a_body_cut_short_is_told() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"abc")
        theirs.shutdown(socket.SHUT_WR)
        with pytest.raises(CutShortError, match="3 of 10 bytes"):
            swallow(ours, 10)
