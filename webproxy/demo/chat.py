"""A conversation with the demo's model, apart from the shape in which a client asks: parse, pace, answer.

The shapes are OpenAI's (:mod:`webproxy.demo.openai`) and Ollama's (:mod:`webproxy.demo.ollama`). A streamed answer
sends its first bytes at once or one interval later, as the shape wants; one that is not streamed is silent until all
of it is generated, as with a real model.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, NamedTuple

from twisted.web.server import NOT_DONE_YET

from webproxy.demo.answer import JSON, Leaf, QueryError, Range, query_number
from webproxy.demo.body import body_of
from webproxy.demo.flow import Flow, Last
from webproxy.demo.tokens import MODEL, count_tokens, reply, tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from twisted.internet.interfaces import IReactorTime
    from twisted.web.server import Request

    from webproxy.demo.tally import Tallies

INTERVALS = Range(0, 3600)
"""Seconds between two pieces that a query may ask for."""
COUNTS = Range(1, 1_000_000)
"""Pieces that a query may ask for."""
DEFAULT_INTERVAL = 0.05


class Question(NamedTuple):
    """What a client asks for, whatever the shape.

    :ivar model: the model's name, given back as it came.
    :ivar text: what the user wrote last.
    :ivar stream: whether the reply comes token by token.
    :ivar limit: how many tokens the client wants at most; ``None`` for all.
    """

    model: str
    text: str
    stream: bool
    limit: int | None


class Telling:
    """One reply on its way: its tokens, and what there is to say about them at the end.

    :ivar sent: tokens given out so far.
    :ivar cut: whether the limit, not the text, ended it.
    """

    def __init__(self, question: Question, count: int | None, seconds: Callable[[], float]) -> None:
        text = reply(question.text)
        asked = count or count_tokens(text)
        allowed = asked if question.limit is None else min(asked, question.limit)
        self.question = question
        self.cut = allowed < asked
        self.sent = 0
        self.heard = count_tokens(question.text)
        self._tokens = tokens(text, allowed)
        self._seconds = seconds
        self._began = seconds()

    def __iter__(self) -> Iterator[str]:
        for token in self._tokens:
            self.sent += 1
            yield token

    @property
    def took(self) -> float:
        """Seconds since it began."""
        return self._seconds() - self._began


class ChatResource(Leaf, ABC):
    """Answers a question; a subclass gives the shape.

    :param clock: gives the pace.
    :param tallies: where the stream is counted.
    """

    content_type = JSON

    def __init__(self, clock: IReactorTime, tallies: Tallies) -> None:
        super().__init__()
        self._clock = clock
        self._tallies = tallies

    def render_POST(self, request: Request) -> int:
        """Answer at the pace of the query's ``interval``, with ``count`` tokens if the query says so."""
        question = self.question(read_json(request))
        interval = query_number(request, "interval", DEFAULT_INTERVAL, INTERVALS)
        count = int(query_number(request, "count", 0, Range(0, COUNTS.most)))
        telling = Telling(question, count or None, self._clock.seconds)
        if question.stream:
            set_stream_fields(request, self.content_type)
            pieces = self.stream(telling)
        else:
            pieces = self._silent(request, telling)
        Flow(self._clock, request, self._counted(pieces), interval, self._tallies.streams).start()
        return NOT_DONE_YET

    @abstractmethod
    def question(self, asked: dict[str, Any]) -> Question:
        """Read the client's JSON.

        :raise QueryError: it is not of this shape.
        """

    @abstractmethod
    def stream(self, telling: Telling) -> Iterator[bytes]:
        """The streamed answer, one piece an interval."""

    @abstractmethod
    def whole(self, telling: Telling, text: str) -> bytes:
        """The answer in one piece, after all of its tokens."""

    def _silent(self, request: Request, telling: Telling) -> Iterator[bytes]:
        text = ""
        for token in telling:
            yield b""
            text += token
        body = self.whole(telling, text)
        request.setHeader(b"content-type", JSON)
        request.setHeader(b"content-length", b"%d" % len(body))
        yield Last(body)

    def _counted(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            self._tallies.pieces += 1
            yield piece


def read_json(request: Request) -> dict[str, Any]:
    """The JSON object in a request's body.

    :raise QueryError: there is none, or it is too large to be a question.
    """
    body = body_of(request)
    if not body.is_whole:
        raise QueryError("this is longer than any question that the demo service answers", 413)
    try:
        value = json.loads(body.read())
    except (ValueError, RecursionError) as error:
        raise QueryError("the body is not JSON") from error
    if not isinstance(value, dict):
        raise QueryError("the body is not a JSON object")
    return value


def last_message(asked: dict[str, Any]) -> str:
    """The text of the last message of a conversation, as OpenAI and Ollama write it.

    :raise QueryError: there are no messages.
    """
    try:
        content = asked["messages"][-1]["content"]
    except (KeyError, IndexError, TypeError) as error:
        raise QueryError("messages: a list of objects with role and content would be right") from error
    if isinstance(content, list):  # OpenAI: parts, of which some are text
        content = " ".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return str(content)


def whole_number(value: object, name: str) -> int | None:
    """A limit from JSON: a number of tokens, or ``None`` for no limit (absent, ``null`` or negative).

    :raise QueryError: it is something else.
    """
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool):
        raise QueryError(f"{name}: a whole number would be right")
    return None if value < 0 else value


def model_name(asked: dict[str, Any]) -> str:
    """The model that a client named; every name is right."""
    return str(asked.get("model") or MODEL)


def set_stream_fields(request: Request, content_type: bytes) -> None:
    """The fields of an answer that must reach the client piece by piece."""
    request.setHeader(b"content-type", content_type)
    request.setHeader(b"cache-control", b"no-cache")
    request.setHeader(b"x-accel-buffering", b"no")
