"""An ordinary user, without root and without systemd, with nothing but the wheel: all but the units.

Run as root, these tests take another user's place.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
from base64 import b64encode
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bench.ports import free_port
from tests.integration.own_environment import OwnEnvironment, wheel
from tests.integration.test_start import internal
from tests.judged import once_each
from tests.modules import without_modules

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["internal"]

pytestmark = once_each

NOBODY = 65534
PATIENCE = 40.0


class User:
    """Somebody with a home, and webproxy installed from a wheel.

    :ivar home: the home.
    """

    def __init__(self, place: Path) -> None:
        self.home = place / "home"
        self.environment = OwnEnvironment(place, webproxy=False)
        self.environment.install(wheel(place, "90.1"))
        (self.home / "run").mkdir(parents=True)
        root = os.geteuid() == 0
        self._as = taking_the_place_of(NOBODY) if root else ()
        if root:
            for path in (self.home, self.home / "run"):
                os.chown(path, NOBODY, NOBODY)

    def variables(self, **more: str) -> dict[str, str]:
        kept = {
            name: value
            for name, value in without_modules().items()
            if not name.startswith(("XDG_", "CONFIGURATION_", "RUNTIME_"))
        }
        home = {"HOME": str(self.home), "XDG_RUNTIME_DIR": str(self.home / "run"), "LANG": "C.UTF-8"}
        return {**kept, **home, "PATH": f"{self.environment.webproxy.parent}:{os.environ['PATH']}", **more}

    def start(self, *words: str, **more: str) -> subprocess.Popen[str]:
        """Start what stands on a command line."""
        return subprocess.Popen(
            (*self._as, *words),
            cwd=self.home,
            env=self.variables(**more),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def types(self, *words: str, **more: str) -> tuple[int, str, str]:
        """Run it to its end: exit status, what it said, what it complained of."""
        with self.start(*words, **more) as child:
            out, err = child.communicate(timeout=PATIENCE)
        return child.returncode, out, err


def taking_the_place_of(user: int) -> tuple[str, ...]:
    """Words before a command that make it another user's.

    Where Python itself, or what is installed for it, lies where others may not look (in root's home, say), the command
    may look everywhere, and still write nowhere but where the user may.
    """
    place = ("setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups")
    needed = (Path(sys.executable).resolve(), Path(sysconfig.get_path("purelib")))
    if all(folder.stat().st_mode & 0o001 for path in needed for folder in path.parents):
        return place
    return (*place, "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search")


@pytest.fixture(scope="module")
def user() -> Iterator[User]:
    place = Path(tempfile.mkdtemp(prefix="webproxy-user-"))
    place.chmod(0o755)
    yield User(place)
    shutil.rmtree(place)


def ask(port: int, password: str = "") -> tuple[int, bytes]:
    """Ask the proxy, once somebody listens."""
    fields = {"Authorization": "Basic " + b64encode(f"anna:{password}".encode()).decode()} if password else {}
    deadline = time.monotonic() + PATIENCE
    while True:
        connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        try:
            connection.connect()
            break
        except ConnectionRefusedError:
            assert time.monotonic() < deadline, "nobody listens"
            time.sleep(0.02)
    connection.request("GET", "/", headers=fields)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body


def test_everything_but_the_units(user: User, internal: str) -> None:
    port = str(free_port())
    words = ("webproxy", "add", "--internal", internal, "--port", port, "--user", "anna")
    status, out, err = user.types(*words, WEBPROXY_PASSWORD="correct horse")
    file = user.home / ".config" / "webproxy" / "instances" / f"{port}.toml"
    assert (status, err) == (0, "")
    assert out.startswith("webproxy 90.1\n")
    assert f"start it with webproxy run --config {file}\n" in out
    assert user.types(*words, "--json", WEBPROXY_PASSWORD="correct horse")[0] == 0

    status, out, err = user.types("webproxy", "status")
    assert (status, out) == (3, f"{internal.rpartition(':')[2]} -> {port}  pending  stopped\n"), err
    assert user.types("webproxy", "config", "check", "--config", str(file))[0] == 0

    with user.start("webproxy", "run", "--config", str(file)) as child:
        assert ask(int(port))[0] == 401
        assert ask(int(port), "correct horse") == (200, b"hello")
        status, out, _ = user.types("webproxy", "list", "--json")
        (told,) = json.loads(out)
        assert (told["live"], told["padlock"], told["version"], told["up"]) == ("serving", "open", "90.1", True)
        assert user.types("webproxy", "status", port)[0] == 0

        status, out, err = user.types("webproxy", "set", port, "drain=5m", "max-body=1kB")
        assert (status, err) == (0, "")
        assert "not reloaded: " in out
        child.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + PATIENCE
        while posted(int(port)) != 413:
            assert time.monotonic() < deadline, "the new limit does not hold"
            time.sleep(0.05)
        child.terminate()
        out, err = child.communicate(timeout=PATIENCE)
    assert "reloaded: drain, max-body" in out
    assert "Traceback" not in out + err

    for command in ("enable", "disable", "logs"):
        status, out, err = user.types("webproxy", command, port)
        assert (status, out, err.count("\n")) == (1, "", 1)
        assert err.startswith("webproxy: ")
    status, out, err = user.types("webproxy", "remove", port)
    assert (status, err) == (0, "")
    assert f"its settings are kept in {file}.removed\n" in out
    assert user.types("webproxy", "list")[1].startswith("there is no instance in ")


def posted(port: int) -> int:
    """Post two kilobytes; the answer's status."""
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    credentials = b64encode(b"anna:correct horse").decode()
    connection.request("POST", "/", body=b"x" * 2000, headers={"Authorization": f"Basic {credentials}"})
    status = connection.getresponse().status
    connection.close()
    return status


def test_a_password_is_asked_for_in_words(user: User, internal: str) -> None:
    status, out, err = user.types("webproxy", "add", "--internal", internal, "--user", "anna")
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("webproxy: --user: no password is given for anna; give --password-file FILE, set WEBPROXY_")


def test_what_he_may_not_do_is_a_sentence(user: User, internal: str, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    words = ("webproxy", "add", "--internal", internal)
    status, out, err = user.types(*words, XDG_CONFIG_HOME=str(closed))
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert "Permission denied" in err
