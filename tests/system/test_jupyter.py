"""A real Jupyter server behind the proxy: a kernel's channels, in both modes and with both of Jupyter's framings.

The server and the page's part (``notebook.py``) live in an environment of their own, made once from
``requirements/jupyter.txt``, under ``build/``.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.integration.programs import listening, proxied
from tests.system.machine import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

PLACE = ROOT / "build" / "system" / "jupyter"
LOCK = ROOT / "requirements" / "jupyter.txt"
NOTEBOOK = Path(__file__).with_name("notebook.py")
TOKEN = "0123456789abcdef"
V1 = "v1.kernel.websocket.jupyter.org"

# Jupyter itself throttles what a cell prints to a page, which is not what is tried here
OPTIONS = (
    "--no-browser",
    "--allow-root",
    "--ServerApp.ip=127.0.0.1",
    "--ServerApp.port_retries=0",
    f"--IdentityProvider.token={TOKEN}",
    "--ZMQChannelsWebsocketConnection.limit_rate=False",
)


@pytest.fixture(scope="module")
def python() -> Path:
    """The interpreter of an environment that holds what the lock says."""
    interpreter, stamp = PLACE / "bin" / "python", PLACE / "lock"
    if not stamp.is_file() or stamp.read_bytes() != LOCK.read_bytes():
        subprocess.run([sys.executable, "-m", "venv", "--clear", PLACE], check=True)
        install = ("-m", "pip", "--quiet", "install", "--no-deps", "--require-hashes", "-r")
        subprocess.run([interpreter, *install, LOCK], check=True)
        stamp.write_bytes(LOCK.read_bytes())
    return interpreter


@pytest.fixture(scope="module")
def jupyter(python: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Where a Jupyter server listens that has nobody's files."""
    home = tmp_path_factory.mktemp("jupyter")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(home))
        for name in [name for name in os.environ if name.startswith(("JUPYTER", "IPYTHON"))]:
            patch.delenv(name)
        root = f"--ServerApp.root_dir={home}"
        with listening("-m", "jupyter_server", *OPTIONS, root, "--port", python=python) as port:
            yield port


@pytest.mark.parametrize("protocol", ["", V1], ids=["text", "binary"])
@pytest.mark.parametrize("mode", ["tunnel", "frames"])
def test_a_kernel_is_used_through_the_proxy(python: Path, jupyter: int, mode: str, protocol: str) -> None:
    with proxied(jupyter, "--websocket", mode) as outside:
        ran = subprocess.run(
            [python, NOTEBOOK, f"http://127.0.0.1:{outside}", TOKEN, *filter(None, [protocol])],
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
    assert ran.returncode == 0, ran.stderr
