"""Readers of endless downloads: ``python -m bench.load.readers PORT COUNT`` runs until it is killed.

Each asks for a body of 1 GiB, throws it away, and asks again. When all have begun, a line says so.
"""

from __future__ import annotations

import socket
import sys
import threading

from bench.bulk import GIB, PATIENCE, read_head, swallow

REQUEST = b"GET /bytes/%d HTTP/1.1\r\nHost: bench\r\n\r\n" % GIB


def read(port: int, begun: threading.Barrier | None, bodies: float) -> None:
    """Read ``bodies`` bodies, one after the other on one connection; wait for the others when the first has begun."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as sock:
        while bodies > 0:
            sock.sendall(REQUEST)
            _, rest = read_head(sock)
            if begun is not None:
                begun.wait(PATIENCE)
                begun = None
            swallow(sock, GIB - len(rest))
            bodies -= 1


def main(port: int, count: int, bodies: float = float("inf")) -> None:
    begun = threading.Barrier(count + 1)
    readers = [threading.Thread(target=read, args=(port, begun, bodies), daemon=True) for _ in range(count)]
    for reader in readers:
        reader.start()
    begun.wait(PATIENCE)
    print("all read", flush=True)
    for reader in readers:
        reader.join()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
