"""Relays between real connections, on whichever reactor the tests run: through pipes, and copying."""

from __future__ import annotations

from contextlib import suppress
from hashlib import sha256
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.task import deferLater

from tests.net.relaying import MIB, joint
from tests.peers import logged_failures, until
from webproxy.net.pipe_pool import PipePool

if TYPE_CHECKING:
    from tests.net.relaying import Joint
    from tests.peers import FarEnd

SILENCE = 0.05


@pytest.fixture(params=["pipes", "copies"])
def pipes(request: pytest.FixtureRequest) -> PipePool:
    """A pool that lends pipes, or none."""
    return PipePool(40 if request.param == "pipes" else 0)


async def say(reactor: Any, near: FarEnd, data: bytes) -> None:
    """Say more than the sockets' queues hold."""
    rest = memoryview(data)
    while rest:
        with suppress(BlockingIOError):
            rest = rest[near.sock.send(rest[:MIB]) :]
        await deferLater(reactor, 0.001)


async def say_until_stalled(the: Joint, data: bytes) -> int:
    """Say ``data`` until nobody takes it any more; how much was said."""
    said = 0
    while "stalled" not in the.owner.events:
        with suppress(BlockingIOError):
            said += the.near.sock.send(data[said : said + 65536])
        await deferLater(the.reactor, 0.001)
    return said


async def both(saying: Any, hearing: Any) -> bytes:
    """Say and hear at the same time."""
    _, heard = await gatherResults([Deferred.fromCoroutine(saying), Deferred.fromCoroutine(hearing)])
    return bytes(heard)


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("size", [1, 65537, 5 * MIB + 1])
async def test_every_byte_arrives_and_is_counted(reactor: Any, pipes: PipePool, size: int) -> None:
    said = Random(size).randbytes(size)
    async with joint(reactor, pipes) as the:
        relay = the.join(size)
        saying = say(reactor, the.near, said)
        heard = await both(saying, the.far.read_exactly(size))
        assert await the.ended() == ["over"]
        assert sha256(heard).digest() == sha256(said).digest()
        assert (the.owner.taken, the.owner.given, relay.left) == (size, size, 0)
        assert (pipes.lent, relay.running) == (0, False)


@pytest_twisted.ensureDeferred
async def test_what_was_written_before_goes_first(reactor: Any, pipes: PipePool) -> None:
    async with joint(reactor, pipes) as the:
        the.sink.transport.write(b"x" * 8 * MIB)  # type: ignore[union-attr]
        the.join(4)
        the.near.say(b"last")
        heard = await the.far.read_exactly(8 * MIB + 4)
        assert heard == b"x" * 8 * MIB + b"last"


@pytest_twisted.ensureDeferred
async def test_what_follows_the_length_is_read_as_before(reactor: Any, pipes: PipePool) -> None:
    async with joint(reactor, pipes) as the:
        the.join(4)
        the.near.say(b"bodynext")
        assert await the.far.read_exactly(4) == b"body"
        await until(reactor, lambda: the.source.received == b"next", "the rest was read")
        assert the.owner.events == ["over"]
        the.source.transport.write(b"the other way")  # type: ignore[union-attr]
        assert await the.near.read_exactly(13) == b"the other way"
        the.sink.transport.write(b"our own")  # type: ignore[union-attr]
        assert await the.far.read_exactly(7) == b"our own"


@pytest_twisted.ensureDeferred
async def test_the_other_directions_are_as_before_while_it_runs(reactor: Any, pipes: PipePool) -> None:
    async with joint(reactor, pipes) as the:
        relay = the.join()
        the.far.say(b"from the sink")
        await until(reactor, lambda: the.sink.received == b"from the sink", "the sink was read")
        the.source.transport.write(b"to the source")  # type: ignore[union-attr]
        assert await the.near.read_exactly(13) == b"to the source"
        relay.stop()


@pytest_twisted.ensureDeferred
async def test_two_relays_make_a_tunnel(reactor: Any, pipes: PipePool) -> None:
    async with joint(reactor, pipes) as the:
        there = the.join()
        back = the.relays.join(the.sink.transport, the.source.transport, the.owner)  # type: ignore[arg-type]
        assert back is not None
        for turn in range(20):
            the.near.say(b"ping%d" % turn)
            assert await the.far.read_exactly(5 + turn // 10) == b"ping%d" % turn
            the.far.say(b"pong%d" % turn)
            assert await the.near.read_exactly(5 + turn // 10) == b"pong%d" % turn
        assert pipes.lent == 0, "a pipe is lent only while something is in it"
        there.stop()
        back.stop()


@pytest_twisted.ensureDeferred
async def test_until_the_source_ends(reactor: Any, pipes: PipePool) -> None:
    async with joint(reactor, pipes) as the:
        the.join()
        the.near.say(b"all there is")
        the.near.finish()
        assert await the.ended() == ["over"]
        assert await the.far.read_exactly(12) == b"all there is"
        await until(reactor, lambda: the.source.lost, "the transport saw the end itself")
        assert the.source.reason.__class__.__name__ == "ConnectionDone"
        assert the.sink.events == ["made"]


@pytest_twisted.ensureDeferred
async def test_a_source_that_ends_before_the_length_is_not_mistaken_for_whole(reactor: Any, pipes: PipePool) -> None:
    async with joint(reactor, pipes) as the:
        relay = the.join(10)
        the.near.say(b"too short")
        the.near.close()
        assert await the.ended() == ["over"]
        assert (relay.left, the.owner.given) == (1, 9)


@pytest_twisted.ensureDeferred
async def test_a_source_that_resets_has_failed(reactor: Any, pipes: PipePool) -> None:
    async with joint(reactor, pipes) as the:
        the.join()
        the.near.say(b"torn")
        assert await the.far.read_exactly(4) == b"torn"
        the.near.reset()
        (told,) = await the.ended()
        assert told.startswith("source: [Errno 104]")


@pytest_twisted.ensureDeferred
async def test_a_sink_that_resets_has_failed_or_told_its_transport(reactor: Any, pipes: PipePool) -> None:
    async with joint(reactor, pipes) as the:
        relay = the.join()
        the.far.reset()
        while relay.running and not the.sink.lost:
            await say(reactor, the.near, b"x")
            await deferLater(reactor, 0.001)
        relay.abandon()
        assert pipes.lent == 0
        assert not the.source.lost


@pytest_twisted.ensureDeferred
async def test_a_full_sink_holds_the_source_back_without_spinning(reactor: Any, pipes: PipePool) -> None:
    async with joint(reactor, pipes, receive_buffer=65536) as the:
        the.join(16 * MIB)
        said = await say_until_stalled(the, bytes(16 * MIB))
        turns = count_turns(the)
        await deferLater(reactor, SILENCE)
        assert turns == [] or len(turns) < 5
        assert the.owner.taken - the.owner.given <= MIB
        saying = say(reactor, the.near, bytes(16 * MIB - said))
        await both(saying, the.far.read_exactly(16 * MIB))
        assert await the.ended() == ["over"]
        pauses = [event for event in the.owner.events if event != "over"]
        assert set(pauses[::2]) == {"stalled"}
        assert set(pauses[1::2]) <= {"ready"}


def count_turns(the: Joint) -> list[int]:
    """Each time that the sets are looked at, from now on."""
    turns: list[int] = []
    for ready in the.relays._sets or ():
        look = ready.doRead

        def count(look: Any = look) -> None:
            turns.append(1)
            look()

        ready.doRead = count  # type: ignore[method-assign]
    return turns


@pytest_twisted.ensureDeferred
async def test_a_watched_source_that_leaves_is_noticed_though_the_sink_is_full(reactor: Any, pipes: PipePool) -> None:
    async with joint(reactor, pipes, receive_buffer=65536) as the:
        the.join(1024 * MIB, watching=True)
        await say_until_stalled(the, bytes(16 * MIB))
        the.near.close()
        (told,) = await the.ended()
        assert told == "source: left while the other side did not keep up"
        assert pipes.lent == 0


@pytest_twisted.ensureDeferred
async def test_stopped_it_hands_over_what_was_on_the_way(reactor: Any, pipes: PipePool) -> None:
    said = Random(1).randbytes(12 * MIB)
    async with joint(reactor, pipes, receive_buffer=65536) as the:
        relay = the.join()
        at = await say_until_stalled(the, said)
        assert "giving" in repr(relay)
        rest = relay.stop()
        assert len(rest) == the.owner.taken - the.owner.given > 0
        assert (relay.stop(), pipes.lent) == (b"", 0)
        heard = await both(say(reactor, the.near, said[at:]), the.far.read_exactly(the.owner.given))
        await until(reactor, lambda: len(heard + rest + the.source.received) == len(said), "everything was read")
        assert heard + rest + the.source.received == said
        assert "over" in repr(relay)


@pytest_twisted.ensureDeferred
async def test_an_owner_that_raises_costs_both_connections_and_no_pipe(reactor: Any, pipes: PipePool) -> None:
    async with joint(reactor, pipes) as the:

        def fail(taken: int, given: int) -> None:
            raise ZeroDivisionError

        the.owner.moved = fail  # type: ignore[method-assign]
        with logged_failures() as failures:
            the.join()
            the.near.say(b"x")
            await until(reactor, lambda: the.source.lost and the.sink.lost, "both ended")
        assert [type(failure) for failure in failures] == [ZeroDivisionError]
        assert pipes.lent == 0


@pytest.mark.parametrize("when", ["moved", "sink_stalled"])
@pytest_twisted.ensureDeferred
async def test_an_owner_may_stop_it_at_any_time(reactor: Any, pipes: PipePool, when: str) -> None:
    async with joint(reactor, pipes, receive_buffer=65536) as the:
        relay = the.join()
        setattr(the.owner, when, lambda *_: relay.abandon())
        while relay.running:
            await say(reactor, the.near, bytes(65536))
            await deferLater(reactor, 0.001)
        assert pipes.lent == 0
        the.source.received = b""
        the.near.say(b"read by Python")
        await until(reactor, lambda: the.source.received.endswith(b"Python"), "the source is read")
