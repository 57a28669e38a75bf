"""The programs of an endurance run: the demo service, webproxy in front of it, a router in front of that.

The proxy asks for a password, gets its name from the router and keeps renewing it there; the router shows a
certificate that can be renewed. All run at low priority, so that the machine stays usable for an hour.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench import login
from bench.child import GRACE, MeasurementError
from bench.ports import free_port
from bench.procfs import PROC, resident_kib
from bench.stage import MODULES

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
DOMAIN = "endure.example"
START = 30.0
GUARD = ("setpriv", "--pdeathsig", "TERM", "nice", "-n", "10")
SETTINGS = ('websocket = "tunnel"\n[timeout]\nlong = "10m"\n', 'websocket = "frames"\n[timeout]\nlong = "11m"\n')


class Program:
    """One program, and its words on paper."""

    def __init__(self, name: str, words: list[str], folder: Path, *, probed: bool = False) -> None:
        self.name = name
        self.told = folder / f"{name}.told"
        self.output = folder / f"{name}.out"
        ear = ["-m", "bench.endurance.probed", str(self.told)] if probed else []
        self.words = [*GUARD, sys.executable, *ear, *words]
        self.start()

    def start(self) -> None:
        environment = {**os.environ, **MODULES, "STATE_DIRECTORY": str(self.output.parent / "machine")}
        with self.output.open("ab") as out:
            self.process = subprocess.Popen(
                self.words,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                cwd=self.output.parent,
                env=environment,
                start_new_session=True,
            )

    def end(self, how: signal.Signals = signal.SIGTERM) -> None:
        self.process.send_signal(how)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(GRACE)
        with suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait()

    def alive(self) -> None:
        """Raise ``MeasurementError`` with its last words if it has ended."""
        if self.process.poll() is not None:
            words = self.output.read_text(errors="replace").strip().splitlines()[-20:]
            raise MeasurementError(f"{self.name} ended with status {self.process.returncode}:\n" + "\n".join(words))

    def figures(self) -> dict[str, float]:
        """What it holds: see ``bench.endurance.curve.LIMITS``."""
        pid = self.process.pid
        kinds = []
        for descriptor in (PROC / str(pid) / "fd").iterdir():
            with suppress(FileNotFoundError):
                kinds.append(str(descriptor.readlink()).partition(":")[0])
        found: dict[str, float] = {
            "memory_mib": resident_kib(pid) / 1024,
            "descriptors": len(kinds),
            "pipes": kinds.count("pipe"),
            "sockets": kinds.count("socket"),
            "threads": len(list((PROC / str(pid) / "task").iterdir())),
        }
        if self.told.exists():
            last: dict[str, Any] = json.loads(self.told.read_text().splitlines()[-1])
            found |= {name: last[name] for name in ("timers", "objects")}
        return found


class Stand:
    """The three of them.

    :ivar name: the public name of the proxy.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port, self.service_port, self.edge_port, control = (free_port() for _ in range(4))
        (folder / "machine").mkdir(mode=0o700)
        self.settings = folder / "settings.toml"
        self.settings.write_text(SETTINGS[0])
        self.reloads = 0
        self.public = folder / "public"
        self.public.mkdir()
        self._certify(folder)
        self.renew()
        token = folder / "token"
        token.touch(mode=0o600)
        token.write_text(self.ask("tokens", "add", "endure", "--ports", "1-65535"))
        self.service = Program("service", ["-m", "webproxy.demo", "--port", str(self.service_port)], folder)
        self.router = Program(
            "router",
            [
                *("webproxy-router", "--domain", DOMAIN, "--listen", "127.0.0.1", "--machines", "127.0.0.0/8"),
                *("--certificate", str(self.public / "cert.pem"), "--key", str(self.public / "key.pem")),
                *("--control-certificate", str(folder / "cert.pem"), "--control-key", str(folder / "key.pem")),
                *("--state", str(folder / "router"), "--port", str(self.edge_port), "--http-port", "none"),
                *("--control-port", str(control), "--drain", "1s"),
            ],
            folder,
            probed=True,
        )
        self.proxy = Program(
            "webproxy",
            [
                *("webproxy", "--config", str(self.settings), "--internal", str(self.service_port)),
                *("--port", str(self.port), "--listen", "127.0.0.1", "--drain", "1s", "--direct", "allow"),
                *("--htpasswd", str(login.write_users(folder)), "--access-log", str(folder / "access.log")),
                *("--router", f"https://localhost:{control}", "--router-token-file", str(token)),
                *("--router-ca", str(folder / "ca.pem"), "--label", "endure"),
            ],
            folder,
            probed=True,
        )
        self.programs = (self.proxy, self.router, self.service)

    def ask(self, *words: str) -> str:
        """What the router's command says."""
        main = "from webproxy.router.command import main; main()"
        words = (sys.executable, "-c", main, *words, "--state", str(self.folder / "router"))
        return subprocess.run(words, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout

    def wait(self) -> None:
        """Until the router knows the proxy, and the proxy answers."""
        until = time.monotonic() + START
        while time.monotonic() < until:
            self.alive()
            names = json.loads(self.ask("names", "list", "--json"))
            with suppress(OSError, StopIteration):
                self.name = next(f"{name['name']}.{DOMAIN}" for name in names if name["live"])
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            time.sleep(0.3)
        raise MeasurementError("the proxy did not get a name from the router")

    def alive(self) -> None:
        """Raise ``MeasurementError`` if one has ended that nobody killed."""
        for program in (self.proxy, self.router):
            program.alive()

    def renew(self) -> None:
        """Another certificate for the public."""
        self._certify(self.public)

    @staticmethod
    def _certify(folder: Path) -> None:
        maker = [sys.executable, str(ROOT / "scripts" / "throw_away_authority.py"), str(folder)]
        subprocess.run([*maker, f"*.{DOMAIN}", "localhost"], check=True)

    def reload(self) -> None:
        """Other settings, and a word to the proxy."""
        self.reloads += 1
        self.settings.write_text(SETTINGS[self.reloads % 2])
        self.proxy.process.send_signal(signal.SIGHUP)

    def kill_service(self, down: float) -> None:
        """The service dies, and is there again after so many seconds."""
        self.service.end(signal.SIGKILL)
        time.sleep(down)
        self.service.start()


@contextmanager
def standing(folder: Path) -> Iterator[Stand]:
    """All of them, until the end."""
    stand = Stand(folder)
    try:
        stand.wait()
        yield stand
    finally:
        for program in stand.programs:
            program.end()
