"""The control port: who may connect, and what is no request of the protocol."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest_twisted
from twisted.internet.threads import deferToThread

from tests.integration.router import router

if TYPE_CHECKING:
    from pathlib import Path


@pytest_twisted.ensureDeferred
async def test_who_is_in_no_network_of_machines_is_closed_before_tls(
    reactor: Any, tmp_path: Path, logged: list[Any]
) -> None:
    async with router(reactor, tmp_path, machines=("127.0.0.2/32",)) as at:

        def knocks() -> bytes:
            with socket.create_connection(("127.0.0.1", at.service.control_port), 20) as sock:
                return sock.recv(100)

        assert await deferToThread(knocks) == b""
        assert await deferToThread(knocks) == b""
        lines = [event["address"] for event in logged if "--machines" in (event.get("log_format") or "")]
        assert lines == ["127.0.0.1"], "one line, however often it knocks"
        inside = at.machine(12345, source="127.0.0.2")
        assert (await deferToThread(inside.ask, "challenge")).status == 200


@pytest_twisted.ensureDeferred
async def test_what_is_not_as_documented(reactor: Any, tmp_path: Path) -> None:
    async with router(reactor, tmp_path) as at:
        machine = at.machine(12345)
        for does, body, method, status in (
            ("challenge", b"no JSON", "POST", 400),
            ("challenge", {"port": 1}, "POST", 400),
            ("register", {}, "POST", 400),
            ("nothing", {}, "POST", 404),
            ("challenge/", {}, "POST", 404),
            ("challenge", {}, "GET", 405),
        ):
            told = await deferToThread(machine.ask, does, body, method=method)
            assert (told.status, told.said["error"]) == (status, "malformed")
        told = await deferToThread(machine.ask, "challenge", b"x" * 5000)
        assert (told.status, told.said["error"]) == (413, "malformed")

        def chunked() -> int:
            connection = at.machine(1).connection
            connection.request("POST", "/v1/challenge", iter([b"{}"]), encode_chunked=True)
            return connection.getresponse().status

        assert await deferToThread(chunked) == 413
