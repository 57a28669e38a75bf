"""Short answers: JSON, plain text, and the refusal of a wrong query.

Everything here is complete when it is sent; what flows piece by piece is in :mod:`webproxy.demo.flow`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET

if TYPE_CHECKING:
    from twisted.web.server import Request

PLAIN = b"text/plain; charset=utf-8"
JSON = b"application/json"


class QueryError(Exception):
    """The client asked for something that the demo service does not have; the text is one sentence for it.

    :param status: status code of the answer (RFC 9110 §15.5).
    """

    def __init__(self, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.status = status


class Leaf(Resource):
    """A resource without children that answers a wrong query with a sentence."""

    isLeaf = True

    def render(self, request: Request) -> bytes | int:
        """As every resource does, and refuse what raises :exc:`QueryError`."""
        try:
            answer: bytes | int = super().render(request)
        except QueryError as error:
            return self.refuse(request, error)
        return answer

    def refuse(self, request: Request, error: QueryError) -> bytes:
        """The answer to a wrong query, in the shape that the client expects."""
        return answer_text(request, str(error), error.status)


class Range(NamedTuple):
    """The smallest and the largest value that a query may ask for."""

    least: float
    most: float


def as_json(value: object) -> bytes:
    """``value`` as one line of JSON, without the newline."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def answer_json(request: Request, value: object, status: int = 200) -> bytes:
    """Set the fields of a JSON answer that nobody stores, and give its body."""
    request.setResponseCode(status)
    request.setHeader(b"content-type", JSON)
    request.setHeader(b"cache-control", b"no-store")
    return json.dumps(value, ensure_ascii=False, indent=2).encode() + b"\n"


def answer_text(request: Request, text: str, status: int = 200) -> bytes:
    """Set the fields of a plain text answer, and give its body."""
    request.setResponseCode(status)
    request.setHeader(b"content-type", PLAIN)
    return text.encode() + b"\n"


def finish_not_modified(request: Request, length: int) -> int:
    """Answer 304 with the length of the body that the client has already.

    twisted.web would write a length of 0, which is wrong (RFC 9110 §8.6).
    """
    request.setHeader(b"content-length", b"%d" % length)
    request.write(b"")
    request.finish()
    return NOT_DONE_YET


def query_number(request: Request, name: str, default: float, allowed: Range) -> float:
    """A number from the request's query.

    :param default: what it is when the query does not name it.
    :raise QueryError: it is not a number, or outside ``allowed``.
    """
    values = (request.args or {}).get(name.encode())
    if not values:
        return default
    try:
        number = float(values[-1])
    except ValueError:
        number = float("nan")
    if not allowed.least <= number <= allowed.most:
        shown = values[-1].decode("utf-8", "backslashreplace")
        raise QueryError(f"{name}={shown}: a number from {allowed.least:g} to {allowed.most:g} would be right")
    return number
