"""The external port: ours to bind, or bound for us; what cannot be had is a sentence."""

from __future__ import annotations

import os

import pytest

from webproxy.errors import StartError
from webproxy.net.external_port import open_port
from webproxy.net.listen import bind_tcp


def test_bound_by_ourselves() -> None:
    (sock,) = open_port(0, ("127.0.0.1",), ())
    with sock:
        assert sock.getsockname()[0] == "127.0.0.1"


def test_bound_for_us() -> None:
    (sock,) = bind_tcp(0, ["127.0.0.1"])
    with sock:
        assert open_port(sock.getsockname()[1], (), [sock]) == [sock]
        with pytest.raises(StartError, match="handed down has port"):
            open_port(1, (), [sock])


def test_what_cannot_be_had() -> None:
    (sock,) = bind_tcp(0, ["127.0.0.1"])
    port = sock.getsockname()[1]
    with sock, pytest.raises(StartError, match=rf"is in use by .*\(pid {os.getpid()}\); stop that"):
        open_port(port, ("127.0.0.1",), ())
    with pytest.raises(StartError, match=r"cannot be bound: Cannot assign requested address; choose another port"):
        open_port(port, ("203.0.113.1",), ())
