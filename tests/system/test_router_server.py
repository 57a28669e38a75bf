"""The router on servers with the package: the tutorial on two of them, and its unit's life.

The commands are the tutorial's own, with two addresses in the place of 127.0.0.1; Pebble stands for the authority.
"""

from __future__ import annotations

import json
import re
import time
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from tests.system.machine import ROOT
from tests.system.pair import MACHINE, ROUTER, Pair, Step, give, hand_over, pair, steps, write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.system.machine import Machine

TUTORIAL = "docs/tutorials/router.md"
MOVING = ROOT / "docs/how-to/move-a-router.md"
STEPS = steps(TUTORIAL)
WITHIN = 60.0
"""Seconds from nothing to an open page."""
FILES = ("/root/token",)

SETTINGS = """
domain = "secure.example.com"
machines = ["10.0.0.0/8"]
certificate = "/etc/webproxy-router/cert.pem"
key = "/etc/webproxy-router/key.pem"
"""
CERTIFICATE = """
cd /etc/webproxy-router
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj '/CN=x' \\
    -addext 'subjectAltName=DNS:*.secure.example.com' -keyout key.pem -out cert.pem
chgrp webproxy-router *.pem; chmod 640 *.pem
"""


@pytest.fixture
def servers(installed: Path) -> Iterator[Pair]:
    """Two servers with the package, and the authority's program on one."""
    with pair(installed) as found:
        give(found.router, "/usr/bin/pebble")
        for server in found:
            server.run("systemctl", "disable", "--now", "nginx")
        yield found


def here(text: str) -> str:
    """A line of the page as it is on these two servers."""
    text = text.replace("127.0.0.0/8", "10.77.0.0/24")
    return text.replace("127.0.0.1", ROUTER)


def does(server: Machine, step: Step) -> str:
    """Do what the page says."""
    if step.file:
        write(server, step.file, here(step.text))
        return ""
    return server.shell(here(step.command))


def until(server: Machine, command: str, word: str, deadline: float) -> str:
    """Look again and again, as a reader who is told to wait for a few seconds."""
    while word not in (told := server.shell(command, check=False)):
        assert time.monotonic() < deadline, told + server.shell("journalctl --no-pager -n 80", check=False)
        time.sleep(0.2)
    return told


def test_the_tutorial_on_two_servers(servers: Pair) -> None:
    begun = time.monotonic()
    deadline = begun + WITHIN
    router = [step for step in STEPS if step.heading in ("The authority", "The router")]
    machine = [step for step in STEPS if step.heading in ("The machine", "Open it")]
    assert (len(router), len(machine)) == (9, 9)
    for step in router:
        does(servers.router, step)
        if step.command == "webproxy-router certificates":
            told = until(servers.router, step.command, "active", deadline)
            assert re.fullmatch(r"\*\.secure\.example\.com: active, good until \S+ \S+ UTC(, next attempt .*)?\n", told)
    for file in FILES:
        hand_over(servers.router, file, servers.machine)
    page = ""
    *machine, live = machine
    for step in machine:
        page = does(servers.machine, step)
        if step.command == "webproxy status":
            told = until(servers.machine, step.command, "locked", deadline)
            assert re.match(r"8080 -> 12345 -> https://demo-[a-z]+-[a-z]+\.secure\.example\.com  locked  serving", told)
    took = time.monotonic() - begun
    assert "<!doctype html>" in page.lower(), page
    assert took < WITHIN
    print(f"from nothing to an open page: {took:.1f} s")  # noqa: T201 - for whoever runs it with -s

    seen = json.loads(servers.router.run("webproxy-router", "status", "--json"))
    assert (seen["live"], seen["alarm"]) == (1, False)
    (name,) = json.loads(
        servers.router.run(
            "curl", "-s", "--unix-socket", "/run/webproxy-router/admin.sock", "http://localhost/api/names"
        )
    )
    assert (name["machine"], name["port"], name["internal"], name["lease"]) == (MACHINE, 12345, "8080", "live")
    assert name["sent"] > 1000
    assert name["padlock"]["state"] == "active"

    # it goes on until somebody interrupts it
    assert "http://127.0.0.1:" in servers.router.shell(f"timeout --signal=INT 10 {live.command}", check=False)
    for step in STEPS:
        if step.heading == "Clear up":  # each server has a part of it, and none has Pebble as a package
            for server in servers:
                server.shell(step.command.replace("webproxy pebble", "webproxy"), check=False)
    assert servers.router.shell("ls -d /etc/pebble /root/token /usr/lib/webproxy 2>/dev/null || true") == ""
    moves(servers, name["url"])


def moves(servers: Pair, url: str) -> None:
    """Back the router up, purge it, and bring it back, as the guide says: names, tokens and certificates are there."""
    backup, restore = (dedent(block) for block in re.findall(r"```sh\n(.*?)```", MOVING.read_text(), re.DOTALL))
    router = servers.router
    give(router, "/usr/bin/sqlite3")
    ends = [one["not_after"] for one in json.loads(router.run("webproxy-router", "certificates", "--json"))]
    router.shell(backup)
    router.shell("systemctl disable --now webproxy-router; apt-get purge --yes webproxy")
    assert router.shell("ls /var/lib/webproxy-router /etc/webproxy-router 2>&1 || true").count("No such file") == 2
    router.shell("apt-get install --yes /root/webproxy_*.deb")
    router.shell(restore)
    router.run("systemctl", "enable", "--now", "webproxy-router")
    told = until(servers.machine, "webproxy status", "locked", time.monotonic() + 90)
    assert f" -> {url}  locked" in told
    assert [one["not_after"] for one in json.loads(router.run("webproxy-router", "certificates", "--json"))] == ends
    assert "anna" in router.run("webproxy-router", "tokens", "list")


def test_it_sleeps_until_it_has_settings_and_is_nobody_special(machine: Machine) -> None:
    machine.run("systemctl", "disable", "--now", "nginx")
    assert machine.run("systemctl", "is-enabled", "webproxy-router", check=False) == "disabled\n"
    assert "Assertion failed" in machine.run("systemctl", "start", "webproxy-router", check=False)
    token = machine.run("webproxy-router", "tokens", "add", "anna")
    assert token.startswith("wpr_")
    machine.shell(CERTIFICATE)
    write(machine, "/etc/webproxy-router/router.toml", SETTINGS)
    machine.run("systemctl", "start", "webproxy-router")
    assert machine.run("webproxy-router", "status").startswith("runs (pid ")
    owner = machine.run("ps", "-o", "user=", "-p", pid(machine)).strip()
    assert owner.startswith("webproxy"[:7])
    owners = machine.shell("stat --format '%U %a' /var/lib/webproxy-router /var/lib/webproxy-router/router.db")
    assert owners == "webproxy-router 700\nwebproxy-router 600\n"
    exposure = machine.run("systemd-analyze", "security", "webproxy-router").splitlines()[-1]
    assert float(exposure.split(":")[1].split()[0]) <= 1.5, exposure
    assert machine.run("curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "http://127.0.0.1/") == "404"
    assert not machine.shell("runuser -u webproxy -- cat /etc/webproxy-router/key.pem 2>/dev/null || true")


def pid(machine: Machine) -> str:
    """The router's process."""
    return machine.run("systemctl", "show", "--property=MainPID", "--value", "webproxy-router").strip()


def test_settings_that_are_wrong_are_told_and_not_tried_again(machine: Machine) -> None:
    write(machine, "/etc/webproxy-router/router.toml", 'domian = "secure.example.com"\n')
    assert "failed" in machine.run("systemctl", "start", "webproxy-router", check=False)
    log = machine.run("journalctl", "--unit", "webproxy-router", "--output=cat")
    assert "/etc/webproxy-router/router.toml:1: domian: there is no such setting; did you mean domain?" in log
    assert "Traceback" not in log
    assert machine.run("systemctl", "is-failed", "webproxy-router") == "failed\n"


def test_an_upgrade_restarts_it_and_removing_ends_it(machine: Machine, later: Path) -> None:
    machine.run("systemctl", "disable", "--now", "nginx")
    machine.shell(CERTIFICATE)
    write(machine, "/etc/webproxy-router/router.toml", SETTINGS)
    machine.run("systemctl", "enable", "--now", "webproxy-router")
    machine.run("webproxy-router", "tokens", "add", "anna")
    before = pid(machine)
    machine.run("kill", "-KILL", before)
    deadline = time.monotonic() + 30
    while (after := pid(machine)) in (before, "0"):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    machine.install(later)
    assert pid(machine) not in (before, after, "0")
    assert machine.run("systemctl", "is-active", "webproxy-router") == "active\n"
    assert "anna" in machine.run("webproxy-router", "tokens", "list")
    machine.run("apt-get", "remove", "--yes", "webproxy")
    assert machine.run("systemctl", "is-active", "webproxy-router", check=False) == "inactive\n"
    kept = machine.shell("ls /etc/webproxy-router /var/lib/webproxy-router")
    assert "router.toml" in kept
    assert "router.db" in kept
    machine.run("apt-get", "purge", "--yes", "webproxy")
    left = machine.shell(
        "find / -xdev -name '*webproxy-router*' -not -path '/proc/*' -not -path '/opt/*' -not -path '/root/*' || true"
    )
    assert [path for path in left.split() if not path.startswith(("/var/lib/systemd/", "/tmp/"))] == []
