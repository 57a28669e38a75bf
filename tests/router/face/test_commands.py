"""``webproxy-router status|certificates|renew|live``: what they say, and what their exit status says."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted
from click.testing import CliRunner, Result
from twisted.internet.defer import maybeDeferred
from twisted.internet.threads import deferToThread

from tests.modules import with_modules
from tests.router.face.pictured import Router, certificate
from webproxy.net.unix_socket import UnixSocket
from webproxy.observe.admin_site import EndpointSite
from webproxy.router.command import main
from webproxy.router.face.admin import tree
from webproxy.router.rows import Name
from webproxy.router.state import Hold
from webproxy.router.store import Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

COMMAND = (sys.executable, "-c", "from webproxy.router.command import main; main()")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    store = Store(tmp_path / "router.db")
    now = time.time()
    store.put_name(Name("app-fox-chi", "anna", b"k" * 32, "10.0.0.7", 12345, now, now + 60))
    store.put_name(Name("old-owl-psi", "anna", b"l" * 32, "10.0.0.8", 12345, now, now - 60))
    store.close()
    return tmp_path


def run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(main, [*words, "--state", str(folder)])


class Served:
    """A router that can be asked."""

    def __init__(self, reactor: Any, folder: Path) -> None:
        self.router = Router()
        self.hold = Hold(folder)
        self.folder = folder
        place = folder / "admin.sock"
        self.hold.tell(pid=5, port=443, admin=f"unix:{place}", admin_token_file="")
        self.served = UnixSocket(reactor, str(place), EndpointSite(tree(self.router.now()), reactor=reactor))

    async def told(self, *words: str) -> Result:
        result: Result = await deferToThread(run, self.folder, *words)
        return result

    async def close(self) -> None:
        await maybeDeferred(self.served.stop)
        self.hold.let_go()


@pytest_twisted.async_yield_fixture
async def served(reactor: Any, folder: Path) -> AsyncIterator[Served]:
    one = Served(reactor, folder)
    yield one
    await one.close()


def test_a_router_that_does_not_run(folder: Path) -> None:
    result = run(folder, "status")
    assert (result.exit_code, result.output) == (3, "does not run\n2 names, 1 of them with a machine\n")
    for words in (("certificates",), ("renew",), ("live",)):
        result = run(folder, *words)
        assert result.exit_code == 3
        assert result.output == (
            f"webproxy-router: no router runs with the state {folder}; give the --state of one that does\n"
        )


def test_a_router_without_an_endpoint(folder: Path) -> None:
    hold = Hold(folder)
    hold.tell(pid=5, port=443)
    result = run(folder, "status")
    assert result.exit_code == 0
    assert result.output.startswith("runs (pid 5), https on port 443\nits admin endpoint does not answer\n2 names")
    told = json.loads(run(folder, "status", "--json").output)
    running = {"pid": 5, "port": 443}
    assert told == {"running": running, "names": 2, "live": 1, "alarm": False, "certificates": []}
    result = run(folder, "certificates")
    assert (result.exit_code, "the router has no admin endpoint" in result.output) == (1, True)
    hold.let_go()


@pytest_twisted.ensureDeferred
async def test_all_is_well(served: Served) -> None:
    result = await served.told("status")
    assert result.output.splitlines() == [
        "runs (pid 5), https on port 443",
        "*.secure.example.com: active, good until 2033-05-18 03:33 UTC",
        "2 names, 1 of them with a machine",
    ]
    assert result.exit_code == 0
    assert (await served.told("certificates")).exit_code == 0
    (told,) = json.loads((await served.told("certificates", "--json")).output)
    assert (told["names"], told["state"], told["alarm"]) == (["*.secure.example.com"], "active", False)


@pytest_twisted.ensureDeferred
async def test_an_alarm_is_an_exit_status(served: Served) -> None:
    served.router.stands = [certificate(state="expiring", next_try=1e9, why="the authority: rate limited")]
    for words in (("status",), ("certificates",), ("status", "--json"), ("certificates", "--json")):
        result = await served.told(*words)
        assert (result.exit_code, "the authority: rate limited" in result.output) == (4, True)
    lines = (await served.told("certificates")).output.splitlines()
    assert lines == [
        "*.secure.example.com: expiring, good until 2033-05-18 03:33 UTC, next attempt 2001-09-09 01:46 UTC",
        "  the authority: rate limited",
    ]


@pytest_twisted.ensureDeferred
async def test_renewing(served: Served) -> None:
    assert (await served.told("renew")).exit_code == 0
    assert (await served.told("renew", "*.secure.example.com")).output.startswith("it is being got; ")
    assert served.router.renewed == ["", "*.secure.example.com"]
    result = await served.told("renew", "x.example.org")
    assert result.exit_code == 1
    assert result.output.startswith("webproxy-router: there is no certificate of x.example.org; webproxy-router cert")


@pytest_twisted.ensureDeferred
async def test_the_page_is_served_where_it_says(served: Served) -> None:
    process = subprocess.Popen(  # noqa: ASYNC220 - read in a thread
        [*COMMAND, "live", "--state", str(served.folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=with_modules(),
    )
    assert process.stdout is not None
    first = await deferToThread(process.stdout.readline)
    assert re.fullmatch(r"live page  http://127\.0\.0\.1:(\d+)/\?token=[\w-]{32}\n", first), first
    process.send_signal(signal.SIGINT)
    await deferToThread(process.communicate)


def test_a_state_that_may_not_be_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("webproxy.router.face.commands.running", refuse)
    result = run(folder, "certificates")
    assert (result.exit_code, "cannot be read: Permission denied; ask as root" in result.output) == (1, True)


def test_a_token_that_may_not_be_read(folder: Path) -> None:
    hold = Hold(folder)
    hold.tell(pid=5, port=443, admin="127.0.0.1:9", admin_token_file=str(folder / "none"))
    result = run(folder, "certificates")
    assert (result.exit_code, f"{folder}/none cannot be read: No such file" in result.output) == (1, True)
    assert "its admin endpoint does not answer" in run(folder, "status").output
    hold.let_go()
