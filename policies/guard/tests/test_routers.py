"""Over real routers: no spelling of a closed endpoint reaches it, and without the guard many do."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import urlopen

import pytest

from webproxy.testing import serving, spellings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PATIENCE = 60.0
ROUTERS = ("starlette", "aiohttp", "tornado", "lenient")
POLICIES = {"guard": "webproxy_guard:Guard"}
GUARD = ("--policy", "guard:app=ollama,deny=POST /props,allow=/api/chat")

#: Method and path of what is closed, and how many spellings of each are tried.
CLOSED = (("DELETE", "/api/delete"), ("POST", "/api/pull"), ("GET", "/debug/pprof/heap"), ("POST", "/props"))
EACH = 200
TRIED = [(method, spelling) for method, path in CLOSED for spelling in spellings(path, EACH)]


@contextmanager
def service(router: str) -> Iterator[int]:
    """A service on that router, in a process of its own: its port."""
    program = Path(__file__).with_name("routers.py")
    words = (sys.executable, str(program), router, "/api/chat", *(path for _, path in CLOSED))
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as child:
        try:
            assert child.stdout is not None
            yield int(child.stdout.readline())
        finally:
            child.kill()


def reached(port: int) -> list[str]:
    """What has reached an endpoint of the service since the last time."""
    with urlopen(f"http://127.0.0.1:{port}/reached", timeout=PATIENCE) as answer:
        told: list[str] = json.load(answer)
        return told


def ask(port: int, requests: Iterable[tuple[str, str]]) -> list[int]:
    """Send requests exactly as they are written, each on a connection of its own; the statuses."""
    statuses = []
    for method, target in requests:
        with socket.create_connection(("127.0.0.1", port), PATIENCE) as client:
            client.sendall(f"{method} {target} HTTP/1.1\r\nHost: somewhere\r\nConnection: close\r\n\r\n".encode())
            with client.makefile("rb") as answer:
                statuses.append(int(answer.readline().split()[1]))
                answer.read()
    return statuses


def test_there_are_enough_of_them() -> None:
    assert len(set(TRIED)) >= 500


@pytest.mark.parametrize("router", ROUTERS)
def test_no_spelling_of_a_closed_endpoint_reaches_it(router: str) -> None:
    with service(router) as port, serving(f"127.0.0.1:{port}", *GUARD, policies=POLICIES) as proxy:
        statuses = ask(proxy.port, TRIED)
        assert reached(port) == []
        assert set(statuses) == {400, 403}
        assert ask(proxy.port, [("POST", "/api/chat")]) == [200]
        assert reached(port) == ["/api/chat"]


@pytest.mark.parametrize(("router", "least"), [("starlette", 5), ("aiohttp", 5), ("tornado", 5), ("lenient", 300)])
def test_without_it_many_do(router: str, least: int) -> None:
    with service(router) as port, serving(f"127.0.0.1:{port}") as proxy:
        ask(proxy.port, TRIED)
        assert len(set(reached(port))) >= least


HANDSHAKE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
}


@pytest.mark.parametrize("reactor", ["", "epoll"])
def test_each_request_of_a_connection_is_judged(reactor: str) -> None:
    """Heads that are repeated are not judged again: their judgement is remembered, and must be theirs."""
    chat, delete, profile = ("POST", "/api/chat"), ("DELETE", "/api/delete"), ("GET", "/debug/pprof/heap")
    with service("lenient") as port, serving(f"127.0.0.1:{port}", *GUARD, policies=POLICIES, reactor=reactor) as proxy:
        client = HTTPConnection("127.0.0.1", proxy.port, timeout=PATIENCE)
        statuses = []
        for method, target in (chat, delete, delete, chat, chat, delete, profile):
            client.request(method, target, headers=HANDSHAKE if method == "GET" else {})
            with client.getresponse() as answer:
                answer.read()
                statuses.append(answer.status)
        client.close()
        assert statuses == [200, 403, 403, 200, 200, 403, 403]
        assert reached(port) == ["/api/chat"] * 3
        deadline = time.monotonic() + PATIENCE
        while proxy.log().count("closed_by=guard") < 4:  # the access log is written a little later
            assert time.monotonic() < deadline, proxy.log()
            time.sleep(0.05)
