"""A game: clients and an internal service that say anything, in any portions, at any time, around one proxy.

Rule of this file: it decides what happens, and when; what must hold all the same is ``judge``'s.
"""

from __future__ import annotations

from math import inf
from random import Random
from typing import TYPE_CHECKING, Any

from twisted.internet import error

from tests.fuzz import material
from tests.fuzz.players import Moody, Player, Service
from tests.wire import Wire
from webproxy.downstream.limits import Limits
from webproxy.policy.chain import Chain
from webproxy.policy.timeout import TimeoutPolicy
from webproxy.resources.policed import Policed

if TYPE_CHECKING:
    from tests.independent import Message

HOSTS = ("10.0.0.9", "203.0.113.1")
GATE = HOSTS[0]
"""Speaks for another, in some games."""


class Game:
    """One game.

    :param seed: decides everything.
    :ivar calm: nobody says anything wrong, leaves early or stops reading.
    :ivar honest: the internal service says nothing wrong.
    :ivar told: its answers: X-Answer -> the id of the request, the body; not those that it repeats.
    """

    def __init__(self, seed: int) -> None:
        rng = self.rng = Random(seed)
        self.calm = rng.random() < 0.2
        self.honest = self.calm or rng.random() < 0.4
        limits = Limits(
            read_ahead=rng.choice((65536, 65536, 200, 16)),
            body=inf if self.calm else rng.choice((inf, inf, 100)),
            linger=rng.choice((1 << 20, 50)),
            upload_rate=rng.choice((0.0, 0.0, 100.0)),
        )
        self.wire = Wire(
            limits=limits,
            idle=rng.choice((60.0, 5.0)),
            on_disconnect=rng.choice(("abort", "drain")),
            wait_upstream=rng.choice((0.0, 30.0)),
            layer_4=[GATE] if rng.random() < 0.2 else [],
        )
        policies = [TimeoutPolicy(default=20, long=40, download=50, websocket=60), *([] if self.calm else [Moody(rng)])]
        if rng.random() < 0.3:
            self.wire.site.root = Policed(Chain(policies), self.wire.forward)
        self.clients = [Player(self.wire.client(host), self._stream(number)) for number, host in enumerate(HOSTS)]
        if GATE in self.wire.site.trust.layer_4:
            gate = self.clients[0]
            gate.preface = rng.choice(material.PREFACES)
            if self.calm or rng.random() < 0.8:
                gate.due = gate.preface + gate.due
        self.services: list[Service] = []
        self.told: dict[bytes, tuple[bytes, bytes]] = {}
        self._repertoire = [material.answer(rng, b"again%d" % number) for number in range(rng.choice((0, 0, 2)))]

    def _stream(self, client: int) -> bytes:
        """Everything that a client is going to say."""
        rng = self.rng
        pieces = [material.request(rng, b"c%dr%d" % (client, number)) for number in range(rng.randint(1, 4))]
        if rng.random() < 0.3:
            pieces = [pieces[0].replace(b"X-Request-Id", b"X-Again")] * len(pieces)
        if self.calm:
            return b"".join(pieces)
        if rng.random() < 0.3:
            pieces.append(rng.choice(material.ROWS_IN))
        rng.shuffle(pieces)
        data = b"".join(pieces)
        return material.mutated(rng, data, material.ROWS_IN) if rng.random() < 0.7 else data

    def answer_to(self, request: Message) -> material.Answer:
        """What the internal service says to a request, when it is honest; in some games it repeats itself."""
        method, identity = request.start[0], dict(request.fields)[b"x-request-id"]
        if self._repertoire:
            return self.rng.choice(self._repertoire).to(method)
        name = b"%d" % len(self.told)
        answer = material.answer(self.rng, name).to(method)
        self.told[name] = (identity, answer.body)
        return answer

    def play(self) -> None:
        """Play to the end: everything said or given up, and every deadline passed."""
        for _ in range(self.rng.choice((20, 60, 200))):
            self._turn()
        for _ in range(self.calm * 20_000):  # it ends long before, unless somebody waits for nothing
            if not any(self._wants(client) for client in self.clients):
                break
            self._turn()
        for player in self._players():
            if not self.calm and self.rng.random() < 0.3:
                self._stall(player)
        for _ in range(16):
            for _ in range(20):
                self._reap()
                self._accept()
                self._say()
            self.wire.passes(20)
            for client in self.clients:
                request = client.side.protocol.request
                if request is not None and request.record.status == 101:
                    self._leave(client)  # a tunnel has no limit but those who use it
        self._reap()

    def _wants(self, client: Player) -> bool:
        """Whether a client has something to say or to hear yet."""
        request = client.side.protocol.request
        running = request is not None and request.record.status != 101
        return not client.left and not client.side.end and (running or bool(client.due))

    def _players(self) -> list[Any]:
        return [*self.clients, *self.services]

    def _turn(self) -> None:
        """Something happens."""
        rng = self.rng
        chance = rng.random()
        if chance < 0.6:
            self._say()
        elif chance < 0.75 or self.calm:
            self._accept()
        elif chance < 0.8:
            self.wire.passes(rng.choice((0.25, 1, 4.5, 16, 70)))
        elif chance < 0.9:
            self._stall(rng.choice(self._players()))
        elif chance < 0.93:
            self._leave(rng.choice(self._players()))
        elif chance < 0.935:
            self.wire.site.drain()
        self._reap()

    def _say(self) -> None:
        """Somebody who has something to say says some of it."""
        for service in self.services:
            service.listens()
        ready = [player for player in self._players() if player.due and player.open]
        if ready:
            self.rng.choice(ready).says(self.rng)
        for service in self.services:
            if service.closes and not service.due and not service.left:
                service.leaves(error.ConnectionDone())

    def _accept(self) -> None:
        """The internal service takes a connection, or does not."""
        wire = self.wire
        while wire.attempts and wire.reactor.tcpClients[wire._answered][2].over:
            wire._answered += 1  # given up meanwhile
        if not wire.attempts:
            return
        if self.rng.random() < 0.1 and not self.calm:
            wire.upstream_refuses()
        else:
            room = inf if self.calm else self.rng.choice((inf, 300))
            self.services.append(Service(wire.upstream(room), self))

    def _stall(self, player: Player) -> None:
        """Somebody stops reading, or goes on."""
        if not player.left and player.side.transport.producer is not None and not player.side.end:
            player.listens()
            self.rng.choice((player.side.stalls, player.side.catches_up))()

    def _leave(self, player: Player) -> None:
        """Somebody hangs up, politely or not."""
        if not player.left and player.side.end in {"", "finished"}:
            # A service that hangs up amid an answer that lasts until close says by a FIN that this was all of it.
            lying = isinstance(player, Service) and player.closes and player.due
            player.leaves(error.ConnectionLost() if lying or self.rng.random() < 0.5 else error.ConnectionDone())

    def _reap(self) -> None:
        """Whoever we have closed learns of it."""
        for player in self._players():
            if not player.left and player.side.end in {"closed", "aborted"}:
                player.leaves()
