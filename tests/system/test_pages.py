"""What the pages for servers tell their readers to type, typed on a server: every line, from top to bottom.

The tutorial of the router has a test of its own, and so has the page about installing: they need other servers.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from tests.integration.guides import ROOT, typed
from tests.system.examples import wheel_of
from tests.system.pair import give, write

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.guides import Typed
    from tests.system.machine import Machine

HOW_TO, REFERENCE = ROOT / "docs" / "how-to", ROOT / "docs" / "reference"
PASSWORD = "export WEBPROXY_PASSWORD='correct horse battery'"
"""What the command would ask for on a terminal."""
NAME = "myapp-husky-delta"
"""As the pages call what the router will call otherwise."""

SETTINGS = """
domain = "secure.example.com"
machines = ["127.0.0.0/8"]
certificate = "/etc/webproxy-router/cert.pem"
key = "/etc/webproxy-router/key.pem"
"""
CERTIFICATE = """
cd /etc/webproxy-router
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj '/CN=x' \\
    -addext 'subjectAltName=DNS:*.secure.example.com,DNS:router.internal' -keyout key.pem -out cert.pem
chgrp webproxy-router *.pem; chmod 640 *.pem
cp cert.pem /root/router-ca.pem
echo '127.0.0.1 router.internal' >>/etc/hosts
"""
EDITOR = '#!/bin/sh\nexec cp /root/sent-by-the-operator "$1"\n'


def until(machine: Machine, script: str, pattern: str) -> str:
    """Look again and again until something is said; what matched."""
    deadline = time.monotonic() + 60
    while not (found := re.search(pattern, told := machine.shell(script, check=False))):
        assert time.monotonic() < deadline, told + machine.shell("journalctl --no-pager -n 60", check=False)
        time.sleep(0.2)
    return found[0]


def type_all(machine: Machine, lines: list[Typed], before: str = "true") -> None:
    """Type lines as root, at home; what the page says comes out must come out."""
    for one in lines:
        told = machine.shell(f"cd /root; {before}; {one.line}")
        assert not one.told.strip() or told == one.told, one.line


def test_run_on_a_server(machine: Machine) -> None:
    lines = typed(HOW_TO / "run-on-a-server.md")
    (by_hand,) = [one for one in lines if one.command == "webproxy run"]
    type_all(machine, [one for one in lines if one is not by_hand], PASSWORD)
    assert machine.shell("ls /etc/webproxy/instances").split() == ["12000.toml.removed", "12000.toml.removed.users"]

    machine.shell("useradd --create-home --shell /bin/bash anna")
    machine.shell("runuser -l anna -c 'webproxy add --internal 8080 --port 12345'")
    machine.start("runuser", "-l", "anna", "-c", by_hand.line)
    until(machine, "curl --silent http://127.0.0.1:12345/api/version", "version")
    owner = machine.shell("ps -o user= -p $(pgrep -f '^/usr/lib/webproxy.* run --config /home/anna' | head -n 1)")
    assert owner.strip() == "anna"


def test_install_policies(machine: Machine, tmp_path: Path) -> None:
    wheel = wheel_of("sketches", tmp_path)
    (machine.tree / "root" / wheel.name).write_bytes(wheel.read_bytes())
    machine.run("webproxy", "add", "--internal", "8080", "--port", "12345")
    # the folder stands for the package index, which no server of the tests reaches
    type_all(machine, typed(HOW_TO / "install-policies.md"), "export PIP_NO_INDEX=1 PIP_FIND_LINKS=/root")
    assert "webproxy-sketches 1.0" in machine.run("webproxy", "policies")
    assert "policy" in machine.run("webproxy", "show", "12345")
    assert machine.run("systemctl", "is-active", "webproxy@12345") == "active\n"


def test_a_router_is_run_used_and_moved(machine: Machine) -> None:
    """Three pages in the order in which one comes to need them; the router and its machine are the same server."""
    machine.run("systemctl", "disable", "--now", "nginx")
    machine.shell(CERTIFICATE)
    write(machine, "/etc/webproxy-router/router.toml", SETTINGS)
    write(machine, "/usr/bin/editor", EDITOR)
    machine.run("chmod", "755", "/usr/bin/editor")
    give(machine, "/usr/bin/sqlite3")

    reference = typed(REFERENCE / "router.md")
    type_all(machine, reference[:1], "exec >/root/said")
    (at_the_edge,) = reference[1:]
    machine.start("--unit=at-the-edge", "bash", "-c", f"exec {at_the_edge.line}")
    until(machine, "webproxy-router status", "^runs ")
    machine.shell("systemctl stop at-the-edge; rm -r /var/lib/webproxy-router/*")

    running = typed(HOW_TO / "run-a-router.md")
    for one in running:
        if one.command == "webproxy-router" and one.words[1:3] == ["tokens", "add"]:
            machine.shell(f"{one.line} >/root/sent-by-the-operator")
        elif NAME not in one.line:
            machine.shell(one.line)
    type_all(machine, typed(REFERENCE / "router-admin.md"), "exec >/root/said")

    using = typed(HOW_TO / "behind-the-router.md")
    (by_hand,) = [one for one in using if one.command == "webproxy run"]
    type_all(machine, [one for one in using if one is not by_hand])
    machine.start("--unit=by-hand", "--setenv=HOME=/root", "bash", "-c", f"exec {by_hand.line}")
    way = until(
        machine,
        "journalctl --unit=by-hand --output=cat",
        r"127\.0\.0\.1:8080 -> 12345 -> https://myapp-\w+-\w+\.secure\.example\.com",
    )
    name = way.rpartition("//")[2].partition(".")[0]
    blocking = [one for one in running if NAME in one.line]
    assert [one.words[2] for one in blocking] == ["block", "unblock"]
    for one in blocking:
        assert name in machine.shell(one.line.replace(NAME, name))
    machine.run("systemctl", "stop", "by-hand")

    moving = typed(HOW_TO / "move-a-router.md")
    (there,) = [at for at, one in enumerate(moving) if "--extract" in one.line]
    machine.shell("cd /root; " + "; ".join(one.line for one in moving[:there]))
    machine.shell("systemctl disable --now webproxy-router; rm -rf /etc/webproxy-router/* /var/lib/webproxy-router/*")
    type_all(machine, moving[there:])
    machine.run("systemctl", "enable", "--now", "webproxy-router")
    assert machine.run("webproxy-router", "status").startswith("runs (pid ")
    assert name in machine.run("webproxy-router", "names", "list")
    assert "anna" in machine.run("webproxy-router", "tokens", "list")
