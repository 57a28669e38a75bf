"""Heads for tests, from text.

Rule of this file: what it makes could have come over the wire; the parser that reads the wire reads these, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from webproxy.policy import RequestHead, ResponseHead
from webproxy.policy.written import written_request, written_response

FieldsGiven: TypeAlias = Mapping[str, str] | Iterable[tuple[str, str]]


def request(
    method: str = "GET",
    target: str = "/",
    fields: FieldsGiven = (),
    *,
    body: int | None = 0,
    client: str = "203.0.113.7",
    user: str | None = None,
    exchange_id: str = "exchange-1",
) -> RequestHead:
    """Make the head of a request.

    :param target: as it stands in the request line, ``/api/chat?x=1``.
    :param fields: as a mapping, or as pairs where a name repeats; a Host is added when there is none.
    :param body: its length in bytes; ``None`` makes it chunked.
    :param client: address of the client.
    :param user: who was recognised.
    :param exchange_id: as in the log.
    :raises ClientProtocolError: the proxy would refuse it, and no policy would see it.
    """
    given = _pairs(fields)
    if body is None:
        given.append(("Transfer-Encoding", "chunked"))
    elif body:
        given.append(("Content-Length", str(body)))
    return RequestHead(written_request(method, target, given), client, user, exchange_id.encode())


def response(
    status: int = 200, fields: FieldsGiven = (), *, body: int | None = None, method: str = "GET"
) -> ResponseHead:
    """Make the head of an answer.

    :param fields: as for :func:`request`.
    :param body: its length in bytes; ``None``, unless the fields say it, lets it last until close.
    :param method: of the request it answers.
    :raises UpstreamProtocolError: the proxy would refuse it, and no policy would see it.
    """
    given = _pairs(fields)
    if body is not None:
        given.append(("Content-Length", str(body)))
    return ResponseHead(written_response(method, status, given))


def _pairs(fields: FieldsGiven) -> list[tuple[str, str]]:
    return list(fields.items() if isinstance(fields, Mapping) else fields)
