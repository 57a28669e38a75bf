"""The admin endpoint is opened where it was asked for."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted
from twisted.internet.defer import maybeDeferred

from tests.observe.watched import watched
from webproxy.errors import StartError
from webproxy.net.destination import Tcp, Unix
from webproxy.net.listen import bind_tcp
from webproxy.observe.admin import AdminSite
from webproxy.observe.admin_port import AdminPort
from webproxy.settings.admin import usual
from webproxy.settings.model import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from twisted.logger import LogEvent

    from webproxy.settings.admin import Admin


def settings(place: Admin, token: str = "") -> Settings:
    return Settings(internal=(Tcp("127.0.0.1", 1),), port=12345, admin=place, admin_token_file=token)


def port(reactor: Any, place: Admin, environ: dict[str, str] | None = None, token: str = "") -> AdminPort:
    return AdminPort(reactor, settings(place, token), usual(12345, environ or {}))


def site(token: bytes) -> AdminSite:
    return AdminSite(watched().instance, token)


def told(events: list[LogEvent]) -> list[str]:
    return [event["log_format"] for event in events if "admin endpoint" in event.get("log_format", "")]


@pytest_twisted.ensureDeferred
async def test_none(reactor: Any) -> None:
    admin = port(reactor, "none")
    admin.open(site)
    assert repr(admin) == "<AdminPort closed>"
    await maybeDeferred(admin.close)


@pytest_twisted.ensureDeferred
async def test_the_usual_place(reactor: Any, tmp_path: Path) -> None:
    admin = port(reactor, "auto", {"RUNTIME_DIRECTORY": str(tmp_path / "webproxy")})
    admin.open(site)
    assert admin.place == Unix(str(tmp_path / "webproxy" / "12345.sock"))
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(tmp_path / "webproxy" / "12345.sock"))
    await maybeDeferred(admin.close)
    assert list((tmp_path / "webproxy").iterdir()) == []


def test_a_usual_place_that_cannot_be_had_is_no_error(reactor: Any, tmp_path: Path, logged: list[LogEvent]) -> None:
    (tmp_path / "12345.sock").write_text("mine")
    admin = port(reactor, "auto", {"RUNTIME_DIRECTORY": str(tmp_path)})
    admin.open(site)
    AdminPort(reactor, settings("auto"), None).open(site)
    assert admin.place is None
    assert told(logged) == [
        "No admin endpoint: {error}",
        "No admin endpoint: there is no folder for its socket; --admin unix:/path names one.",
    ]


def test_a_place_that_was_asked_for_is_an_error_of_the_start(reactor: Any, tmp_path: Path) -> None:
    (tmp_path / "w.sock").write_text("mine")
    with pytest.raises(StartError, match="a file that is no socket has this name"):
        port(reactor, Unix(str(tmp_path / "w.sock"))).open(site)


@pytest_twisted.ensureDeferred
async def test_a_port_of_loopback_and_one_in_use(reactor: Any, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("0123456789abcdef\n")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        with pytest.raises(StartError, match="already in use"):
            port(reactor, Tcp("127.0.0.1", number), token=str(token)).open(site)
    admin = port(reactor, Tcp("127.0.0.1", number), token=str(token))
    admin.open(site)
    assert repr(admin) == f"<AdminPort 127.0.0.1:{number}>"
    await maybeDeferred(admin.close)


@pytest.mark.parametrize(("text", "what"), [("short", "too short"), (None, "cannot be read")])
def test_a_token_that_is_none(text: str | None, what: str, reactor: Any, tmp_path: Path) -> None:
    file = tmp_path / "token"
    if text is not None:
        file.write_text(text)
    with pytest.raises(StartError, match=what):
        port(reactor, Tcp("127.0.0.1", 1), token=str(file)).open(site)


@pytest_twisted.ensureDeferred
async def test_a_port_that_was_handed_down_is_served_and_handed_on(reactor: Any, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("0123456789abcdef")
    (sock,) = bind_tcp(0, ["127.0.0.1"])
    place = Tcp("127.0.0.1", sock.getsockname()[1])
    said = settings(place, str(token))
    before, after = AdminPort(reactor, said, None, sock), AdminPort(reactor, said, None, sock.dup())
    for admin in (before, after):
        admin.open(site)
        assert admin.sock is not None
        assert admin.sock.getsockname() == (place.host, place.port)
    await maybeDeferred(before.close)
    socket.create_connection((place.host, place.port), 5).close()
    await maybeDeferred(after.close)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((place.host, place.port), 5)
    other = AdminPort(reactor, said, None, bind_tcp(0, ["127.0.0.1"])[0])
    other.open(site)
    socket.create_connection((place.host, place.port), 5).close()
    await maybeDeferred(other.close)
