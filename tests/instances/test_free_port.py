"""A port for a new instance: free, in the range, nobody's, and never 443."""

from __future__ import annotations

import os
import socket

import pytest

from bench import ports
from webproxy.errors import StartError
from webproxy.instances.free_port import can_be_bound, check_free, free_port


def test_the_first_that_nobody_has() -> None:
    assert free_port(range(441, 450), {441, 444}, taken=lambda port: port in (442, 445)) == 446


def test_there_is_none() -> None:
    with pytest.raises(StartError, match=r"^no port from 443 to 443 is free; give one with --port, or widen ports"):
        free_port(range(443, 444), set(), taken=lambda port: False)


def test_the_system_is_asked() -> None:
    port = ports.free_port()  # none of those that the system gives to clients: it may be one's at any time
    with socket.create_server(("127.0.0.1", port)):
        assert not can_be_bound(port)
        assert not can_be_bound(port, ("127.0.0.1",))
        assert can_be_bound(port, ("127.0.0.2",))
        with pytest.raises(StartError, match="is free"):
            free_port(range(port, port + 1), ())
        with pytest.raises(StartError, match=rf"^port {port} is in use by .*\(pid {os.getpid()}\); choose another one"):
            check_free(port)
    check_free(port)
    assert free_port(range(port, port + 1), ()) == port


def test_an_address_that_is_not_ours() -> None:
    with pytest.raises(StartError, match=r"^port 12345 cannot be opened here; choose another one"):
        check_free(12345, ("203.0.113.1",))
