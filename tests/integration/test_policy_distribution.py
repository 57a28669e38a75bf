"""A distribution from outside, installed with pip: its policies serve, stop the start, or fail, each as promised."""

from __future__ import annotations

import re
import signal
import time
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from bench.ports import free_port
from tests.integration.own_environment import OwnEnvironment, write
from tests.judged import once_each

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PATIENCE = 20.0

pytestmark = once_each

FILES = {
    "pyproject.toml": """
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"

[project]
name = "acme-policies"
version = "1.5"

[project.entry-points."webproxy.policies"]
good = "acme.good:Good"
broken = "acme.broken:Broken"
raising = "acme.raising:Raising"

[tool.setuptools]
packages = ["acme"]
""",
    "acme/__init__.py": "",
    "acme/good.py": """
from webproxy.policy import Policy, Setting, TrafficClass, Verdict, duration

class Good(Policy):
    settings = (Setting("patience", duration, "2h", "How long a picture may take."),)

    def __init__(self, *, patience):
        self.patient = Verdict(traffic_class=TrafficClass("PATIENT", patience), why="picture")
        self.archive = Verdict(traffic_class=TrafficClass("ARCHIVE", 3 * patience), why="tape")

    def request_received(self, request):
        return self.patient if request.path.startswith("/render/") else None

    def response_received(self, request, response, current):
        return self.archive if response.field("X-Kind") == "tape" else None
""",
    "acme/broken.py": "import a_module_that_is_nowhere\n",
    "acme/raising.py": """
from webproxy.policy import Policy

print("raising was imported")

class Raising(Policy):
    def request_received(self, request):
        raise ZeroDivisionError("on the request")

    def response_received(self, request, response, current):
        raise ZeroDivisionError("on the response")

    def exchange_finished(self, request, summary):
        raise ZeroDivisionError("at the end")
""",
}


class Quiet(ThreadingHTTPServer):
    """Says nothing of connections that the proxy resets when it stops."""

    def handle_error(self, request: object, client_address: object) -> None:
        """Leave it at that: what a client got is what the tests look at."""


class Tapes(BaseHTTPRequestHandler):
    """The internal service: some of what it has is on tape."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "5")
        if self.path.startswith("/tape/"):
            self.send_header("X-Kind", "tape")
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Keep the test's output clean."""


@pytest.fixture(scope="module")
def internal() -> Iterator[str]:
    """Where the service listens."""
    with Quiet(("127.0.0.1", 0), Tapes) as server:
        serving = Thread(target=server.serve_forever, args=(0.01,))
        serving.start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()
        serving.join()


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> OwnEnvironment:
    """An environment in which the distribution is installed."""
    place: Path = tmp_path_factory.mktemp("acme")
    made = OwnEnvironment(place)
    made.install(write(place / "source", FILES))
    return made


@contextmanager
def serving(environment: OwnEnvironment, internal: str, *options: str) -> Iterator[tuple[int, list[str]]]:
    """A proxy under twistd: its port, and, once it has ended, what it wrote."""
    port, written = free_port(), list[str]()
    words = ("-n", "webproxy", "--internal", internal, "--port", str(port), "--listen", "127.0.0.1", *options)
    with environment.start(environment.twistd, *words) as child:
        try:
            yield port, written
            child.terminate()
            out, err = child.communicate(timeout=PATIENCE)
        finally:
            child.kill()
    assert (child.returncode, err) == (-signal.SIGTERM, "")
    written.extend(out.splitlines())


def get(port: int, *paths: str) -> list[int]:
    """Ask for paths, one after the other, once somebody listens; the statuses."""
    deadline = time.monotonic() + PATIENCE
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    while True:
        try:
            connection.connect()
            break
        except ConnectionRefusedError:
            assert time.monotonic() < deadline, "nobody listens"
            time.sleep(0.02)
    statuses = []
    for path in paths:
        connection.request("GET", path)
        answer = connection.getresponse()
        assert answer.read() == b"hello"
        statuses.append(answer.status)
    connection.close()
    return statuses


def classes(written: list[str]) -> dict[str, str]:
    """What the access log says of each path: its class and why."""
    found = (re.search(r'"GET (\S+) HTTP/1.1" 200 .* class=(\S+) why=(\S+) ', line) for line in written)
    return {match[1]: f"{match[2]} {match[3]}" for match in found if match}


def test_a_policy_loaded_by_name_changes_the_class_on_request_and_on_response(
    environment: OwnEnvironment, internal: str
) -> None:
    with serving(environment, internal, "--policy", "good:patience=3h") as (port, written):
        assert get(port, "/", "/render/1", "/tape/1", "/render/tape", "/api/chat") == [200] * 5
    assert classes(written) == {
        "/": "DEFAULT -",
        "/render/1": "PATIENT good:picture",
        "/tape/1": "DEFAULT>ARCHIVE good:tape",
        "/render/tape": "PATIENT good:picture",
        "/api/chat": "LONG path",
    }


@pytest.mark.parametrize("command", ["twistd", "run"])
def test_a_policy_that_cannot_be_loaded_stops_the_start(
    command: str, environment: OwnEnvironment, internal: str
) -> None:
    start = (environment.twistd, "-n", "webproxy") if command == "twistd" else (environment.webproxy, "run")
    ended = environment.finish(*start, "--internal", internal, "--port", str(free_port()), "--policy", "broken")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == (
        "webproxy: --policy broken: the entry point broken = acme.broken:Broken of acme-policies 1.5 cannot be loaded: "
        "ModuleNotFoundError: No module named 'a_module_that_is_nowhere'\n"
    )


def test_one_that_is_installed_and_not_named_is_not_imported(environment: OwnEnvironment, internal: str) -> None:
    with serving(environment, internal) as (port, written):
        assert get(port, "/render/1") == [200]
    assert classes(written) == {"/render/1": "DEFAULT -"}
    assert not any("raising was imported" in line for line in written)


def test_a_policy_that_raises_costs_no_request(environment: OwnEnvironment, internal: str) -> None:
    with serving(environment, internal, "--policy", "raising", "--policy", "good") as (port, written):
        assert get(port, *["/render/1"] * 20, "/tape/1") == [200] * 21
    assert classes(written) == {"/render/1": "PATIENT good:picture", "/tape/1": "DEFAULT>ARCHIVE good:tape"}
    assert any("raising was imported" in line for line in written)
    assert sum("policy raising failed in exchange" in line for line in written) == 1
    assert sum("Traceback" in line for line in written) == 1


def test_installed_policies_are_listed_from_metadata(environment: OwnEnvironment) -> None:
    listed = environment.finish(environment.webproxy, "policies")
    assert (listed.returncode, listed.stderr) == (0, "")
    lines = listed.stdout.splitlines()
    assert [line.split()[:3] for line in lines if "acme" in line] == [
        ["broken", "acme-policies", "1.5"],
        ["good", "acme-policies", "1.5"],
        ["raising", "acme-policies", "1.5"],
    ]
    shown = environment.finish(environment.webproxy, "policies", "show", "good")
    assert "patience: How long a picture may take. (default 2h)" in shown.stdout
