"""A server's life with the package: installed, added to, reloaded, upgraded, crashed, rebooted, purged.

Each test has a Debian 12 of its own, booted with systemd-nspawn; ``DEBIAN_MIRROR`` says where it comes from, if not
from Debian's own servers.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest

from tests.road import SHARED
from tests.system.instance import Instance
from tests.system.machine import ROOT
from tests.system.packages import LATER

if TYPE_CHECKING:
    from pathlib import Path

    from tests.system.machine import Machine

PAGE = (ROOT / "docs" / "how-to" / "install-on-a-server.md").read_text()

# what may be written to when packages come and go, and is nobody's settings
NOT_SETTINGS = r"^/etc/(\.pwd\.lock|group-?|gshadow-?|passwd-?|shadow-?|subgid-?|subuid-?|mtab|ld\.so\.cache)$"

# an operator's own files: instances, and another server with its settings
OWN = """
mkdir -p /etc/webproxy/instances
printf '# mine\\ninternal = 9000\\n' >/etc/webproxy/instances/12999.toml
printf 'server { listen 8088; location / { return 200 "nginx\\n"; } }\\n' >/etc/nginx/conf.d/mine.conf
systemctl restart nginx
"""


def settings(machine: Machine) -> dict[str, str]:
    """Every file below /etc, with its digest and mode."""
    found = machine.shell(r"find /etc -type f -printf '%m %p\n' | sort -k2; find /etc -type f -exec sha256sum {} +")
    told: dict[str, str] = {}
    for line in found.splitlines():
        word, _, name = line.partition(" ")
        told[name.strip()] = told.get(name.strip(), "") + word
    ignored = set(machine.shell(f"find /etc -type f | grep -E '{NOT_SETTINGS}' || true").split())
    return {name: word for name, word in told.items() if name not in ignored}


def changed(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """Which files have changed or gone."""
    return [name for name, word in before.items() if after.get(name) != word]


def test_existing_files_stay_through_everything(bare: Machine, package: Path, later: Path) -> None:
    bare.shell(OWN)
    before = settings(bare)

    bare.install(package)
    assert not changed(before, settings(bare)), "by installing"
    assert "12999" not in bare.run("systemctl", "list-units", "--all", "webproxy@*"), "an instance began by itself"

    bare.start("python3", "-m", "http.server", "8080")
    instance = Instance(bare)
    assert not changed(before, settings(bare)), "by adding"
    with_it = settings(bare)
    assert set(with_it) - set(before) >= {instance.file, "/etc/webproxy/webproxy.toml"}

    bare.run("webproxy", "set", str(instance.port), "drain=5s")
    assert changed(with_it, settings(bare)) == [instance.file], "by setting"

    with_it = settings(bare)
    bare.install(later)
    assert not changed(with_it, settings(bare)), "by an upgrade"

    bare.run("webproxy", "remove", str(instance.port))
    assert changed(with_it, settings(bare)) == [instance.file], "by removing the instance"
    assert bare.run("curl", "-s", "http://127.0.0.1:8088/") == "nginx\n"

    bare.run("apt-get", "remove", "--yes", "webproxy")
    assert not changed(before, settings(bare)), "by removing the package"


def test_the_page_about_installing_works(bare: Machine, package: Path) -> None:
    commands = re.findall(r"^# (.+)$", "\n".join(re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)), re.MULTILINE)
    assert len(commands) >= 6
    (bare.tree / "root" / "webproxy.deb").write_bytes(package.read_bytes())
    bare.start("python3", "-m", "http.server", "8080")
    for command in commands:
        bare.shell(f"cd /root; {command}")


def test_one_command_gives_a_protected_address(machine: Machine) -> None:
    machine.shell("printf 'correct horse battery\n' >/root/password")
    instance = Instance(machine, "--user", "ada", "--password-file", "/root/password")
    assert instance.status() == "401"
    assert instance.status("/api/version", "--user", "ada:correct horse battery") == "200"
    assert instance.status("/api/version", "--user", "ada:wrong") == "401"
    readable = machine.shell("find /etc/webproxy/instances -type f -perm /o=r")
    assert not readable, f"everybody may read {readable}"
    exposure = machine.run("systemd-analyze", "security", instance.unit).splitlines()[-1]
    assert float(exposure.split(":")[1].split()[0]) <= 1.5, exposure


def test_what_serves_is_compiled(machine: Machine) -> None:
    instance = Instance(machine)
    assert instance.status() == "200"
    assert f"/{SHARED}." in machine.run("cat", f"/proc/{instance.pid()}/maps")


def test_a_reload_cuts_neither_stream_nor_websocket(machine: Machine) -> None:
    instance = Instance(machine)
    stream, websocket, requests = instance.stream(6), instance.websocket(), instance.requests()
    before = instance.pid()
    for seconds in (50, 55):
        machine.run("webproxy", "set", str(instance.port), f"drain={seconds}s")
        machine.run("systemctl", "reload", instance.unit)
        time.sleep(0.5)
    assert "reloaded: drain" in instance.log()
    assert requests.told()["failed"] == []
    assert websocket.told()["failed"] == []
    assert stream.told() == {"status": 200, "events": 120, "failed": []}
    assert instance.pid() == before


def test_an_upgrade_loses_no_request_and_cuts_nothing(machine: Machine, later: Path) -> None:
    instance = Instance(machine)
    stream, websocket, requests = instance.stream(30), instance.websocket(), instance.requests()
    before = instance.pid()

    machine.install(later)
    now = instance.wait_for_another(before)
    assert machine.run("webproxy", "version").startswith(f"webproxy {LATER} (compiled)\n")
    time.sleep(2)

    asked = requests.told()
    assert asked["failed"] == []
    assert asked["requests"] > 100
    assert f" {before} " in machine.shell(f"ps -o pid= -p {before} | sed 's/$/ /; s/^/ /'"), "the one before has cut"
    assert websocket.told()["failed"] == []
    assert stream.told() == {"status": 200, "events": 600, "failed": []}

    deadline = time.monotonic() + 30
    while machine.run("ps", "-o", "pid=", "-p", str(before), check=False).strip():
        assert time.monotonic() < deadline, "the one before does not end"
        time.sleep(0.2)
    assert instance.pid() == now
    assert instance.status() == "200"
    assert "active (running)" in machine.run("systemctl", "status", instance.unit)


def test_a_crash_is_mended_and_nobody_is_refused(machine: Machine) -> None:
    instance = Instance(machine)
    before = instance.pid()
    for _ in range(3):
        machine.run("kill", "-KILL", str(before))
        assert instance.status() == "200", instance.log()
        before = instance.wait_for_another(before)
    machine.run("systemctl", "stop", instance.unit)
    assert instance.status() == "200", "a stopped instance does not come back for its socket's clients"


def test_a_stop_waits_for_what_runs_and_for_longer_than_systemd_would(machine: Machine) -> None:
    instance = Instance(machine, "--drain", "60s")
    impatient(machine, instance, "TimeoutStopSec=2\nWatchdogSec=2")
    stream = instance.stream(8)
    machine.run("systemctl", "stop", "--no-block", instance.unit)
    assert stream.told() == {"status": 200, "events": 160, "failed": []}


def impatient(machine: Machine, instance: Instance, limits: str) -> None:
    """Give the unit other limits."""
    folder = "/run/systemd/system/webproxy@.service.d"
    machine.shell(f"mkdir -p {folder}; printf '[Service]\n{limits}\n' >{folder}/impatient.conf")
    machine.shell(f"systemctl daemon-reload; systemctl restart {instance.unit}")


def test_a_hung_instance_is_restarted(machine: Machine) -> None:
    instance = Instance(machine)
    impatient(machine, instance, "WatchdogSec=2")
    before = instance.pid()
    machine.run("kill", "-STOP", str(before))
    assert instance.status() == "200", instance.log()
    assert instance.wait_for_another(before)


def test_a_reboot_brings_it_back(machine: Machine) -> None:
    instance = Instance(machine)
    machine.reboot()
    assert instance.status() == "502", "the service is not up yet, and webproxy is"
    machine.start("/opt/service/bin/python", "-m", "webproxy.demo", "--port", "8080")
    deadline = time.monotonic() + 30
    while instance.status() != "200":
        assert time.monotonic() < deadline, instance.log()
        time.sleep(0.2)


@pytest.mark.parametrize(
    ("without", "open_on"),
    [
        # what systemd looks at, which the kernel leaves out when it is booted with ipv6.disable=1
        ("mount -t tmpfs tmpfs /proc/1/net; systemctl daemon-reexec", ["0.0.0.0"]),
        ("sysctl --quiet net.ipv6.conf.all.disable_ipv6=1", ["0.0.0.0", "[::]"]),
    ],
    ids=["kernel", "setting"],
)
def test_a_machine_without_ipv6_serves_on_ipv4(without: str, open_on: list[str], machine: Machine) -> None:
    machine.shell(without)
    instance = Instance(machine)
    assert instance.status() == "200"
    machine.shell("umount /proc/1/net", check=False)  # ss reads there, too
    lines = machine.run("ss", "-Hltn", f"sport = {instance.port}").splitlines()
    assert sorted(line.split()[3].rpartition(":")[0] for line in lines) == open_on


def test_logs_are_rotated(machine: Machine) -> None:
    instance = Instance(machine, "--access-log", "/var/log/webproxy/access.log")
    log = "/var/log/webproxy/access.log"
    instance.status("/api/tags")
    wait_for("/api/tags", machine, log)
    machine.run("logrotate", "--force", "/etc/logrotate.d/webproxy")
    instance.status("/api/version")
    wait_for("/api/version", machine, log)
    assert "/api/tags" in machine.run("cat", f"{log}.1")


def wait_for(words: str, machine: Machine, file: str) -> None:
    """Wait until a file says something."""
    deadline = time.monotonic() + 30
    while words not in (told := machine.shell(f"cat {file} || true")):
        assert time.monotonic() < deadline, told
        time.sleep(0.2)


def test_purging_leaves_nothing(machine: Machine) -> None:
    instance = Instance(machine, "--access-log", "/var/log/webproxy/access.log")
    instance.status()
    machine.run("apt-get", "purge", "--yes", "webproxy")
    left = machine.shell("find / -xdev -name '*webproxy*' -not -path '/proc/*' -not -path '/opt/service/*' || true")
    kept = ("/root/", "/var/lib/systemd/", "/tmp/")
    assert not [path for path in left.split() if not path.startswith(kept)]
    assert "webproxy@" not in machine.run("systemctl", "list-units", "--all")
    assert "webproxy@" not in machine.run("systemctl", "list-unit-files")
    assert instance.status() == "000"
    assert machine.run("getent", "passwd", "webproxy"), "the user stays: it may own what stands elsewhere"
