"""A peer that vanishes without a word: its machine lost power, or the network between lost the way.

Three hosts, in network namespaces of this test: clients on ``edge``, webproxy on ``machine``, and on ``gpu`` a service
that is not on the proxy's own machine. A link that is pulled drops every packet and tells nobody. No idle limit is
set, so only TCP itself (keep-alive 30/10/6 s, user timeout 90 s) can notice. Needs root.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="network namespaces need root")

# addresses of RFC 5737, which are nobody's: one link between machine and each neighbour
LINKS = {"edge": ("192.0.2.1", "192.0.2.2"), "gpu": ("198.51.100.1", "198.51.100.2")}
LOCAL, REMOTE = "http://192.0.2.1:12345", "http://192.0.2.1:12346"
TWO_MINUTES = 120.0


def name(host: str) -> str:
    return f"webproxy-{os.getpid()}-{host}"


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)


class Hosts:
    """The three hosts, and the programs that run on them."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        for host in ("machine", *LINKS):
            ip("netns", "add", name(host))
            stack.callback(ip, "netns", "delete", name(host))
            ip("-n", name(host), "link", "set", "lo", "up")
        for neighbour, (near, far) in LINKS.items():
            ip("-n", name("machine"), "link", "add", neighbour, "type", "veth", "peer", "up0", "netns", name(neighbour))
            for host, link, address in (("machine", neighbour, near), (neighbour, "up0", far)):
                ip("-n", name(host), "address", "add", f"{address}/30", "dev", link)
                ip("-n", name(host), "link", "set", link, "up")

    def start(self, host: str, *command: str) -> subprocess.Popen[bytes]:
        """Start a program that ends with the test at the latest."""
        process = self._stack.enter_context(
            subprocess.Popen(["ip", "netns", "exec", name(host), *command], stdout=subprocess.DEVNULL)
        )
        self._stack.callback(process.kill)
        return process

    def asked(self, host: str, url: str) -> Any:
        """The JSON that curl gets there; ``None`` while there is no answer."""
        command = ["ip", "netns", "exec", name(host), "curl", "-fsS", "-m", "5", url]
        done = subprocess.run(command, capture_output=True, check=False)
        return json.loads(done.stdout) if done.returncode == 0 else None

    def pull(self, neighbour: str) -> None:
        """Lose every packet between the machine and its neighbour, and tell neither.

        A link set down would be told. Here each sends on, to a hardware address that nobody has.
        """
        near, far = LINKS[neighbour]
        for host, link, lost in (("machine", neighbour, far), (neighbour, "up0", near)):
            nobody = ("lladdr", "02:00:00:00:00:99", "nud", "permanent")
            ip("-n", name(host), "neighbour", "replace", lost, "dev", link, *nobody)


def until(condition: Callable[[], object], seconds: float) -> float:
    """Wait for it.

    :returns: how long it took, in seconds.
    """
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, f"not within {seconds:g} s"
        time.sleep(0.2)
    return time.monotonic() - began


@pytest.fixture(scope="module")
def hosts() -> Iterator[Hosts]:
    """The hosts, a demo service on two of them, and a proxy before each."""
    with ExitStack() as stack:
        hosts = Hosts(stack)
        demo = (sys.executable, "-m", "webproxy.demo", "--port", "8080")
        twistd = (sysconfig.get_path("scripts") + "/twistd", "--nodaemon", "--pidfile=", "webproxy")
        hosts.start("machine", *demo)
        hosts.start("gpu", *demo, "--address", LINKS["gpu"][1])
        for internal, port in (("8080", "12345"), (f"{LINKS['gpu'][1]}:8080", "12346")):
            options = ("--internal", internal, "--port", port, "--timeout", "default=none", "--access-log", "none")
            hosts.start("machine", *twistd, *options)
        until(lambda: hosts.asked("edge", f"{LOCAL}/stats") and hosts.asked("edge", f"{REMOTE}/stats"), 20)
        yield hosts


def test_vanished_client_is_let_go(hosts: Hosts) -> None:
    """The service stops working for clients that vanished: one waited in silence, one read a stream."""
    for interval in (3600, 0.05):
        hosts.start("edge", "curl", "-sN", f"{LOCAL}/events?count=100000&interval={interval}")

    def running() -> int:
        return int(hosts.asked("machine", "http://127.0.0.1:8080/stats")["streams"]["running"])

    until(lambda: running() == 2, 10)
    hosts.pull("edge")
    until(lambda: running() == 0, TWO_MINUTES)


def test_vanished_service_is_told_to_the_client(hosts: Hosts) -> None:
    """Clients of a service that vanished are not left waiting."""
    clients = [
        hosts.start("machine", "curl", "-sN", f"http://127.0.0.1:12346/events?count=100000&interval={interval}")
        for interval in (3600, 0.05)
    ]

    def running() -> int:
        return int(hosts.asked("gpu", f"http://{LINKS['gpu'][1]}:8080/stats")["streams"]["running"])

    until(lambda: running() == 2, 10)
    hosts.pull("gpu")
    until(lambda: all(client.poll() is not None for client in clients), TWO_MINUTES)
