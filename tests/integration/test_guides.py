"""What README and docs tell people to type is typed here: against a demo service, with ports and files of the test's.

Every line of a console block is run by one of these tests, or by a test of its own that ``ELSEWHERE`` names.
"""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import pytest_twisted
from click.testing import CliRunner
from twisted.internet.defer import Deferred

from bench.ports import free_port
from tests.integration.guides import ALL, PAGES, ROOT, Typed, label, with_files
from tests.integration.live import PATIENCE, Peer
from tests.integration.test_demo import Program
from tests.modules import with_modules
from webproxy.cli.main import main
from webproxy.net.connect import connect
from webproxy.net.destination import Tcp
from webproxy.service import make_service
from webproxy.settings.password import with_password
from webproxy.settings.settle import settle
from webproxy.settings.words import read_words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.integration.conftest import Demo

pytestmark = pytest.mark.usefixtures("first_party")

#: Commands that these tests do not run, and who does.
ELSEWHERE = {
    "make run": "tests/integration/test_run_script.py",
    "webproxy live": "tests/cli/test_live.py",
    "webproxy passwd": "tests/integration/test_docs.py",
    "webproxy key": "tests/integration/test_docs.py",
    "python -m": "tests/bench/test_main.py",
    "pip install": "tests/integration/test_first_party.py",
}
#: Pages that a test follows from top to bottom.
FOLLOWED = {
    "docs/how-to/delegate-a-zone.md": "tests/integration/test_dns_guide.py",
    "docs/tutorials/router.md": "tests/system/test_router_server.py",
    "docs/how-to/write-a-policy.md": "tests/integration/test_policy_guide.py",
    "docs/how-to/run-on-a-server.md": "tests/system/test_pages.py",
    "docs/how-to/install-on-a-server.md": "tests/system/test_server.py",
    "docs/how-to/install-policies.md": "tests/system/test_pages.py",
    "docs/how-to/run-a-router.md": "tests/system/test_pages.py",
    "docs/reference/router.md": "tests/system/test_pages.py",
    "docs/reference/router-admin.md": "tests/system/test_pages.py",
    "docs/how-to/behind-the-router.md": "tests/system/test_pages.py",
    "docs/how-to/move-a-router.md": "tests/system/test_pages.py",
}

#: Pages whose tests read blocks of other kinds, too.
OWN_BLOCKS = {"docs/how-to/write-a-policy.md"}
#: How a line begins that is a command.
TYPED = re.compile(
    r"(\.venv/bin/|twistd |webproxy(-router)? [a-z]|make [a-z]|pip |systemctl |apt-get |curl |tar |install -)"
)

ONCE = list({one.line: one for one in ALL if one.page not in FOLLOWED}.values())
SERVING = [one for one in ONCE if one.command == "webproxy run" and "--config" not in one.words]
ANSWERED = [one for one in ONCE if one.command == "webproxy classify"]
ASKING = [one for one in ONCE if one.command in ("curl", "webproxy doctor", "webproxy status")]


def test_every_line_is_run_by_somebody() -> None:
    run = {*SERVING, *ANSWERED, *ASKING}
    idle = [one for one in ONCE if one not in run and one.command not in ELSEWHERE]
    assert idle == []
    assert len(SERVING) > 20
    missing = [name for name in ELSEWHERE.values() if not (ROOT / name).is_file()]
    assert missing == []


@pytest.mark.parametrize(("page", "test"), FOLLOWED.items())
def test_who_follows_a_page_names_it(page: str, test: str) -> None:
    assert page.rpartition("/")[2] in (ROOT / test).read_text()


@pytest.mark.parametrize("page", PAGES, ids=label)
def test_no_command_hides_from_these_tests(page: Path) -> None:
    """What is to be typed stands in a console block, behind a prompt."""
    if label(page) in OWN_BLOCKS:
        return
    kind, lines = "", []
    for line in page.read_text().splitlines():
        if line.lstrip().startswith("```"):
            kind = "" if kind else line.strip(" `") or "text"
        elif kind in ("sh", "bash", "shell", "text") or (not kind and line.startswith("    ")):
            lines.append(line.strip())
    assert [line for line in lines if TYPED.match(line)] == []


@pytest.mark.parametrize("one", SERVING, ids=lambda one: one.line)
@pytest_twisted.ensureDeferred
async def test_it_serves(one: Typed, reactor: Any, demo: Demo, etc: Path) -> None:
    """The demo stands for the service, a free port for 12345, and a file of the test's for the log."""
    settings = settle(read_words(with_files(one.options, etc)))
    asked_on_a_terminal = settings.credentials and settings.credentials.user and not settings.credentials.password_file
    settings = with_password(settings, {"WEBPROXY_PASSWORD": "secret"} if asked_on_a_terminal else {})
    here = Tcp("127.0.0.1", demo.port)
    port = free_port()
    settings = replace(
        settings, internal=(here,), port=port, listen=("127.0.0.1",), admin="none", access_log=str(etc / "log")
    )
    service = make_service(settings, reactor)
    service.startService()
    try:
        client = await connect(reactor, Tcp("127.0.0.1", port), lambda: Peer(reactor), PATIENCE)
        assert isinstance(client, Peer)
        client.says(b"GET /v1/models HTTP/1.1\r\nHost: gpu.example.com\r\n\r\n")
        status = int((await client.hears(b"\r\n\r\n")).split()[1])
        client.link.abortConnection()
    finally:
        stopped = service.stopService()
        assert isinstance(stopped, Deferred)
        await stopped
    assert status == (403 if settings.allow else 401 if settings.credentials else 200)


@pytest.mark.parametrize("one", ANSWERED, ids=lambda one: one.line)
def test_it_says_what_the_page_says(one: Typed) -> None:
    assert one.told
    result = CliRunner().invoke(main, one.words[1:])
    assert (result.exit_code, result.output) == (0, one.told)


class Stage(NamedTuple):
    """A webproxy that runs in front of the demo, as the pages have it at 8080 -> 12345."""

    port: int
    demo: int
    folder: Path

    def typed(self, one: Typed) -> list[str]:
        """What to type here instead."""
        places = {
            "/run/webproxy/12345.sock": f"{self.folder}/{self.port}.sock",
            "12345": str(self.port),
            "8080": str(self.demo),
        }
        words = one.words
        for there, here in places.items():
            words = [word.replace(there, here) for word in words]
        if words[0] == "webproxy":
            words[:1] = [sys.executable, "-c", "from webproxy.cli.main import main; main()"]
        return words

    @property
    def environ(self) -> dict[str, str]:
        """The variables of whoever types: settings and sockets stand in the test's folder."""
        folder = str(self.folder)
        return with_modules(CONFIGURATION_DIRECTORY=folder, RUNTIME_DIRECTORY=folder)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    demo = Program()
    stage = Stage(free_port(), demo.port, tmp_path_factory.mktemp("stage"))
    words = stage.typed(Typed("", "webproxy run --internal 8080 --port 12345 --listen 127.0.0.1", ""))
    output = (stage.folder / "output").open("wb")
    proxy = subprocess.Popen(words, stdout=output, stderr=output, env=stage.environ)
    deadline = time.monotonic() + 60
    while not (stage.folder / f"{stage.port}.sock").exists():
        assert proxy.poll() is None, (stage.folder / "output").read_text()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    yield stage
    for process in (proxy, demo.process):
        process.terminate()
        process.wait(PATIENCE)
    output.close()
    for pipe in (demo.process.stdout, demo.process.stderr):
        assert pipe is not None
        pipe.close()


@pytest.mark.parametrize("one", ASKING, ids=lambda one: one.line)
def test_it_asks_what_runs(one: Typed, stage: Stage) -> None:
    words = stage.typed(one)
    if words[:3] == ["curl", "-u", "anna"]:
        words[2] = "anna:secret"  # what it would ask for on the terminal
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=stage.environ)
    assert process.stdout is not None
    if "--watch" in words:  # it draws until it is interrupted
        first = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        out = first + out
        assert f"127.0.0.1:{stage.demo} -> {stage.port}".encode() in out
    else:
        out, err = process.communicate(timeout=60)
        assert out or one.command == "webproxy status"  # there is no instance with a file here
    assert process.returncode == 0, (out, err)
