"""What is particular to each side; how they play together is in ``test_passage``."""

from __future__ import annotations

from typing import Any

from twisted.internet.error import ConnectionDone
from twisted.python.failure import Failure

from tests.router.test_passage import NoWatch, opened
from tests.wire import Transport
from webproxy.router.sides import LITTLE, MANY, ROOM, ClientSide, MachineSide, Side


def test_native_transports_read_into_a_room_that_is_smaller_while_many_wait() -> None:
    script, side = opened()
    assert isinstance(side, MachineSide)
    assert not hasattr(side, "room"), "nothing stands between the transports"
    side.pauseProducing()
    side.resumeProducing()
    assert side.room(65536) is ROOM
    ROOM[:4] = b"pong"
    side.filled(4)
    assert script.client.value() == b"pong"
    others = [Side(lambda *_: None) for _ in range(MANY)]
    script.crowd.update(others)
    assert side.room(65536) is LITTLE
    side.pauseProducing()
    side.connectionLost(Failure(ConnectionDone()))
    assert script.crowd == set(others)
    side.filled(4)
    assert script.client.value() == b"pong", "nothing after the end"


def test_a_client_that_leaves_while_it_is_not_read_is_noticed() -> None:
    class Watch(NoWatch):
        watched: Any = None
        resets = False

        def watch(self, transport: object, left: Any, *, resets: bool = False) -> None:
            self.watched, self.resets = left, resets

        def unwatch(self, transport: object) -> None:
            self.watched = None

    watch: Any = Watch()
    client, wire = ClientSide(watch, lambda *_: None), Transport()
    client.makeConnection(wire)
    assert watch.resets, "of one that is read the reset alone is told"
    client.pauseProducing()
    assert not watch.resets
    watch.watched()
    assert wire.end == "aborted"
    client.resumeProducing()
    assert watch.resets
    client.connectionLost(Failure(ConnectionDone()))
    assert watch.watched is None
