"""Whether two transports can be joined."""

from __future__ import annotations

import select
from typing import TYPE_CHECKING, Any

import pytest_twisted

from tests.net.relaying import joint
from tests.net.test_pipe_pool import descriptors, no_descriptors
from tests.peers import until
from tests.wire import Transport
from webproxy.net.readiness import Readiness
from webproxy.net.relays import Relays

if TYPE_CHECKING:
    import pytest


@pytest_twisted.ensureDeferred
async def test_without_descriptors_nothing_is_joined_and_later_it_is(reactor: Any) -> None:
    async with joint(reactor) as the:
        with no_descriptors():
            assert the.join() is None
        the.near.say(b"by Python")
        await until(reactor, lambda: the.source.received == b"by Python", "reading goes on")
        relay = the.join()
        with no_descriptors():
            the.near.say(b"past Python")
            assert await the.far.read_exactly(11) == b"past Python"
        relay.stop()


@pytest_twisted.ensureDeferred
async def test_when_the_system_watches_no_more_nothing_is_joined(reactor: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async with joint(reactor) as the:
        the.join().stop()
        add = Readiness.add
        calls: list[int] = []

        def refuse_the_second(self: Readiness, number: int, ready: Any) -> None:
            calls.append(number)
            if len(calls) == 2:
                raise OSError(28, "fs.epoll.max_user_watches")
            add(self, number, ready)

        monkeypatch.setattr(Readiness, "add", refuse_the_second)
        assert the.join() is None
        the.near.say(b"by Python")
        await until(reactor, lambda: the.source.received == b"by Python", "reading goes on")
        assert all(repr(ready) == "<Readiness of 0>" for ready in the.relays._sets or ())


@pytest_twisted.ensureDeferred
async def test_closed_it_joins_nothing(reactor: Any) -> None:
    async with joint(reactor) as the:
        before = descriptors()
        the.join().stop()
        the.relays.close()
        assert descriptors() == before
        assert the.join() is None
        assert "closed" in repr(the.relays)


@pytest_twisted.ensureDeferred
async def test_without_epoll_nothing_is_joined(reactor: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(select, "epoll")
    async with joint(reactor) as the:
        assert the.join() is None


def test_transports_without_a_descriptor_are_not_joined(reactor: Any) -> None:
    relays: Any = Relays(reactor)
    assert relays.join(Transport(), Transport(), None) is None
    relays.close()
