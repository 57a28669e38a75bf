"""``webproxy doctor``: what it looks at, what it prints."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import pytest_twisted
from click.testing import CliRunner
from twisted.internet.defer import maybeDeferred
from twisted.internet.threads import deferToThread

from tests.doctor.fakes import Ollama, serving
from tests.observe.watched import watched
from webproxy.cli.doctor import doctor
from webproxy.errors import SettingsError, StartError
from webproxy.net.unix_socket import UnixSocket
from webproxy.observe.admin import AdminSite

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from click.testing import Result


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where instances and sockets are looked for."""
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path))
    monkeypatch.setenv("CONFIGURATION_DIRECTORY", str(tmp_path))
    monkeypatch.setattr("webproxy.cli.endpoint.MACHINE", str(tmp_path / "machine"))
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(doctor, words)


def test_all_is_well() -> None:
    with serving(Ollama) as place:
        result = run("--internal", str(place.port), "--no-generate")
    assert result.exit_code == 0, result.output
    assert "ok      application  it is Ollama\n" in result.output
    assert result.output.endswith("nothing is wrong\n")


def test_a_problem_is_told_with_its_mend_and_in_the_exit_status() -> None:
    with serving(Ollama) as place:
        result = run("--internal", str(place.port), "--upstream-host", "preserve")
    assert result.exit_code == 1
    assert "problem host         Ollama answers only to its own name" in result.output
    assert "-> --upstream-host auto" in result.output
    assert result.output.endswith("\n1 problem\n")


def test_json() -> None:
    result = run("--internal", "1", "--json")
    assert result.exit_code == 1
    assert {"about", "level", "seen", "mend"} == set(json.loads(result.output)[0])


def test_an_instance_says_where_and_how(folder: Path) -> None:
    (folder / "instances").mkdir()
    with serving(Ollama) as place:
        file = folder / "instances" / "12345.toml"
        file.write_text(f'internal = "{place.port}"\nupstream-host = "preserve"\n')
        result = run("12345", "--no-generate")
    assert "problem host" in result.output
    assert "note    port         nobody serves port 12345 yet" in result.output


@pytest_twisted.ensureDeferred
async def test_a_running_webproxy_says_where(reactor: Any, folder: Path) -> None:
    served = UnixSocket(reactor, str(folder / "12345.sock"), AdminSite(watched().instance, reactor=reactor))
    result = await deferToThread(run, "12345", "--no-generate")
    assert "ok      port         webproxy serves port 12345" in result.output
    await maybeDeferred(served.stop)


@pytest.mark.parametrize(
    ("words", "error", "told"),
    [
        (["12345"], SettingsError, "--internal: it is not said where the service listens"),
        ([], StartError, "no webproxy on this machine"),
        (["--internal", "https://x"], SettingsError, "--internal: 'https://x' asks for TLS"),
        (["--internal", "1", "--upstream-host", "a b"], SettingsError, "--upstream-host: "),
    ],
)
def test_what_cannot_be_looked_at(words: list[str], error: type[Exception], told: str) -> None:
    result = run(*words)
    assert isinstance(result.exception, error)
    assert str(result.exception).startswith(told)
