"""Looking around, over real sockets."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from webproxy.net.destination import Destination, Tcp, Unix
from webproxy.net.listen import has_ipv6
from webproxy.observe import survey as surveying
from webproxy.observe.survey import survey
from webproxy.settings.model import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from webproxy.observe.banner import Surroundings


def seen(*internal: Destination) -> Surroundings:
    return survey(Settings(internal=internal, port=1))


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
