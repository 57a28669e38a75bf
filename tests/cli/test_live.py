"""``webproxy live``: says where the page is."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted
from twisted.internet.defer import maybeDeferred
from twisted.internet.threads import deferToThread

from tests.modules import with_modules
from tests.observe.watched import watched
from webproxy.errors import StartError
from webproxy.net.destination import Unix
from webproxy.net.unix_socket import UnixSocket
from webproxy.observe.admin import AdminSite
from webproxy.observe.admin_client import AdminClient
from webproxy.observe.live_site import LiveSite
from webproxy.observe.page_site import opened

if TYPE_CHECKING:
    from pathlib import Path

COMMAND = (sys.executable, "-c", "from webproxy.cli.main import main; main()", "live")


@pytest_twisted.ensureDeferred
async def test_it_prints_the_address_and_how_to_come_from_afar(reactor: Any, tmp_path: Path) -> None:
    served = UnixSocket(reactor, str(tmp_path / "w.sock"), AdminSite(watched().instance, reactor=reactor))
    process = subprocess.Popen(  # noqa: ASYNC220 - read in a thread
        [*COMMAND, "--admin", f"unix:{tmp_path}/w.sock"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=with_modules(),
    )
    assert process.stdout is not None
    first = await deferToThread(process.stdout.readline)
    found = re.fullmatch(r"live page  http://127\.0\.0\.1:(\d+)/\?token=[\w-]{32}\n", first)
    assert found, first
    rest = await deferToThread(process.stdout.readline) + await deferToThread(process.stdout.readline)
    assert f"ssh -N -L {found[1]}:127.0.0.1:{found[1]} " in rest
    process.send_signal(signal.SIGINT)
    await deferToThread(process.communicate)
    await maybeDeferred(served.stop)


def test_a_proxy_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    ended = subprocess.run(
        [*COMMAND, "--admin", f"unix:{tmp_path}/w.sock"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=with_modules(),
    )
    assert ended.returncode == 1
    assert ended.stderr == (
        f"webproxy: the admin endpoint unix:{tmp_path}/w.sock does not answer: No such file or directory; "
        "does it run, and may you ask it?\n"
    )


@pytest_twisted.ensureDeferred
async def test_a_port_that_is_taken_is_a_sentence(reactor: Any, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        on = taken.getsockname()[1]
        site = LiveSite(AdminClient(Unix(str(tmp_path / "w.sock"))), reactor)
        with pytest.raises(StartError, match=rf"port {on} cannot be had: Address already in use; choose another"):
            opened(reactor, site, on)
