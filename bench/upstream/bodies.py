"""The internal service of the large rows: ``GET /bytes/N`` sends N bytes, ``POST /sink`` swallows a body.

``GET /chunked/N/SIZE`` sends N bytes in chunks of SIZE, many by one write, as they meet a proxy that is a little late.

``?pace=N`` makes the sink read N bytes a second. One thread a connection, since there are few. ``python -m
bench.upstream.bodies PORT`` serves until it is killed.
"""

from __future__ import annotations

import math
import re
import socket
import sys
import threading

from bench.bulk import BLOCK, PATIENCE, pour, read_head, swallow
from bench.upstream.introduced import take_off

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
PACE = re.compile(rb"^[^\r]*[?]pace=(\d+)")
SIZE = re.compile(rb"^GET /bytes/(\d+)")
CHUNKED = re.compile(rb"^GET /chunked/(\d+)/(\d+)")
CLOSE = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)
CHUNKED_HEAD = (
    b"HTTP/1.1 200 OK\r\nserver: uvicorn\r\n"
    b"content-type: application/octet-stream\r\ntransfer-encoding: chunked\r\n\r\n"
)
HEAD = b"HTTP/1.1 200 OK\r\nserver: uvicorn\r\ncontent-type: application/octet-stream\r\ncontent-length: %d\r\n\r\n"


def number(pattern: re.Pattern[bytes], head: bytes) -> int | None:
    """What the pattern's group says in this head."""
    match = pattern.search(head)
    return int(match[1]) if match else None


def exchange(sock: socket.socket, head: bytes, rest: bytes) -> None:
    """One request, one answer: the body asked for, or how many bytes arrived, in decimal."""
    chunked = CHUNKED.search(head)
    if chunked:
        sock.sendall(CHUNKED_HEAD)
        pour_chunks(sock, int(chunked[1]), int(chunked[2]))
        return
    size = number(SIZE, head)
    if size is not None:
        sock.sendall(HEAD % size)
        pour(sock, size)
        return
    length = number(LENGTH, head) or 0
    swallow(sock, length - len(rest), number(PACE, head) or math.inf)
    answer = b"%d" % length
    sock.sendall(HEAD % len(answer) + answer)


def pour_chunks(sock: socket.socket, count: int, size: int) -> None:
    """Send a chunked body of ``count`` bytes, rounded up to whole chunks of ``size``."""
    chunks = -(-count // size)
    batch = max(1, BLOCK // size)
    block = b"%x\r\n%b\r\n" % (size, bytes(size)) * batch
    for _ in range(chunks // batch):
        sock.sendall(block)
    sock.sendall(block[: len(block) // batch * (chunks % batch)] + b"0\r\n\r\n")


def converse(sock: socket.socket) -> None:
    """Answer until the proxy leaves, or a body is cut short: the proxy's end tells."""
    with sock:
        sock.settimeout(PATIENCE)
        if sock.family == socket.AF_INET:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # a body behind its head waits for no ACK
        try:
            take_off(sock)
            while True:
                head, rest = read_head(sock)
                if not head:
                    return
                exchange(sock, head, rest)
                if CLOSE.search(head):
                    return
        except OSError:
            return


def serve(port: int) -> None:
    with socket.create_server(("127.0.0.1", port), backlog=128) as listener:
        while True:
            sock, _ = listener.accept()
            threading.Thread(target=converse, args=(sock,), daemon=True).start()


if __name__ == "__main__":
    serve(int(sys.argv[1]))
