"""Who plays: clients, the internal service, and a policy that has moods.

Rule of this file: the players obey the rules of transports (nothing comes in over one that is paused or ended, every
end is told once) and no other rule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.internet import error
from twisted.python.failure import Failure

from tests.fuzz import material
from tests.handshake import SWITCH
from tests.independent import Message, requests
from webproxy.policy import Policy, Verdict, reject

if TYPE_CHECKING:
    from random import Random

    from tests.fuzz.game import Game
    from tests.wire import Side

TLS = b"\x16"
"""How a ClientHello begins: we ask a service that hangs up whether it speaks TLS."""


class Player:
    """One far end of a connection.

    :ivar due: what it has yet to say.
    :ivar said: what it has said.
    :ivar seen: what it was sent.
    :ivar left: it has closed, or knows that we have.
    :ivar preface: the PROXY header that it must begin with, or nothing that it says counts.
    """

    def __init__(self, side: Side, due: bytes = b"") -> None:
        self.side = side
        self.due = due
        self.preface = b""
        self.said = b""
        self.seen = b""
        self.left = False

    @property
    def open(self) -> bool:
        """Whether what it says reaches us."""
        return not self.left and self.side.end in {"", "finished"} and self.side.read_from

    def says(self, rng: Random) -> None:
        """Say some more."""
        size = material.portion(rng, self.due)
        piece, self.due = self.due[:size], self.due[size:]
        self.said += piece
        self.side.says(piece)

    def listens(self) -> bytes:
        """What is new since it last listened."""
        new = self.side.sees()
        self.seen += new
        return new

    def leaves(self, reason: Exception | None = None) -> None:
        """The connection is over, by its own doing or by ours."""
        self.listens()
        self.left = True
        if reason is None:
            reason = error.ConnectionAborted() if self.side.end == "aborted" else error.ConnectionDone()
        self.side.transport.protocol.connectionLost(Failure(reason))


class Service(Player):
    """A connection to the internal service: answers every request, soundly if it is honest.

    :ivar switched: it speaks another protocol now.
    :ivar ends: its last answer was to be the last over this connection.
    :ivar closes: only its end ends that answer.
    """

    def __init__(self, side: Side, game: Game) -> None:
        super().__init__(side)
        self._game = game
        self._unread = b""
        self._answered = False
        self.switched = False
        self.ends = False
        self.closes = False

    def listens(self) -> bytes:
        """Read; an answer to each head that came is due."""
        new = super().listens()
        self._unread += new
        while new and not self.switched and not self._unread.startswith(TLS):
            (request,) = requests(self._unread, most=1) or (None,)
            if request is None:
                break
            if not self._answered:
                assert not self.ends, "asked over a connection that was to close"
                self._answer(request)
            self._answered = not request.complete
            if not request.complete:
                break
            self._unread = request.rest
        return new

    def _answer(self, request: Message) -> None:
        """Say something to a request, as soon as its head is there."""
        game, rng = self._game, self._game.rng
        asked_to_switch = (b"upgrade", b"websocket") in request.fields
        switches = rng.random() < 0.8
        self.switched = asked_to_switch and (switches or not game.honest)  # what else it says may be a switch too
        if asked_to_switch and switches:
            self.due += SWITCH + rng.randbytes(20)
            return
        answer = game.answer_to(request)
        data = answer.head + answer.coded
        if game.honest:
            self.ends = answer.last or answer.lasts
            self.closes = answer.lasts
        elif rng.random() < 0.5:
            data = rng.choice((data, data, rng.choice(material.ROWS_OUT), SWITCH + data))
            data = material.mutated(rng, data, material.ROWS_OUT) if rng.random() < 0.8 else data
        self.due += data


class Moody(Policy):
    """Rejects what it does not like, before or after the internal service was asked."""

    name = "moody"

    def __init__(self, rng: Random) -> None:
        self._rng = rng

    def request_received(self, request: object) -> Verdict | None:
        return reject(403, "not today") if self._rng.random() < 0.05 else None

    def response_received(self, request: object, response: object, current: object) -> Verdict | None:
        return reject(502, "not like this") if self._rng.random() < 0.05 else None
