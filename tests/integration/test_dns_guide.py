"""What the guide on delegating a zone tells people to type does what it says."""

from __future__ import annotations

import re
import subprocess
import time
from typing import TYPE_CHECKING

from bench.ports import free_port
from tests.integration.edge import certificate
from tests.integration.guides import ROOT, Typed, typed
from tests.integration.test_router_process import RUN
from tests.judged import once
from tests.modules import with_modules

if TYPE_CHECKING:
    from pathlib import Path

PAGE = ROOT / "docs" / "how-to" / "delegate-a-zone.md"
PATIENCE = 20.0

pytestmark = once


def ours(line: Typed, folder: Path, port: int) -> list[str]:
    """The words, with files, ports and an address to listen on of the test's."""
    files = [word.replace("/etc/webproxy-router", str(folder)) for word in line.words]
    if line.command == "dig":
        return [*(word.replace("@192.0.2.7", "@127.0.0.1") for word in files), "-p", str(port), "+retry=1"]
    listen = files.index("--dns-listen") + 1
    files[files.index("--dns-port") + 1], files[listen] = str(port), "127.0.0.1"
    rest = ["--listen", "127.0.0.1", "--http-port", "none", "--state", str(folder / "state")]
    return [*RUN, *files[2:], *rest, "--port", str(free_port()), "--control-port", str(free_port())]


def asked(words: list[str]) -> str:
    """Ask until somebody answers."""
    deadline = time.monotonic() + PATIENCE
    while True:
        ended = subprocess.run(words, capture_output=True, text=True, check=False)
        if ended.returncode == 0:
            return ended.stdout
        assert time.monotonic() < deadline, ended.stdout + ended.stderr
        time.sleep(0.1)


def test_the_guide_from_top_to_bottom(tmp_path: Path) -> None:
    certificate(tmp_path, "*.secure.example.com")
    port = free_port()
    lines = typed(PAGE)
    assert [line.command for line in lines] == ["ss", "webproxy-router", "dig", "dig", "dig", "dig"]
    start, *asking, trace = lines[1:]
    assert "+trace" in trace.words  # of the real net, which no test asks
    with (tmp_path / "out").open("wb") as out:
        router = subprocess.Popen(
            ours(start, tmp_path, port),
            cwd=tmp_path,
            env=with_modules(),
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        for line in asking:
            told = asked(ours(line, tmp_path, port))
            serial = re.compile(r" \d{10} ")
            assert serial.sub(" N ", told) == serial.sub(" N ", line.told)
    finally:
        router.kill()
        router.wait(PATIENCE)
    assert f"DNS of secure.example.com on port {port}" in (tmp_path / "out").read_text()
