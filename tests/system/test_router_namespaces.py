"""A router and two machines with addresses of their own, in network namespaces; visitors come with Chromium.

Client and machines are linked with the router, and with nobody else. Everything runs as its users start it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import sysconfig
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted
from twisted.internet.threads import deferToThread

from tests.integration.browser import CHROMIUM, Browser
from tests.integration.cards import CARDS, hurry, pause_and_resume, start_download, state
from tests.system.hosts import Cable, Hosts, until
from webproxy.router.registry import LEASE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.integration.browser import Page

pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="network namespaces need root"),
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]

ROOT = Path(__file__).parents[2]
DOMAIN = "secure.example.com"
# addresses of RFC 5737, which are nobody's
PUBLIC, VISITOR = "192.0.2.1", "192.0.2.2"
MACHINES = {"one": ("198.51.100.1", "198.51.100.2"), "two": ("203.0.113.1", "203.0.113.2")}
TWISTD = (sysconfig.get_path("scripts") + "/twistd", "--nodaemon", "--pidfile=")


class Scene:
    """The hosts, with their programs; the router and each machine can be ended and started again."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        self.folder = folder
        cables = [Cable("router", PUBLIC, "visitor", VISITOR)]
        cables += [Cable("router", near, machine, far) for machine, (near, far) in MACHINES.items()]
        self.hosts = Hosts(stack, folder, cables, {f"router-of-{one}": near for one, (near, _) in MACHINES.items()})
        names = [f"*.{DOMAIN}", *(f"router-of-{machine}" for machine in MACHINES)]
        subprocess.run([sys.executable, ROOT / "scripts" / "throw_away_authority.py", folder, *names], check=True)
        self.programs: dict[str, subprocess.Popen[bytes]] = {}
        for machine in MACHINES:
            token = self.command("tokens", "add", f"tenant-{machine}", "--ports", "12345-12345")
            (folder / f"{machine}.token").write_text(token)
            (folder / f"{machine}.token").chmod(0o600)
            self.hosts.start(machine, sys.executable, "-m", "webproxy.demo", "--port", "8080")

    def command(self, *words: str) -> str:
        """Say something to ``webproxy-router``."""
        main = "from webproxy.router.command import main; main()"
        command = [sys.executable, "-c", main, *words, "--state", str(self.folder / "router")]
        return str(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    def router_starts(self) -> None:
        words = ["--domain", DOMAIN, "--certificate", "cert.pem", "--key", "key.pem", "--state", "router"]
        for _, far in MACHINES.values():
            words += ["--machines", f"{far}/32"]
        self.programs["router"] = self.hosts.start("router", *TWISTD, "webproxy-router", *words)

    def machine_starts(self, machine: str) -> None:
        words = ["--internal", "8080", "--port", "12345", "--access-log", "none", "--label", machine]
        words += ["--router", f"https://router-of-{machine}:8443", "--router-ca", "ca.pem"]
        words += ["--router-token-file", f"{machine}.token"]
        folder = str(self.folder / machine)
        self.programs[machine] = self.hosts.start(machine, *TWISTD, "webproxy", *words, STATE_DIRECTORY=folder)

    def kill(self, host: str) -> None:
        """As when its power goes, for the program."""
        self.programs[host].send_signal(signal.SIGKILL)
        self.programs.pop(host).wait(10)

    def names(self) -> dict[str, Any]:
        """Who is there, by the beginnings of names."""
        found = json.loads(self.command("names", "list", "--json"))
        return {one["name"].partition("-")[0]: one for one in found if one["live"]}

    def wait_for_names(self) -> dict[str, str]:
        """Wait until both machines have theirs."""
        until(lambda: len(self.names()) == len(MACHINES), 60, self.said)
        return {machine: f"{one['name']}.{DOMAIN}" for machine, one in self.names().items()}

    def said(self) -> str:
        return "\n".join(f"{host}:\n{self.hosts.said(host)}" for host in ("router", *MACHINES))

    def get(self, name: str, path: str = "/") -> tuple[str, str]:
        """Open a name with curl: status and body."""
        words = ("--cacert", "ca.pem", "--resolve", f"{name}:443:{PUBLIC}", "-w", "\n%{http_code}")
        body, _, status = self.hosts.curl("visitor", *words, f"https://{name}{path}").stdout.rpartition("\n")
        return status, body


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("hosts")
    before = Path.cwd()
    os.chdir(folder)
    try:
        with ExitStack() as stack:
            made = Scene(stack, folder)
            made.router_starts()
            for machine in MACHINES:
                made.machine_starts(machine)
            made.wait_for_names()
            yield made
    finally:
        os.chdir(before)


async def nothing_is_held_back(page: Page) -> None:
    """The page says so, now or when it is asked again: on a busy machine anything may be late for once."""
    for _ in range(5):
        verdict = await page.text("#sse .verdict")
        if verdict == "Nothing on the way held the words back.":
            return
        await page.click("#sse [type=submit]")
        await page.until(f"{state('sse')} === 'done'", 60)
    raise AssertionError(verdict)


@pytest_twisted.ensureDeferred
async def test_the_whole_demo_page_in_a_browser_that_trusts_the_authority(reactor: Any, scene: Scene) -> None:
    names = await deferToThread(scene.wait_for_names)
    rules = f"MAP *.{DOMAIN} {PUBLIC}"
    browser = Browser(reactor, rules, scene.folder / "ca.pem", scene.hosts.on("visitor"))
    try:
        for name in names.values():
            page = await browser.page(f"https://{name}/")
            await hurry(page)
            await page.click("#run-all")
            await page.until("document.querySelector('#run-all-state').textContent === 'All of it works.'", 90)
            assert [await page.evaluate(state(card)) for card in CARDS] == ["done"] * 6
            await nothing_is_held_back(page)
            assert await page.text("#download .verdict") == "Every byte is right."
            assert await page.text("#upload .verdict") == "Every byte arrived."
            assert await page.text("#road-origin") == f"https://{name}"
            await page.close()
        page = await browser.page(f"https://{names['one']}/")
        await start_download(page)
        await pause_and_resume(page)
        await page.close()
        assert browser.errors == []
    finally:
        await browser.close()


def test_who_is_refused(scene: Scene) -> None:
    name = scene.wait_for_names()["one"]
    direct = scene.hosts.curl("router", "--interface", PUBLIC, f"http://{MACHINES['one'][1]}:12345/").stdout
    assert f"this service is at https://{name}, and only there" in direct, "past the router"
    registers = scene.hosts.curl("visitor", "-k", "-d", "{}", f"https://{PUBLIC}:8443/v1/challenge")
    assert registers.returncode in (35, 56), "outside of --machines there is no TLS"
    assert f"{VISITOR} is in no network of --machines" in scene.hosts.said("router")
    unknown = f"other-fox-chi.{DOMAIN}"
    refused = scene.hosts.curl("visitor", "--resolve", f"{unknown}:443:{PUBLIC}", f"https://{unknown}/")
    assert (refused.returncode, "unrecognized name" in refused.stderr) == (35, True)


def test_a_router_that_is_killed_is_missed_by_nobody_once_it_is_back(scene: Scene) -> None:
    names, before = scene.wait_for_names(), scene.names()
    scene.kill("router")
    served = scene.hosts.curl("one", "-o", "/dev/null", "-w", "%{http_code}", "http://127.0.0.1:12345/").stdout
    assert served == "200", "the machine serves on"
    assert scene.get(names["one"])[0] == "000"
    scene.router_starts()
    until(lambda: scene.get(names["one"])[0] == "200", 30, scene.said)
    assert scene.get(names["two"])[0] == "200"
    until(lambda: all(scene.names()[one]["until"] > before[one]["until"] + 30 for one in MACHINES), 90, scene.said)
    assert scene.wait_for_names() == names, "the leases were renewed, and nobody had to do anything"


def test_a_machine_that_is_restarted_keeps_its_name_and_one_that_is_gone_is_offline(scene: Scene) -> None:
    names = scene.wait_for_names()
    scene.kill("one")
    status, page = scene.get(names["one"])
    assert (status, "is offline" in page) == ("503", True)
    scene.machine_starts("one")
    until(lambda: scene.get(names["one"])[0] == "200", 60, scene.said)
    assert scene.wait_for_names() == names
    scene.kill("two")
    took = until(lambda: "has been away since" in scene.get(names["two"])[1], LEASE + 10, scene.said)
    assert took < LEASE + 5
    assert scene.get(names["one"])[0] == "200", "the other does not mind"
