"""``webproxy status --watch`` beside a webproxy that runs."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest_twisted
from twisted.internet.defer import maybeDeferred
from twisted.internet.threads import deferToThread

from tests.modules import with_modules
from tests.observe.watched import watched
from webproxy.net.unix_socket import UnixSocket
from webproxy.observe.admin import AdminSite

if TYPE_CHECKING:
    from pathlib import Path

COMMAND = (sys.executable, "-c", "from webproxy.cli.main import main; main()", "status", "--watch")


def surroundings(place: Path) -> dict[str, str]:
    return with_modules(CONFIGURATION_DIRECTORY=str(place), TERM="xterm")


def read_until(descriptor: int, *marks: bytes) -> bytes:
    read = b""
    with suppress(OSError):  # a terminal whose other side is closed
        while not all(mark in read for mark in marks):
            data = os.read(descriptor, 65536)
            if not data:
                break
            read += data
    return read


@pytest_twisted.ensureDeferred
async def test_it_draws_on_a_terminal_until_it_is_interrupted_and_says_when_nobody_answers(
    reactor: Any, tmp_path: Path
) -> None:
    served = UnixSocket(reactor, str(tmp_path / "w.sock"), AdminSite(watched().instance, reactor=reactor))
    ours, theirs = pty.openpty()
    words = [*COMMAND, "--admin", f"unix:{tmp_path}/w.sock"]
    process = subprocess.Popen(words, stdout=theirs, stderr=theirs, env=surroundings(tmp_path))  # noqa: ASYNC220 - read in a thread
    os.close(theirs)
    try:
        drawn = await deferToThread(read_until, ours, b"client", b"failed", b"\x1b[H\x1b[J")
        assert drawn.startswith(b"\x1b[H\x1b[J")
        assert b"class" in drawn
        await maybeDeferred(served.stop)
        assert b"does not answer" in await deferToThread(read_until, ours, b"does not answer")
        process.send_signal(signal.SIGINT)
        assert await deferToThread(process.wait, 60) == 0
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def test_one_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    words = [*COMMAND, "12345", "--admin", f"unix:{tmp_path}/w.sock"]
    ended = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False, env=surroundings(tmp_path))
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"webproxy: the admin endpoint unix:{tmp_path}/w.sock does not answer")
