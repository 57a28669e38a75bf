"""The guide to writing a policy, followed to the letter: its files written, installed, tested, asked and served."""

from __future__ import annotations

import os
import re
import shlex
import signal
import time
from typing import TYPE_CHECKING
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import pytest

from bench.ports import free_port
from tests.integration.own_environment import ROOT, OwnEnvironment, write
from tests.judged import once_each

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

GUIDE = (ROOT / "docs" / "how-to" / "write-a-policy.md").read_text()
FILES = dict(re.findall(r"`([a-z_.]+)`:\n\n```[a-z]+\n(.*?)```", GUIDE, re.DOTALL))
SESSION = re.findall(r"```console\n(.*?)```", GUIDE, re.DOTALL)
SERVING = re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL)

PATIENCE = 20.0
TOOK = re.compile(r"[0-9]+ passed in [0-9.]+s")

pytestmark = once_each


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> OwnEnvironment:
    """An environment in which nobody has written a policy yet."""
    return OwnEnvironment(tmp_path_factory.mktemp("guide"))


@pytest.fixture(scope="module")
def project(environment: OwnEnvironment) -> Path:
    """The files of the guide, installed."""
    folder = write(environment.place / "project", FILES)
    environment.install(folder)
    return folder


def commands() -> Iterator[tuple[str, str]]:
    """What the guide types, and what it says comes out."""
    for block in SESSION:
        for part in block.split("$ ")[1:]:
            typed, _, told = part.partition("\n")
            yield typed, told


def test_every_block_is_followed() -> None:
    assert set(FILES) == {"acme_renders.py", "pyproject.toml", "test_acme_renders.py"}
    assert GUIDE.count("```") == 2 * (len(FILES) + len(SESSION) + len(SERVING))
    assert next(commands()) == ("pip install .", "")


@pytest.mark.parametrize(("typed", "told"), [pytest.param(*each, id=each[0]) for each in list(commands())[1:]])
def test_what_the_guide_types_says_what_the_guide_says(
    typed: str, told: str, environment: OwnEnvironment, project: Path
) -> None:
    path = f"{environment.place / 'bin'}:{os.environ['PATH']}"
    done = environment.finish("env", f"--chdir={project}", f"PATH={path}", "sh", "-c", typed)
    assert (TOOK.sub("N passed", done.stdout), done.stderr) == (TOOK.sub("N passed", told), "")


def test_it_serves(environment: OwnEnvironment, project: Path) -> None:
    (command,) = SERVING
    port = str(free_port())
    assert " --internal 8080 --port 12345 " in command
    words = shlex.split(command.replace("8080", "127.0.0.1:9").replace("12345", port))
    assert words.pop(0) == "twistd"
    with environment.start(environment.twistd, *words) as child:
        try:
            assert status(f"http://127.0.0.1:{port}/render/7") == 502  # nobody is behind it
            assert status(f"http://127.0.0.1:{port}/render/huge") == 403
            child.terminate()
            out, _ = child.communicate(timeout=PATIENCE)
        finally:
            child.kill()
    assert child.returncode == -signal.SIGTERM
    assert "class=RENDER why=renders:path" in out
    assert 'closed_by=renders note="Huge pictures are not rendered here."' in out


def status(url: str) -> int:
    """Ask, once somebody listens; the status."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with urlopen(url, timeout=PATIENCE) as answer:
                return int(answer.status)
        except HTTPError as refused:  # noqa: PERF203 - each turn is one attempt
            with refused:
                return refused.code
        except URLError:
            assert time.monotonic() < deadline, "nobody listens"
            time.sleep(0.05)
