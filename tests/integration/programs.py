"""Python programs beside the tests: started on a free port, used once they listen there, ended afterwards."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from bench.ports import free_port
from tests.modules import with_modules, without_modules

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PROXY = "from webproxy.cli.main import main; main(prog_name='webproxy')"
PATIENCE = 60.0


def proxied(internal: int, *words: str) -> contextlib.AbstractContextManager[int]:
    """Run webproxy before a port, with these options."""
    given = ("--internal", str(internal), "--listen", "127.0.0.1", "--access-log", "none", "--admin", "none", *words)
    return listening("-c", PROXY, "run", *given, "--port")


@contextlib.contextmanager
def listening(*command: str, python: str | Path = sys.executable) -> Iterator[int]:
    """Run a Python program that is told a free port as its last word, from when it listens on."""
    port = free_port()
    environment = with_modules() if python == sys.executable else without_modules()
    with subprocess.Popen(
        [python, *command, str(port)], cwd="/", env=environment, stdout=subprocess.DEVNULL
    ) as process:
        try:
            deadline = time.monotonic() + PATIENCE
            while True:
                with contextlib.suppress(OSError):
                    socket.create_connection(("127.0.0.1", port)).close()
                    break
                assert process.poll() is None, "it has ended"
                assert time.monotonic() < deadline
                time.sleep(0.02)
            yield port
        finally:
            process.terminate()
