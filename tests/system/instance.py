"""An instance of webproxy on a server: added by the command, asked by its clients."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.system.machine import Machine, Traffic

SERVICE = "/opt/service"
PATIENCE = 60.0


class Instance:
    """An instance that runs.

    :ivar url: where clients reach it.
    """

    def __init__(self, machine: Machine, *words: str) -> None:
        told = json.loads(machine.run("webproxy", "add", "--internal", "8080", "--port", "auto", *words, "--json"))
        self.machine = machine
        self.port = int(told["port"])
        self.unit = f"webproxy@{self.port}.service"
        self.file = f"/etc/webproxy/instances/{self.port}.toml"
        self.url = f"http://127.0.0.1:{self.port}"

    def pid(self) -> int:
        """The process that speaks for it."""
        return int(self.machine.run("systemctl", "show", "--property=MainPID", "--value", self.unit))

    def log(self) -> str:
        """What it said."""
        return self.machine.run("journalctl", "--unit", self.unit, "--output=cat")

    def status(self, path: str = "/api/version", *words: str) -> str:
        """The status that curl gets; empty when the connection is refused."""
        curl = ("curl", "--silent", "--output", "/dev/null", "--write-out", "%{http_code}", "--max-time", "20")
        return self.machine.run(*curl, *words, self.url + path, check=False)

    def requests(self) -> Traffic:
        """Clients that ask without end."""
        return self.machine.traffic("requests", f"{self.url}/api/version")

    def stream(self, seconds: float) -> Traffic:
        """A client that reads a stream of twenty events a second."""
        return self.machine.traffic("stream", f"{self.url}/events?count={int(seconds * 20)}&interval=0.05")

    def websocket(self) -> Traffic:
        """A client on whose WebSocket every message comes back."""
        return self.machine.traffic("websocket", f"{self.url}/echo")

    def wait_for_another(self, before: int) -> int:
        """Wait until another process speaks for it."""
        deadline = time.monotonic() + PATIENCE
        while (now := self.pid()) in {before, 0}:
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.1)
        return now
