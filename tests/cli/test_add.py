"""``webproxy add``: what is asked for is there once, whoever asks how often; what was there before stays as it was."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import bcrypt
import pytest
from click.testing import CliRunner, Result

from bench.ports import free_port
from tests.instances.systemctl import Systemctl
from tests.modules import with_modules
from webproxy.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of settings, empty yet; without systemd."""
    monkeypatch.setenv("CONFIGURATION_DIRECTORY", str(tmp_path / "webproxy"))
    monkeypatch.delenv("WEBPROXY_PASSWORD", raising=False)
    return tmp_path / "webproxy"


def add(*words: object, password: str = "") -> Result:
    environ = {"WEBPROXY_PASSWORD": password} if password else {}
    return CliRunner().invoke(main, ["add", *map(str, words)], env=environ)


def hashes(folder: Path) -> dict[str, str]:
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def test_an_ordinary_user_gets_a_file_and_is_told_how_to_start_it(folder: Path) -> None:
    port = free_port()
    result = add("--internal", "127.0.0.1:9", "--port", port, "--drain", "5m")
    file = folder / "instances" / f"{port}.toml"
    assert (result.exit_code, result.stderr) == (0, "")
    assert f"listens on   http://127.0.0.1:{port} " in result.stdout
    assert f"settings     {file}\n" in result.stdout
    assert f"start it with webproxy run --config {file}\n" in result.stdout
    assert file.read_text().endswith('\ninternal = "127.0.0.1:9"\ndrain = "5m"\n')


def test_asked_for_twice_it_is_there_once(folder: Path) -> None:
    port = free_port()
    words = ("--internal", "127.0.0.1:9", "--port", port, "--trust", "::1")
    assert add(*words).exit_code == 0
    before = hashes(folder), (folder / "instances" / f"{port}.toml").stat()
    again = add(*words)
    assert (again.exit_code, again.stderr) == (0, "")
    assert f"instance {port} is there already, as you want it" in again.stdout
    assert (hashes(folder), (folder / "instances" / f"{port}.toml").stat()) == before


def test_with_a_port_of_the_range_it_is_there_once_too(folder: Path) -> None:
    first, second = sorted((free_port(), free_port()))
    folder.mkdir()
    (folder / "webproxy.toml").write_text(f'ports = "{first}-{second}"\n')
    told = [json.loads(add("--internal", "127.0.0.1:9", "--json").stdout) for _ in range(2)]
    assert [one["port"] for one in told] == [first, first]
    assert [one["made"] for one in told] == [True, False]
    other = json.loads(add("--internal", "127.0.0.1:10", "--port", "auto", "--json").stdout)
    assert other["port"] > first


def test_other_settings_for_a_port_that_is_taken_are_refused(folder: Path) -> None:
    port = free_port()
    add("--internal", "127.0.0.1:9", "--port", port)
    before = hashes(folder)
    result = add("--internal", "127.0.0.1:10", "--port", port, "--drain", "5m")
    assert result.exit_code == 2
    assert result.stderr == (
        f"webproxy: --port: {port} is an instance already, with other settings (drain, internal); "
        f"webproxy set {port} key=value changes them; or choose another port\n"
    )
    assert hashes(folder) == before


def test_a_port_in_use_is_refused_with_its_owner(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port = sock.getsockname()[1]
        result = add("--internal", "127.0.0.1:9", "--port", port)
    assert result.exit_code == 1
    assert f"webproxy: port {port} is in use by " in result.stderr
    assert f"(pid {os.getpid()})" in result.stderr
    assert hashes(folder) == {}


def test_no_port_is_free(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port = sock.getsockname()[1]
        folder.mkdir()
        (folder / "webproxy.toml").write_text(f'ports = "{port}-{port}"\n')
        result = add("--internal", "127.0.0.1:9")
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert f"no port from {port} to {port} is free" in result.stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "--internal: not given; write --internal 8080"),
        (["--internal", "8080", "--port", "443"], "--port: the router owns 443"),
        (["--internal", "8080", "--port", "autp"], "--port: 'autp' is not a port"),
        (["--internal", "8080", "--drian", "5m"], "--drian: there is no such option; did you mean --drain?"),
        (["--internal", "8080", "--config", "a.toml"], "--config: an instance has a file of its own; leave it out"),
        (["--internal", "8080", "--user", "anna"], "--user: no password is given for anna"),
        (["--internal", "8080", "--password", "x"], "--password: "),
        (["--internal", "8080", "--cert", "a.pem"], "--cert: webproxy takes no certificate"),
    ],
)
def test_what_is_wrong_is_a_sentence_and_nothing_is_written(words: list[str], sentence: str, folder: Path) -> None:
    result = add(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"webproxy: {sentence}")
    assert result.stderr.count("\n") == 1
    assert hashes(folder) == {}


def test_a_user_gets_a_file_of_users(folder: Path) -> None:
    port = free_port()
    words = ("--internal", "127.0.0.1:9", "--port", port, "--user", "anna")
    result = add(*words, password="correct horse")
    assert (result.exit_code, result.stderr) == (0, "")
    users = folder / "instances" / f"{port}.users"
    name, _, kept = users.read_bytes().strip().partition(b":")
    assert name == b"anna"
    assert bcrypt.checkpw(b"correct horse", kept)
    assert users.stat().st_mode & 0o777 == 0o600
    text = (folder / "instances" / f"{port}.toml").read_text()
    assert f'htpasswd = "{users}"' in text
    assert "horse" not in text + result.stdout
    before = hashes(folder)
    assert add(*words, password="correct horse").exit_code == 0
    other = add(*words, password="another")
    assert (other.exit_code, "with other settings (user)" in other.stderr) == (2, True)
    assert hashes(folder) == before
    users.unlink()
    assert add(*words, password="correct horse").exit_code == 2


def test_with_systemd_it_is_enabled_and_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    systemctl = Systemctl(tmp_path, monkeypatch)
    port = free_port()
    words = ("--internal", "127.0.0.1:9", "--port", port, "--listen", "127.0.0.1", "--json")
    told = json.loads(add(*words).stdout)
    assert (told["made"], told["started"], told["undone"]) == (True, True, "")
    assert systemctl.told() == [
        "daemon-reload",
        f"enable --now webproxy@{port}.socket webproxy@{port}.service",
    ]
    assert (systemctl.drop_ins / f"webproxy@{port}.socket.d" / "listen.conf").exists()
    assert json.loads(add(*words).stdout)["made"] is False
    assert systemctl.told() == []


def test_one_that_does_not_start_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Systemctl(tmp_path, monkeypatch).fails("enable", "Job failed.")
    port = free_port()
    result = add("--internal", "127.0.0.1:9", "--port", port)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"webproxy: instance {port} did not start: Job failed.; webproxy logs {port}")


def test_two_at_once_get_a_port_each_and_their_own_users(folder: Path, tmp_path: Path) -> None:
    first, second = sorted((free_port(), free_port()))
    folder.mkdir()
    (folder / "webproxy.toml").write_text(f'ports = "{first}-{second}"\n')
    script = "from webproxy.cli.main import main; main()"
    environ = with_modules(WEBPROXY_PASSWORD="correct horse")
    adding = [
        subprocess.Popen(
            [sys.executable, "-c", script, "add", "--internal", f"127.0.0.1:{at}", "--user", f"u{at}", "--json"],
            env=environ,
            stdout=subprocess.PIPE,
            text=True,
        )
        for at in range(1, 5)
    ]
    told = [json.loads(child.communicate(timeout=60)[0]) for child in adding]
    assert len({one["port"] for one in told}) == 4
    for at, one in enumerate(told, 1):
        assert one["internal"] == f"127.0.0.1:{at}"
        users = (folder / "instances" / f"{one['port']}.users").read_text().splitlines()
        assert [line.partition(":")[0] for line in users] == [f"u{at}"]


def test_a_file_of_users_that_is_there_is_nobody_elses(folder: Path) -> None:
    port = free_port()
    (folder / "instances").mkdir(parents=True)
    (folder / "instances" / f"{port}.users").write_text("eve:x\n")
    result = add("--internal", "127.0.0.1:9", "--port", port, "--user", "anna", password="correct horse")
    assert result.exit_code == 2
    assert result.stderr.endswith(f"{port}.users: is there already; move it away, or name it with --htpasswd\n")
    assert len(hashes(folder)) == 1


def test_every_port_of_the_range_is_configured(folder: Path) -> None:
    port = free_port()
    folder.mkdir()
    (folder / "webproxy.toml").write_text(f'ports = "{port}-{port}"\n')
    add("--internal", "127.0.0.1:9", "--port", port)
    result = add("--internal", "127.0.0.1:10")
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert "is free; give one with --port" in result.stderr


def test_another_instance_that_cannot_be_read_is_in_nobodys_way(folder: Path) -> None:
    (folder / "instances").mkdir(parents=True)
    (folder / "instances" / "12000.toml").write_text("internal 8080\n")
    assert add("--internal", "127.0.0.1:9").exit_code == 0
    result = add("--internal", "127.0.0.1:9", "--port", 12000)
    assert (result.exit_code, "12000 is an instance already, with other settings (all)" in result.stderr) == (2, True)


def test_the_services_own_port_is_left_to_it(folder: Path) -> None:
    first, second = sorted((free_port(), free_port()))
    folder.mkdir()
    (folder / "webproxy.toml").write_text(f'ports = "{first}-{second}"\n')
    told = json.loads(add("--internal", first, "--json").stdout)
    assert first < told["port"] <= second
