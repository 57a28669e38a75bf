"""Ten thousand names and five thousand visitors at once, and a flood on one name.

Finding a name costs what it cost among ten, memory is a straight line, and the other names stay responsive.

The router is a process of its own, whose memory, descriptors and CPU time the kernel tells; the machine is a service of
the bench's, and the names are in the store as registrations would have left them.
"""

from __future__ import annotations

import contextlib
import resource
import socket
import ssl
import statistics
import sys
import threading
import time
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from bench import procfs
from bench.certificate import DOMAIN, client, write
from bench.child import running
from bench.peers.router import words
from bench.ports import free_port
from tests.system.test_many_sockets import descriptors, resident_kib
from webproxy.router.rows import Name
from webproxy.router.state import STORE
from webproxy.router.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bench.child import Child

MANY = 10_000
VISITORS = 5000
MOST_KIB = 64.0
REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture(autouse=True)
def many_descriptors() -> Iterator[None]:
    """As many descriptors as we may have; the programs inherit it."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (before[1], before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@contextlib.contextmanager
def routing(folder: Path, names: int) -> Iterator[Child]:
    """A router with so many names, all of the same machine."""
    folder.mkdir()
    write(folder)
    internal, port, cpus = free_port(), free_port(), [0, 1]
    (folder / "state").mkdir(mode=0o700)
    store = Store(folder / "state" / STORE)
    now = time.time()
    with store.transaction():
        for number in range(names):
            row = (label(number), "anna", number.to_bytes(32, "big"), "127.0.0.1", internal, now, now + 1e6)
            store.put_name(Name(*row))
    store.close()
    service = [sys.executable, "-m", "bench.upstream.answers", str(internal)]
    with (
        running("answers", service, internal, cpus, folder, {}),
        running("router", words(port, folder, free_port()), port, cpus, folder, {}, secure=True) as router,
    ):
        yield router


def told(figures: str) -> None:
    """Write down what was measured; ``pytest -s`` shows it."""
    sys.stdout.write(f"\n{figures}\n")


def label(number: int) -> str:
    """A name; the first is the one that the bench asks for."""
    return f"bench{number}-fox-chi"


def visit(port: int, context: ssl.SSLContext, number: int, name: int) -> ssl.SSLSocket:
    """Open a name from one of many addresses, and have an answer."""
    source = (f"127.0.{number % 100}.{number // 100 % 200 + 1}", 0)
    sock = context.wrap_socket(
        socket.create_connection(("127.0.0.1", port), 60, source), server_hostname=f"{label(name)}.{DOMAIN}"
    )
    sock.sendall(REQUEST)
    assert sock.recv(4096).startswith(b"HTTP/1.1 200 ")
    return sock


def cost(router: Child, names: int, count: int) -> float:
    """CPU seconds of so many visits, of names all over the place."""
    context = client()
    before = router.cpu_seconds()
    for number in range(count):
        visit(router.port, context, number, number * 7919 % names).close()
    return router.cpu_seconds() - before


def test_a_name_among_ten_thousand_is_found_as_one_among_ten(tmp_path: Path) -> None:
    with routing(tmp_path / "few", 10) as few, routing(tmp_path / "many", MANY) as many:
        for router, names in ((few, 10), (many, MANY)):
            cost(router, names, 100)
        ratios = [cost(many, MANY, 300) / cost(few, 10, 300) for _ in range(5)]
        grown = resident_kib(pid(many)) - resident_kib(pid(few))
    told(f"CPU of a visit, 10,000 names / 10: {ratios}; memory of 10,000 names: {grown} KiB")
    assert statistics.median(ratios) < 1.2
    assert grown < MANY * 2, "KiB for all names"


def pid(router: Child) -> int:
    """The process that serves: setpriv and taskset have become it."""
    return procfs.tree(router.process.pid)[0]


def test_five_thousand_visitors(tmp_path: Path) -> None:
    context = client()
    visitors: list[ssl.SSLSocket] = []
    with routing(tmp_path / "many", MANY) as router:
        for number in range(200):
            visit(router.port, context, number, number).close()
        time.sleep(1)
        figures = [(resident_kib(pid(router)), descriptors(pid(router)))]
        for part in range(5):
            numbers = range(part * VISITORS // 5, (part + 1) * VISITORS // 5)
            visitors += (visit(router.port, context, number, number * 7919 % MANY) for number in numbers)
            figures.append((resident_kib(pid(router)), descriptors(pid(router))))
        told(f"KiB and descriptors, every thousand visitors: {figures}")
        steps = [(after[0] - before[0]) / (VISITORS / 5) for before, after in pairwise(figures)]
        assert max(steps) < MOST_KIB, "KiB for each"
        assert max(steps) < 1.5 * min(steps), "a straight line"
        assert figures[-1][1] - figures[0][1] == 2 * VISITORS
        for visitor in visitors[::97]:
            visitor.sendall(REQUEST)
            assert visitor.recv(4096).startswith(b"HTTP/1.1 200 ")
        for visitor in visitors:
            visitor.close()
        until = time.monotonic() + 30
        while descriptors(pid(router)) > figures[0][1]:
            assert time.monotonic() < until
            time.sleep(0.2)
        for number in range(VISITORS):  # as many again, one after the other: nothing is left of them
            visit(router.port, context, number, number % MANY).close()
        left = resident_kib(pid(router))
    told(f"after twice as many: {left} KiB")
    assert left < 1.05 * figures[-1][0], "what was freed is used again; the rest are counts by name and by address"


def test_a_flood_on_one_name_leaves_the_others_responsive(tmp_path: Path) -> None:
    """As many handshakes for one name as four threads can begin, which is cheap for them; others get on."""
    context, stop = client(), threading.Event()
    begun, refused = [0], [0]
    hello = ssl.MemoryBIO()
    beginning = context.wrap_bio(ssl.MemoryBIO(), hello, server_hostname=f"{label(7)}.{DOMAIN}")
    with contextlib.suppress(ssl.SSLWantReadError):
        beginning.do_handshake()
    said = hello.read()

    def flood() -> None:
        while not stop.is_set():
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", router.port), 20) as sock:
                begun[0] += 1
                sock.sendall(said)
                if sock.recv(1) == b"\x15":  # an alert (RFC 8446 §5.1)
                    refused[0] += 1

    with routing(tmp_path / "many", 10) as router:
        threads = [threading.Thread(target=flood) for _ in range(4)]
        for thread in threads:
            thread.start()
        try:
            until = time.monotonic() + 60
            while refused[0] < 100 and time.monotonic() < until:  # the burst that is allowed has gone
                time.sleep(0.1)
            took = []
            for number in range(100):
                began = time.monotonic()
                visit(router.port, context, 1000 + number, number % 5).close()
                took.append(time.monotonic() - began)
        finally:
            stop.set()
            for thread in threads:
                thread.join()
    took.sort()
    told(f"beside {begun[0]} of a flood, {refused[0]} refused: median {took[50]:.3f} s, p95 {took[95]:.3f} s")
    assert refused[0] >= 100
    assert took[95] < 1.0
