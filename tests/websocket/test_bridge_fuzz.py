"""Two sides that say anything, at any pace, in any pieces; wsproto speaks for both, and judges.

Of honest ones each hears what the other said. Whatever a dishonest one says, what goes on is sound.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from wsproto.connection import Connection, ConnectionType
from wsproto.events import BytesMessage, Message, Ping, Pong, TextMessage
from wsproto.extensions import PerMessageDeflate
from wsproto.frame_protocol import FrameProtocol

from tests.websocket.stage import Stage
from webproxy.websocket.compression import accept, agreed, first_usable

if TYPE_CHECKING:
    from webproxy.websocket.leg import Leg

GAMES = 60


class Player:
    """One side: what it says, and what it heard."""

    def __init__(self, kind: ConnectionType, leg: Leg, book: Any, *, deflate: bool) -> None:
        self.connection = Connection(kind, extensions=[deflating(kind)] if deflate else [])
        self.leg = leg
        self.book = book
        self.said: list[Any] = []
        self.heard: list[Any] = []
        self._open = False

    def speaks(self, rng: Random) -> bytes:
        """Something sound, and what of it is to be heard."""
        data = b""
        for _ in range(rng.randint(1, 4)):
            kind = rng.random()
            if kind < 0.2:
                event: Any = rng.choice((Ping, Pong))(rng.randbytes(rng.randint(0, 125)))
                self.said.append(event)
                data += self.connection.send(event)
            elif kind < 0.6:
                text = "".join(rng.choices("aä€😀 ", k=rng.choice((0, 1, 50, 500, 9000))))
                self.said.append(text)
                data += self._in_fragments(rng, TextMessage, text)
            else:
                raw = rng.randbytes(3) * rng.choice((0, 1, 42, 100, 1000, 30_000))
                self.said.append(raw)
                data += self._in_fragments(rng, BytesMessage, raw)
        return data

    def _in_fragments(self, rng: Random, kind: Any, whole: Any) -> bytes:
        cuts = sorted(rng.choices(range(len(whole) + 1), k=rng.choice((0, 0, 1, 3))))
        pieces = [whole[one:other] for one, other in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
        return b"".join(
            self.connection.send(kind(piece, message_finished=at == len(pieces) - 1)) for at, piece in enumerate(pieces)
        )

    def listens(self) -> None:
        """Read what came, message by message."""
        self.connection.receive_data(self.book.sees())
        for event in self.connection.events():
            if not isinstance(event, Message):
                self.heard.append(event)
                continue
            data = bytes(event.data) if isinstance(event, BytesMessage) else event.data
            if self._open:
                self.heard[-1] += data
            else:
                self.heard.append(data)
            self._open = not event.message_finished

    def has_heard(self, other: Player) -> bool:
        """Whether nothing of what ``other`` said is under way any more."""
        return len(self.heard) >= len(other.said) and not self._open


def deflating(kind: ConnectionType) -> PerMessageDeflate:
    """The half of wsproto of what was agreed on."""
    extension = PerMessageDeflate()
    line = "permessage-deflate; client_no_context_takeover; server_no_context_takeover"
    if kind is ConnectionType.CLIENT:
        extension.finalize(line)
    else:
        extension.accept(line)
    return extension


def begun(*, deflate: bool, room: float) -> tuple[Stage, Player, Player]:
    stage = Stage()
    deflates: Any = (None, None)
    if deflate:
        line, theirs = accept(first_usable([("permessage-deflate", {})]))
        deflates = (theirs, agreed(line + b"; server_no_context_takeover", offered=True))
    for book in (stage.client, stage.upstream):
        book.transport.room = room
    bridge = stage.bridge(deflates=deflates)
    bridge.begin(b"", b"")
    client = Player(ConnectionType.CLIENT, bridge.client, stage.client, deflate=deflate)
    service = Player(ConnectionType.SERVER, bridge.upstream, stage.upstream, deflate=deflate)
    return stage, client, service


def pieces(rng: Random, data: bytes) -> list[bytes]:
    """The same bytes as they may come in."""
    found = []
    while data:
        size = rng.choice((1, 2, 7, 100, 4097, 70_000))
        found.append(data[:size])
        data = data[size:]
    return found


@pytest.mark.parametrize("deflate", [False, True], ids=["plain", "deflated"])
@pytest.mark.parametrize("room", [float("inf"), 3000], ids=["fast", "slow"])
def test_each_side_hears_what_the_other_said(deflate: bool, room: float) -> None:
    for seed in range(GAMES):
        rng = Random(seed)
        stage, client, service = begun(deflate=deflate, room=room)
        waiting = {client: pieces(rng, client.speaks(rng)), service: pieces(rng, service.speaks(rng))}
        for _ in range(100_000):
            speaker = rng.choice((client, service))
            if waiting[speaker] and stage_reads(speaker):
                speaker.leg.dataReceived(waiting[speaker].pop(0))
            stage.clock.advance(0)
            for player in (client, service):
                if rng.random() < 0.5:
                    player.listens()
                    player.book.transport.producer.resumeProducing()
            if not any(waiting.values()) and client.has_heard(service) and service.has_heard(client):
                break
        assert client.heard == service.said, seed
        assert service.heard == client.said, seed
        assert not stage.record.closed_by, (seed, stage.record.note)


def stage_reads(player: Player) -> bool:
    reading: bool = player.book.transport.reading
    return reading


@pytest.mark.parametrize("deflate", [False, True], ids=["plain", "deflated"])
def test_whatever_a_side_says_what_goes_on_is_sound(deflate: bool) -> None:
    broken = heard = 0
    for seed in range(GAMES * 5):
        rng = Random(seed)
        stage, client, service = begun(deflate=deflate, room=float("inf"))
        liar, other = rng.choice(((client, service), (service, client)))
        data = bytearray(liar.speaks(rng))
        for _ in range(rng.randint(1, 5)):
            if data:
                data[rng.choice((0, 1, rng.randrange(len(data)))) % len(data)] = rng.randrange(256)
        for piece in pieces(rng, bytes(data) + rng.randbytes(rng.choice((0, 20)))):
            liar.leg.dataReceived(piece)
            stage.clock.advance(0)
        judge = FrameProtocol(other is client, other.connection._proto.extensions)
        judge.receive_bytes(other.book.sees())
        frames = list(judge.received_frames())  # raises on whatever is not sound
        heard += len(frames)
        if stage.record.closed_by:
            broken += 1
            assert liar.leg.told, seed
            assert other.leg.told or other.leg.owed, seed
        stage.passes(7)
        assert stage.record.closed_by or stage.client.transport.end == "" or liar.leg.deaf
    assert broken > GAMES
    assert heard > broken
