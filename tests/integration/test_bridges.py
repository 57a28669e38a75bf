"""WebSockets in frames mode, on real sockets, between wsproto's client and wsproto's server."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted
from twisted.internet.error import ConnectionDone
from wsproto.events import BytesMessage, CloseConnection, Ping, Pong, TextMessage

from tests.handshake import ASK, SWITCH
from tests.integration.live import live
from tests.integration.sockets import BOTH, Sockets, in_order, opened, records

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.integration.live import Live


@pytest.mark.parametrize("offered", [False, True], ids=["plain", "offered"])
@pytest.mark.parametrize("agreed", [False, True], ids=["refused", "agreed"])
@pytest_twisted.ensureDeferred
async def test_messages_pass_both_ways_deflated_where_that_was_agreed(
    reactor: Any, offered: bool, agreed: bool
) -> None:
    async with live(reactor, Sockets(reactor, deflate=agreed), websocket="frames") as proxy:
        client, service = await opened(proxy, deflate=offered, subprotocols=["chat", "superchat"])
        assert service.asked is not None
        assert client.accepted is not None
        assert bool(service.asked.extensions) is offered
        assert bool(client.accepted.extensions) is (offered and agreed)
        assert client.accepted.subprotocol == "superchat"
        cookies = [value for name, value in client.accepted.extra_headers if name.lower() == b"set-cookie"]
        assert cookies == [b"a=1", b"b=2"]
        for one, other in ((client, service), (service, client)) * 2:
            for data in ("", "grüß dich", "x" * 125, "x" * 126, "€" * 30_000):
                one.tells(TextMessage(data))
                assert (await other.message())[0] == data
            for raw in (b"", b"\0\xff" * 100, b"\0" * 70_000, bytes(range(256)) * 5000):
                one.tells(BytesMessage(raw))
                assert (await other.message())[0] == raw


@BOTH
@pytest_twisted.ensureDeferred
async def test_fragments_and_what_comes_between_them_pass_in_order(reactor: Any, first: str) -> None:
    async with live(reactor, Sockets(reactor), websocket="frames") as proxy:
        one, other = in_order(*await opened(proxy), first)
        one.tells(TextMessage("grü", message_finished=False))
        one.tells(Ping(b"between"))
        one.tells(TextMessage("ß ", message_finished=False))
        one.tells(TextMessage("dich"))
        assert await one.gets(Pong) == Pong(b"between")
        assert await other.gets(Ping) == Ping(b"between")
        assert (await other.message())[0] == "grüß dich"


@BOTH
@pytest_twisted.ensureDeferred
async def test_a_frame_goes_on_before_it_is_here(reactor: Any, first: str) -> None:
    async with live(reactor, Sockets(reactor), websocket="frames") as proxy:
        one, other = in_order(*await opened(proxy), first)
        frame = one.socket.send(BytesMessage(b"x" * 1_000_000))
        one.says(frame[:1000])
        await other.until(lambda: bool(other.heard))
        for at in range(1000, len(frame), 99_999):
            one.says(frame[at : at + 99_999])
        assert (await other.message())[0] == b"x" * 1_000_000


@BOTH
@pytest_twisted.ensureDeferred
async def test_a_close_and_its_answer_go_from_end_to_end(reactor: Any, first: str) -> None:
    async with live(reactor, Sockets(reactor), websocket="frames") as proxy:
        kept = records(proxy)
        client, service = await opened(proxy)
        one, other = in_order(client, service, first)
        one.answers = one is client
        began = monotonic()
        one.tells(CloseConnection(4001, "enough"))
        told = await other.gets(CloseConnection)
        assert (told.code, told.reason) == (4001, "enough")
        answer = await one.gets(CloseConnection)
        assert (answer.code, answer.reason) == (4001, "enough")
        await client.gone()
        service.link.loseConnection()
        await service.gone()
        assert monotonic() - began < 1
        await service.until(lambda: bool(kept))
        assert (kept[0].status, kept[0].closed_by) == (101, "")
        assert client.reason is not None
        assert client.reason.check(ConnectionDone)


@BOTH
@pytest_twisted.ensureDeferred
async def test_rfc6455_7_1_5_who_leaves_without_a_close_takes_the_other_along_without_one(
    reactor: Any, first: str
) -> None:
    async with live(reactor, Sockets(reactor), websocket="frames") as proxy:
        kept = records(proxy)
        one, other = in_order(*await opened(proxy), first)
        one.link.loseConnection()
        began = monotonic()
        assert await other.gone() - began < 1
        assert not other.heard
        await other.until(lambda: bool(kept))
        assert (kept[0].closed_by, kept[0].note) == (
            "client" if first == "client" else "upstream",
            "it left without a Close",
        )


@BOTH
@pytest_twisted.ensureDeferred
async def test_a_reset_passes_as_a_reset(reactor: Any, first: str) -> None:
    async with live(reactor, Sockets(reactor), websocket="frames") as proxy:
        one, other = in_order(*await opened(proxy), first)
        one.link.abortConnection()
        await other.gone()
        assert other.reason is not None
        assert not other.reason.check(ConnectionDone)


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (b"\x81\x02hi", 1002),  # not masked
        (b"\xc1\x82\0\0\0\0hi", 1002),  # RSV1 without an extension
        (b"\x83\x82\0\0\0\0hi", 1002),  # a reserved opcode
        (b"\x80\x82\0\0\0\0hi", 1002),  # a continuation of nothing
        (b"\x09\x80\0\0\0\0", 1002),  # a ping in fragments
        (b"\x81\x82\0\0\0\0\xc3\x28", 1007),  # not UTF-8
        (b"\x81\x82\0\0\0\0x\xc3", 1007),  # UTF-8 that ends within a character
        (b"\x88\x82\0\0\0\0\x03\xec", 1002),  # a Close with 1004
        (b"\x88\x81\0\0\0\0\x03", 1002),  # a Close with half a code
    ],
)
@pytest_twisted.ensureDeferred
async def test_who_breaks_the_rules_is_told_and_the_other_side_too(reactor: Any, frame: bytes, code: int) -> None:
    async with live(reactor, Sockets(reactor), websocket="frames") as proxy:
        kept = records(proxy)
        client, service = await opened(proxy)
        client.says(frame + b"\x81\x82\0\0\0\0hi" * 1000)
        told = await client.gets(CloseConnection)
        assert told.code == code
        other = await service.gets(CloseConnection)
        assert other.code == 1001
        assert not service.heard
        await client.gone()
        await service.gone()
        await service.until(lambda: bool(kept))
        assert kept[0].closed_by == "client"
        assert kept[0].note


@pytest_twisted.ensureDeferred
async def test_a_service_that_breaks_the_rules_gets_its_client_1011(reactor: Any) -> None:
    async with live(reactor, Sockets(reactor), websocket="frames") as proxy:
        kept = records(proxy)
        client, service = await opened(proxy)
        service.says(b"\x81\x82\0\0\0\0hi")
        assert (await client.gets(CloseConnection)).code == 1011
        assert (await service.gets(CloseConnection)).code == 1002
        await client.gone()
        await client.until(lambda: bool(kept))
        assert kept[0].closed_by == "upstream"


@BOTH
@pytest_twisted.ensureDeferred
async def test_who_does_not_read_makes_the_other_wait_and_loses_nothing(reactor: Any, first: str) -> None:
    size, pieces = 1_000_000, 30
    async with live(reactor, Sockets(reactor), websocket="frames") as proxy:
        one, other = in_order(*await opened(proxy), first)
        other.link.pauseProducing()
        for _ in range(pieces):
            one.tells(BytesMessage(b"x" * size))
        await proxy.passes(0.3)
        seen = sum(leg.count for leg in legs(proxy))
        assert seen < 20_000_000
        other.link.resumeProducing()
        for _ in range(pieces):
            assert len((await other.message())[0]) == size


def legs(proxy: Live) -> Iterator[Any]:
    for channel in proxy.service.site.channels:
        bridge: Any = channel.successor
        yield bridge.client
        yield bridge.upstream


@pytest_twisted.ensureDeferred
async def test_bytes_right_behind_either_handshake_arrive(reactor: Any) -> None:
    async with live(reactor, websocket="frames") as proxy:
        client = await proxy.client()
        client.says(ASK + b"\x81\x85\0\0\0\0early")
        service = await proxy.internal.peer()
        await service.hears(b"\r\n\r\n")
        service.says(SWITCH + b"\x81\x05frame")
        await client.hears(SWITCH + b"\x81\x05frame")
        await service.hears(b"\x81\x85")
        await service.until(lambda: len(service.received) == 9)


@pytest.mark.parametrize(
    "line",
    [
        b"Sec-WebSocket-Extensions: x-own\r\n",
        b"Sec-WebSocket-Extensions: permessage-deflate\r\n",
        b"Sec-WebSocket-Protocol: chat\r\n",
    ],
)
@pytest_twisted.ensureDeferred
async def test_rfc6455_4_1_what_was_not_offered_cannot_be_agreed_to(reactor: Any, line: bytes) -> None:
    async with live(reactor, websocket="frames") as proxy:
        client = await proxy.client()
        client.says(ASK)
        service = await proxy.internal.peer()
        await service.hears(b"\r\n\r\n")
        service.says(SWITCH[:-2] + line + b"\r\n")
        assert (await client.hears(b"\r\n\r\n")).startswith(b"HTTP/1.1 502 ")
        await service.gone()
