"""The internal service of the large rows: ``GET /bytes/N`` sends N bytes, ``POST /sink`` swallows a body.

``?pace=N`` makes the sink read N bytes a second. One thread a connection, since there are few. ``python -m
bench.upstream.bodies PORT`` serves until it is killed.
"""

from __future__ import annotations

import math
import re
import socket
import sys
import threading

from bench.bulk import PATIENCE, pour, read_head, swallow

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
PACE = re.compile(rb"^[^\r]*[?]pace=(\d+)")
SIZE = re.compile(rb"^GET /bytes/(\d+)")
CLOSE = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)
HEAD = b"HTTP/1.1 200 OK\r\nserver: uvicorn\r\ncontent-type: application/octet-stream\r\ncontent-length: %d\r\n\r\n"


def number(pattern: re.Pattern[bytes], head: bytes) -> int | None:
    """What the pattern's group says in this head."""
    match = pattern.search(head)
    return int(match[1]) if match else None


def exchange(sock: socket.socket, head: bytes, rest: bytes) -> None:
    """One request, one answer: the body asked for, or how many bytes arrived, in decimal."""
    size = number(SIZE, head)
    if size is not None:
        sock.sendall(HEAD % size)
        pour(sock, size)
        return
    length = number(LENGTH, head) or 0
    swallow(sock, length - len(rest), number(PACE, head) or math.inf)
    answer = b"%d" % length
    sock.sendall(HEAD % len(answer) + answer)


def converse(sock: socket.socket) -> None:
    """Answer until the proxy leaves, or a body is cut short: the proxy's end tells."""
    with sock:
        sock.settimeout(PATIENCE)
        try:
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
