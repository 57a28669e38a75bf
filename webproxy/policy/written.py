"""Heads as people write them, for commands and tests: a method, a target and fields, as text.

Rule of this file: text -> heads, through the same parser that reads them from the wire. What the proxy would refuse
is refused here, in the same words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from webproxy.message.parser import parse_request, parse_response

if TYPE_CHECKING:
    from collections.abc import Iterable

    from webproxy.message.head import RequestHead, ResponseHead


def written_request(method: str, target: str, fields: Iterable[tuple[str, str]] = ()) -> RequestHead:
    """Read a request's head.

    :param target: as it stands in the request line.
    :param fields: (name, value); a Host is added when there is none.
    :raises ClientProtocolError: the proxy would answer its status.
    """
    given = list(fields)
    if not any(name.lower() == "host" for name, _ in given):
        given.insert(0, ("Host", "localhost"))
    return parse_request(_block(f"{method} {target} HTTP/1.1", given))


def written_response(method: str, status: int, fields: Iterable[tuple[str, str]] = ()) -> ResponseHead:
    """Read the head of an answer to a request with ``method``.

    :param fields: (name, value); without Content-Length and Transfer-Encoding, the body lasts until close.
    :raises UpstreamProtocolError: the proxy would answer 502.
    """
    return parse_response(_block(f"HTTP/1.1 {status} ", list(fields)), method.encode("latin-1"))


def _block(line: str, fields: list[tuple[str, str]]) -> bytes:
    lines = [line, *(f"{name}: {value}" for name, value in fields)]
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode("latin-1")
