"""The first-party policies, installed with pip beside an installed webproxy, in an environment of their own.

Each is a folder of ``policies/``; ``tests/test_distributions.py`` says what it holds.
"""

from __future__ import annotations

import re
import shlex
import shutil
import signal
import time
from http.client import HTTPConnection
from pathlib import Path

import pytest

from bench.ports import free_port
from tests.integration.own_environment import ROOT, OwnEnvironment, wheel
from tests.judged import once_each

PATIENCE = 120.0
NAMES = sorted(path.parent.name for path in (ROOT / "policies").glob("*/setup.cfg"))


pytestmark = once_each


class Installation:
    """An environment in which webproxy is installed, and one or the other of its policies.

    :ivar environment: where.
    :ivar sources: copies of what is installed: building leaves traces.
    """

    def __init__(self, place: Path) -> None:
        self.environment = OwnEnvironment(place, webproxy=False)
        self.environment.install(wheel(place, "90.1"))
        self.sources = place / "sources"
        self._there = set[str]()

    def install(self, name: str) -> Path:
        """Install a policy unless it is there; its folder."""
        source = self.sources / name
        if not source.exists():
            shutil.copytree(
                ROOT / "policies" / name, source, ignore=shutil.ignore_patterns("*.egg-info", "__pycache__")
            )
        if name not in self._there:
            self.environment.install(source)
            self._there.add(name)
        return source

    def uninstall(self, name: str) -> None:
        """Take a policy away."""
        self.environment.uninstall(f"webproxy-{name}")
        self._there.remove(name)

    def words(self, policy: str, port: int) -> tuple[str | Path, ...]:
        """What starts a proxy with that policy; nobody is behind it."""
        there = ("--internal", "127.0.0.1:9", "--port", str(port), "--listen", "127.0.0.1")
        return (self.environment.twistd, "-n", "webproxy", *there, "--policy", policy)


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    return Installation(tmp_path_factory.mktemp("installation"))


def as_its_readme_says(name: str) -> str:
    """How the README of a policy names it behind ``--policy``."""
    said = re.search(rf"--policy '?({name}[^\s'`]*)", (ROOT / "policies" / name / "README.md").read_text())
    assert said is not None
    return said[1]


def status(port: int) -> int:
    """Ask for anything, once somebody listens."""
    deadline = time.monotonic() + PATIENCE
    while True:
        connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        try:
            connection.request("GET", "/")
            return connection.getresponse().status
        except ConnectionRefusedError:
            assert time.monotonic() < deadline, "nobody listens"
            time.sleep(0.02)
        finally:
            connection.close()


@pytest.mark.parametrize("name", NAMES)
def test_its_tests_pass_where_nothing_else_of_the_project_is(name: str, installation: Installation) -> None:
    environment, source = installation.environment, installation.install(name)
    where = f"import webproxy, webproxy_{name}; print(webproxy.__file__, webproxy_{name}.__file__)"
    for place in environment.finish(environment.python, "-c", where).stdout.split():
        assert Path(place).is_relative_to(environment.place)
    words = ("-q", "-W", "error", "-p", "no:cacheprovider", f"--rootdir={source}", source / "tests")
    tested = environment.finish(environment.python, "-m", "pytest", *words)
    assert tested.returncode == 0, tested.stdout + tested.stderr
    assert re.search(r"^\d+ passed in ", tested.stdout, re.MULTILINE), tested.stdout


@pytest.mark.parametrize("name", NAMES)
def test_it_serves_as_its_readme_says(name: str, installation: Installation) -> None:
    installation.install(name)
    port = free_port()
    with installation.environment.start(*installation.words(as_its_readme_says(name), port)) as child:
        try:
            assert status(port) == 502  # nobody is behind it
            child.terminate()
            out, err = child.communicate(timeout=PATIENCE)
        finally:
            child.kill()
    assert (child.returncode, err) == (-signal.SIGTERM, ""), out


@pytest.mark.parametrize("name", NAMES)
def test_without_it_who_names_it_cannot_start(name: str, installation: Installation) -> None:
    installation.install(name)
    others = [other for other in [*NAMES, "timeout"] if other != name]
    for other in others[:-1]:
        installation.install(other)
    installation.uninstall(name)
    ended = installation.environment.finish(*installation.words(as_its_readme_says(name), free_port()))
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == (
        f"webproxy: --policy {name}: no policy of that name is installed; installed are: {', '.join(others)}\n"
    )


def test_the_guide_shows_what_comes_out(installation: Installation) -> None:
    installation.install("guard")
    guide = (ROOT / "docs" / "how-to" / "close-what-exposing-exposes.md").read_text()
    shown = re.findall(r"^\$ webproxy (classify .*)\n(.+\n)", guide, re.MULTILINE)
    assert len(shown) == 3
    for words, told in shown:
        done = installation.environment.finish(installation.environment.webproxy, *shlex.split(words))
        assert (done.stdout, done.stderr) == (told, "")
