"""What must hold of any game, however it was played.

Rule of this file: what was written is read by ``tests.independent``, which knows nothing of ours; what was said decides
what may have been written, never the other way round.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from tests.fuzz.players import TLS
from tests.independent import MalformedError, Message, answers, requests

if TYPE_CHECKING:
    from tests.fuzz.game import Game
    from tests.fuzz.players import Player, Service

ABSOLUTE = re.compile(rb"https?://[^/?]*(.*)", re.IGNORECASE)
# PROXY protocol: a line of version 1 (§2.1), the fixed part of version 2 (§2.2)
PREFACE = re.compile(rb"PROXY [^\r\n]*\r\n|\r\n\r\n\0\r\nQUIT\n[\x20\x21].(?P<length>..)", re.DOTALL)
ALERT = bytes((21, 3, 1, 0, 2, 2, 40))
REPEATABLE = {b"GET", b"HEAD", b"OPTIONS", b"TRACE", b"PUT", b"DELETE"}


def judge(game: Game) -> None:
    """Look at everything that a game has left behind.

    :raises AssertionError: something does not hold.
    """
    assert_nothing_is_left(game)
    asked = {client.side.protocol.client: client for client in game.clients}
    forwarded = [message for service in game.services for message in assert_well_formed(service)]
    for address, client in asked.items():
        own = [message for message in forwarded if of_client(message) == address]
        assert_asked_for(own, sayings(client))
        assert_answered(game, address, client)
    assert len(forwarded) == sum(of_client(message) in asked for message in forwarded)


def assert_nothing_is_left(game: Game) -> None:
    """No connection, no timer, no exchange without its record: whatever waited had a deadline."""
    wire = game.wire
    assert not [player for player in (*game.clients, *game.services) if not player.left], "somebody still waits"
    assert not wire.site.channels
    assert not wire.pool._all
    assert not wire.pool._resting
    assert not wire.site._neighbours
    assert not wire.reactor.getDelayedCalls()
    assert all(100 <= record.status <= 599 for record in wire.records)


def assert_well_formed(service: Service) -> list[Message]:
    """The service got requests and nothing else; only the last may lack its end, and then we gave it up."""
    data = service.seen
    if data[:1] == TLS:  # we asked it whether it speaks TLS
        return []
    found: list[Message] = []
    while data:
        (message,) = requests(data, most=1)
        found.append(message)
        if (b"upgrade", b"websocket") in message.fields:  # what follows may be another protocol
            break
        data = message.rest
    return found


def of_client(message: Message) -> str:
    """The address of the client that a forwarded request came from."""
    (address,) = [value for name, value in message.fields if name == b"x-forwarded-for"]
    return address.decode()


def sayings(client: Player) -> list[Message]:
    """The requests that somebody else would read from what a client said, as far as they make sense."""
    data = client.said
    if client.preface:  # it is a layer-4 peer; what it was to begin with may have become another header
        header = PREFACE.match(data)
        data = data[header.end() + length_of_rest(header) :] if header is not None else b""
    found: list[Message] = []
    while data:
        while data.startswith(b"\r\n"):
            data = data[2:]
        try:
            following = requests(data, most=1, forgiving=True)
        except MalformedError:
            break
        if not following:
            break
        found += following
        data = following[0].rest
    return found


def length_of_rest(header: re.Match[bytes]) -> int:
    """How many bytes of a PROXY header follow the fixed part that was found: version 2 says so itself."""
    return int.from_bytes(header["length"] or b"", "big")


def assert_asked_for(forwarded: list[Message], said: list[Message]) -> None:
    """Each request that went on was said, whole or as far as it got; none went on twice but what may be repeated."""
    left = list(said)
    repeated: Counter[tuple[bytes, ...]] = Counter()
    for message in sorted(forwarded, key=lambda message: not message.complete):
        mine = next((other for other in left if is_of(message, other)), None)
        if mine is not None:
            left.remove(mine)
            continue
        identity = (*message.start, dict(message.fields)[b"x-request-id"])
        repeated[identity] += 1
        assert message.start[0] in REPEATABLE, f"nobody asked for {message}"
        assert repeated[identity] == 1, f"{message} was sent more than twice"
        assert any(is_of(message, other) for other in said), f"nobody asked for {message}"


def is_of(forwarded: Message, said: Message) -> bool:
    """Whether a forwarded request may be what was said."""
    method, target = said.start
    absolute = ABSOLUTE.fullmatch(target)
    if absolute is not None and not absolute[1].startswith(b"/"):
        target = b"*" if method == b"OPTIONS" and not absolute[1] else b"/" + absolute[1]
    elif absolute is not None:
        target = absolute[1]
    if forwarded.start != (method, target):
        return False
    if forwarded.complete:
        return said.complete and forwarded.body == said.body
    return said.body.startswith(forwarded.body)


def assert_answered(game: Game, address: str, client: Player) -> None:
    """The client got one answer for each exchange of the log, in order; only the last may lack its end."""
    records = [record for record in game.wire.records if record.client == address]
    seen = client.seen
    if records and records[-1].note == "https spoken to the plain port":
        assert TLS in client.said
        assert seen.endswith(ALERT)
        seen, records = seen[: -len(ALERT)], records[:-1]
    switched = [index for index, record in enumerate(records) if record.status == 101]
    if switched:
        head = records[switched[0]].head
        assert head is not None
        assert head.websocket, "switched without being asked to"
        records = records[: switched[0]]
        seen = seen[: seen.index(b"HTTP/1.1 101 ")]
    methods = [record.head.method for record in records if record.head is not None]
    got = answers(seen, methods, closed=client.side.transport.ended_well)
    statuses = [b"%d" % record.status for record in records]
    assert [answer.start[0] for answer in got] == statuses[: len(got)]
    assert all(answer.complete for answer in got[:-1])
    assert not any((b"connection", b"close") in answer.fields for answer in got[:-1])
    for answer, record in zip(got, records, strict=False):
        assert answer.complete or record.closed_by, f"the log takes this for a success: {answer}"
        if game.honest:
            assert_as_told(game, answer, record.id)
    assert len(got) == len(records) or records[len(got)].closed_by
    if game.calm:
        assert not [record for record in records if record.closed_by], "nobody gave a reason for this"
        assert switched or client.side.end or len(got) == len(sayings(client)), "not everything was answered"


def assert_as_told(game: Game, answer: Message, identity: bytes) -> None:
    """An answer of a service that is honest is what it said, and about what it was asked."""
    name = dict(answer.fields).get(b"x-answer")
    if name in game.told:
        asked, body = game.told[name]
        assert asked == identity
        assert answer.body == body if answer.complete else body.startswith(answer.body)
