"""Is it there, does it speak HTTP, who else reaches it, whose is the port."""

from __future__ import annotations

import socket
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from tests.doctor.fakes import TLS_RECORD, Fake, saying, serving
from webproxy.doctor.service import exposure, proxied, reach, speak
from webproxy.net.destination import Tcp, Unix

if TYPE_CHECKING:
    from pathlib import Path


def test_the_first_place_where_somebody_is() -> None:
    with serving(Fake) as place:
        assert reach([Tcp("127.0.0.1", 1), place])[0] == place
    found = reach([place])
    assert (found[0], found[1].level) == (None, "problem")
    assert found[1].seen == f"nothing listens on {place}"


@pytest.mark.parametrize(
    ("words", "level", "told"),
    [
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "good", "plain HTTP"),
        (TLS_RECORD, "problem", "speaks TLS"),
        (b"220 mail\r\n", "problem", "does not answer HTTP"),
    ],
)
def test_what_it_speaks(words: bytes, level: str, told: str) -> None:
    with saying(words) as place:
        found = speak(place)
    assert (found.level, told in found.seen) == (level, True), found


def test_a_unix_socket_where_nobody_speaks(tmp_path: Path) -> None:
    assert speak(Unix(str(tmp_path / "s"))).mend == "look at its log"
    assert exposure(Unix(str(tmp_path / "s"))) is None
    assert exposure(Tcp("192.0.2.7", 80)) is None


def test_who_else_reaches_it() -> None:
    with serving(Fake) as place:
        found = exposure(place)
        assert found is not None
        assert found.level == "good"
    with serving(Fake, "0.0.0.0") as place:
        found = exposure(place)
        assert found is not None
        assert found.level == "problem"
        assert "0.0.0.0" in found.seen
        assert f"ufw deny {place.port}/tcp" in found.mend


def test_whose_the_port_is() -> None:
    assert proxied(12345, ours=True).level == "good"
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert proxied(port, ours=False).level == "problem"
    assert proxied(port, ours=False).level == "note"


def test_an_nginx_on_the_port_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    config = tmp_path / "nginx.conf"
    config.write_text(
        f"daemon off; pid {tmp_path}/pid; error_log {tmp_path}/error; events {{}}\n"
        f"http {{ access_log off; server {{ listen 127.0.0.1:{port}; }} }}\n"
    )
    with subprocess.Popen(["nginx", "-c", str(config), "-e", str(tmp_path / "error")]) as nginx:
        try:
            for _ in range(200):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.05)
            found = proxied(port, ours=False)
        finally:
            nginx.terminate()
    assert found.level == "problem"
    assert "is in use by nginx (pid " in found.seen
