"""Looking around, over real sockets."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from webproxy.net.destination import Destination, Tcp, Unix
from webproxy.net.listen import has_ipv6
from webproxy.observe import survey as surveying
from webproxy.observe.survey import survey
from webproxy.settings.credentials import CredentialSources
from webproxy.settings.model import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def seen(*internal: Destination) -> tuple[Destination | None, Sequence[str]]:
    up, exposed, _ = survey(Settings(internal=internal, port=1))
    return up, exposed


def test_up_on_loopback_alone() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        there = Tcp("127.0.0.1", listening.getsockname()[1])
        assert seen(there) == (there, [])


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
def test_up_at_the_second_candidate_and_for_everybody() -> None:
    with socket.create_server(("::", 0), family=socket.AF_INET6) as listening:
        port = listening.getsockname()[1]
        assert seen(Tcp("127.0.0.1", port), Tcp("::1", port)) == (Tcp("::1", port), ["::"])


def test_not_up() -> None:
    with socket.socket() as bound:  # bound, but nobody listens: the port is nobody else's meanwhile
        bound.bind(("127.0.0.1", 0))
        assert seen(Tcp("127.0.0.1", bound.getsockname()[1])) == (None, [])


def test_a_unix_socket(tmp_path: Path) -> None:
    there = Unix(str(tmp_path / "service.sock"))
    assert seen(there) == (None, [])
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(there.path)
        listening.listen()
        assert seen(there) == (there, [])


def test_another_machines_port_says_nothing_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surveying, "PATIENCE", 0.01)
    with socket.create_server(("0.0.0.0", 0)) as listening:
        assert seen(Tcp("192.0.2.1", listening.getsockname()[1])) == (None, [])


@pytest.mark.parametrize(("mode", "shared"), [(0o600, False), (0o640, False), (0o644, True)])
def test_a_password_that_everybody_may_read(tmp_path: Path, mode: int, shared: bool) -> None:
    file = tmp_path / "password"
    file.touch()
    file.chmod(mode)
    given = Settings(internal=(Unix("/none"),), port=1, credentials=CredentialSources(password_file=str(file)))
    assert survey(given).shared == (str(file) if shared else "")
    file.unlink()
    assert survey(given).shared == ""


def test_a_password_that_is_in_no_file() -> None:
    for credentials in (None, CredentialSources(user="anna"), CredentialSources(password_file="-")):
        assert survey(Settings(internal=(Unix("/none"),), port=1, credentials=credentials)).shared == ""
