"""Accepting on uvloop; what both kinds of listening promise is in tests/integration/test_listening.py."""

from __future__ import annotations

import asyncio
import os
import resource
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted
from twisted.internet.task import deferLater

from tests.peers import Accepting, Recorder, logged_failures, serving, until
from webproxy.net.accept import NativePort, run_at_once
from webproxy.net.listen import bind_tcp

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

pytestmark = pytest.mark.usefixtures("loop")


@contextmanager
def no_descriptors_left() -> Iterator[None]:
    """Use up the process's descriptors."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 256), hard))
    hoard = []
    try:
        while True:
            hoard.append(os.open(os.devnull, os.O_RDONLY))
    except OSError:
        pass
    try:
        yield
    finally:
        for number in hoard:
            os.close(number)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest_twisted.ensureDeferred
async def test_a_lack_of_descriptors_is_survived(reactor: Any) -> None:
    clients = [socket.socket() for _ in range(10)]
    async with serving(reactor) as served:
        with no_descriptors_left():
            for client in clients:
                client.connect(served.name)
            await deferLater(reactor, 0.05)
            assert not served.protocols
        ours, peer = await served.connected()
        peer.say(b"hello")
        await until(reactor, lambda: ours.received == b"hello", "it was read")
    for client in clients:
        client.close()


@pytest_twisted.ensureDeferred
async def test_a_factory_that_raises_is_logged_and_refuses_the_connection(reactor: Any) -> None:
    def build() -> Recorder:
        raise ZeroDivisionError

    async with serving(reactor, build) as served:
        with logged_failures() as failures:
            peer = served.dial()
            with pytest.raises(ConnectionResetError):
                await peer.read()
            assert [type(failure) for failure in failures] == [ZeroDivisionError]


@pytest_twisted.ensureDeferred
async def test_the_factory_is_started_and_stopped(loop: asyncio.AbstractEventLoop, reactor: Any) -> None:
    factory = Accepting(Recorder)
    port = NativePort(loop, factory, bind_tcp(0, ["127.0.0.1"])[0])
    assert (factory.numPorts, repr(port)) == (1, f"<NativePort serving for {factory!r}>")
    port.stop()
    assert (factory.numPorts, repr(port)) == (0, f"<NativePort stopped for {factory!r}>")


def test_a_coroutine_that_waits_cannot_run_at_once() -> None:
    async def waits() -> Any:
        await asyncio.sleep(0)

    coroutine: Coroutine[Any, Any, Any] = waits()
    with pytest.raises(RuntimeError, match="waits"):
        run_at_once(coroutine)
    coroutine.close()
