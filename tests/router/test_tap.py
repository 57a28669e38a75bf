"""What ``twistd webproxy-router`` runs: options that answer in sentences, ports bound before any fork."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest
from twisted.scripts.twistd import ServerOptions  # type: ignore[attr-defined]

from bench.ports import free_port
from tests.integration.edge import certificate
from webproxy.router.options import OPTIONS
from webproxy.router.tap import Options, makeService

if TYPE_CHECKING:
    from pathlib import Path


def words(folder: Path, *more: str) -> list[str]:
    chain, key = certificate(folder, "*.secure.example.com")
    said = ["--domain", "secure.example.com", "--certificate", str(chain), "--key", str(key), "--machines", "127.0.0.1"]
    said += ["--listen", "127.0.0.1", "--port", str(free_port()), "--http-port", "none"]
    return [*said, "--control-port", str(free_port()), "--state", str(folder / "state"), *more]


def leaves(options: Options, said: list[str]) -> int | str | None:
    with pytest.raises(SystemExit) as caught:
        options.parseOptions(said)
    return caught.value.code


def test_help_and_version(capsys: pytest.CaptureFixture[str]) -> None:
    options = Options()
    options.parent = ServerOptions()
    options.parent.subCommand = "webproxy-router"
    assert leaves(options, ["--help"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert all(f"--{option.name}=" in text for option in OPTIONS)
    assert leaves(Options(), ["--version"]) == 0
    assert capsys.readouterr().out.startswith("webproxy ")


def test_errors_are_sentences(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert leaves(Options(), words(tmp_path, "--prot", "1")) == 2
    assert capsys.readouterr().err == "webproxy-router: --prot: there is no such option; did you mean --port?\n"


def test_a_port_in_use_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = Options()
    options.parseOptions(words(tmp_path))
    with (
        socket.create_server(("127.0.0.1", options.settings.port)),
        pytest.raises(SystemExit) as caught,
    ):
        makeService(options)
    assert caught.value.code == 1
    told = capsys.readouterr().err
    assert told.startswith(f"webproxy-router: port {options.settings.port} is in use by ")
    assert told.endswith("stop that, or choose another port with --port\n")


def test_a_broken_certificate_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = Options()
    options.parseOptions(words(tmp_path))
    (tmp_path / "key.pem").write_text("no key")
    with pytest.raises(SystemExit) as caught:
        makeService(options)
    assert caught.value.code == 1
    assert "do not belong together; give a certificate chain and its key" in capsys.readouterr().err
