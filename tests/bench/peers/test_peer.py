"""Configuration from templates: every slot filled, nothing else touched, and accepted by the program it is for."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bench import certificate
from bench.peers.peer import SLOT, Peer, fill
from bench.peers.table import (
    CADDY,
    HAPROXY,
    HAPROXY_PIPES,
    HAPROXY_TLS,
    NGINX,
    NGINX_BUFFERED,
    NGINX_STREAM,
    PEERS,
    WEBPROXY,
)
from webproxy.version import described

if TYPE_CHECKING:
    from pathlib import Path

CHECKS = {
    "nginx": (NGINX, ["nginx", "-t", "-c"]),
    "nginx_buffered": (NGINX_BUFFERED, ["nginx", "-t", "-c"]),
    "haproxy": (HAPROXY, ["haproxy", "-c", "-f"]),
    "haproxy_pipes": (HAPROXY_PIPES, ["haproxy", "-c", "-f"]),
    "haproxy_tls": (HAPROXY_TLS, ["haproxy", "-c", "-f"]),
    "nginx_stream": (NGINX_STREAM, ["nginx", "-t", "-c"]),
    "caddy": (CADDY, ["caddy", "validate", "--adapter", "caddyfile", "--config"]),
}


def values(directory: Path) -> dict[str, str]:
    return {"port": "12345", "internal": "8080", "directory": str(directory)}


def test_a_slot_takes_its_value_and_other_signs_stay() -> None:
    text = "listen @{port}; set $host; %[src] {remote_host} @name"
    assert fill(text, {"port": "80", "unused": "x"}) == "listen 80; set $host; %[src] {remote_host} @name"


def test_a_slot_without_a_value_is_an_error() -> None:
    with pytest.raises(KeyError, match="internal"):
        fill("proxy_pass @{internal}", {"port": "80"})


@pytest.mark.parametrize("peer", PEERS.values(), ids=PEERS)
def test_no_slot_stays_open(peer: Peer, tmp_path: Path) -> None:
    words = peer.argv(values(tmp_path))
    assert not SLOT.search(" ".join(words))
    for file in tmp_path.iterdir():
        assert not SLOT.search(file.read_text())
        assert str(file) in words
        assert "12345" in file.read_text()
        assert "8080" in file.read_text()


def test_webproxy_is_started_as_its_users_start_it(tmp_path: Path) -> None:
    assert WEBPROXY.argv(values(tmp_path))[1:] == [
        *("-n", "--pidfile=", "webproxy", "--internal", "8080", "--port", "12345"),
        *("--access-log", f"{tmp_path}/access.log"),
    ]


def test_a_guarded_peer_asks_for_the_passwords_of_a_file(tmp_path: Path) -> None:
    guarded = {**values(tmp_path), "users": "/users"}
    assert WEBPROXY.argv(guarded)[-2:] == ["--htpasswd", "/users"]
    NGINX.argv(guarded)
    assert "auth_basic bench; auth_basic_user_file /users;" in (tmp_path / "nginx.conf").read_text()
    NGINX.argv(values(tmp_path))
    assert "auth_basic" not in (tmp_path / "nginx.conf").read_text()


@pytest.mark.parametrize("name", CHECKS)
def test_the_program_accepts_its_configuration(name: str, tmp_path: Path) -> None:
    peer, check = CHECKS[name]
    if not shutil.which(check[0]):
        pytest.skip(f"{check[0]} is not installed")
    if peer.secure:
        certificate.write(tmp_path)
    peer.argv(values(tmp_path))
    done = subprocess.run(
        [*check, str(tmp_path / peer.template)], cwd=tmp_path, capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_program_says_its_version_in_one_line() -> None:
    peer = replace(NGINX, version=(sys.executable, "-c", "print('nginx 1.22'); print('built with love')"))
    assert peer.ask_version() == "nginx 1.22"


def test_webproxy_says_whether_what_is_measured_is_compiled() -> None:
    assert WEBPROXY.ask_version() == f"webproxy {described()}"


@pytest.mark.parametrize("version", [("no-such-program-at-all",), (sys.executable, "-c", "raise SystemExit('no')")])
def test_a_program_that_is_not_there_has_no_version(version: tuple[str, ...]) -> None:
    assert replace(NGINX, version=version).ask_version() == ""
