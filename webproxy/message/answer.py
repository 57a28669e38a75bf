"""Answers of our own, in the shape their reader expects.

Rule of this file: pure rendering. Which hop failed and which timer fired is said in the text that comes in; nothing is
added that would tell a stranger more. Everything that is shown is escaped.
"""

from __future__ import annotations

import json
from enum import Enum
from html import escape
from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from webproxy.message.fields import Pair
    from webproxy.message.head import RequestHead


class Shape(Enum):
    """For whom an answer is: a browser's user, a client of the OpenAI API, one of Ollama's, anyone else."""

    HTML = "html"
    JSON = "json"
    OLLAMA = "ollama"
    TEXT = "text"


_API_TYPES = (
    "application/json",
    "application/x-ndjson",
    "application/ndjson",
    "application/jsonl",
    "text/event-stream",
)


def shape(head: RequestHead) -> Shape:
    """Choose the shape of an answer to a request.

    A navigation, or whoever would rather have HTML than JSON (RFC 9110 §12.5.1), gets HTML. Then the path decides
    (``/api/`` is Ollama's, ``/v1/`` OpenAI's), then whether the request speaks JSON, holds a key or came from a script.
    """
    said = head.fields.combined
    html, machine = _preferences(said.get(b"accept", b"").decode("latin-1").lower())
    if said.get(b"sec-fetch-mode") == b"navigate" or html > machine:
        return Shape.HTML
    path = head.target.partition(b"?")[0]
    if b"/api/" in path:
        return Shape.OLLAMA
    if machine or b"/v1/" in path or b"json" in said.get(b"content-type", b"").lower():
        return Shape.JSON
    scripted = said.get(b"sec-fetch-dest") == b"empty"  # fetch() and XMLHttpRequest
    if scripted or said.get(b"authorization", b"")[:7].lower() == b"bearer ":
        return Shape.JSON
    return Shape.TEXT


def _preferences(accept: str) -> tuple[float, float]:
    """Give the weights an Accept field has for HTML and for what APIs answer; 0 where it does not name them."""
    html = machine = 0.0
    for member in accept.split(","):
        kind, *parameters = (part.strip() for part in member.split(";"))
        weight = min((_weight(parameter) for parameter in parameters), default=1.0)
        if kind in {"text/html", "application/xhtml+xml"}:
            html = max(html, weight)
        elif kind in _API_TYPES:
            machine = max(machine, weight)
    return html, machine


def _weight(parameter: str) -> float:
    """Read one ``q=0.5`` (RFC 9110 §12.4.2); 1 for any other parameter, 0 for a weight that is none."""
    name, _, value = parameter.partition("=")
    if name != "q":
        return 1.0
    try:
        return min(max(float(value), 0.0), 1.0)
    except ValueError:
        return 0.0


_RENAMED = {413: "Content Too Large", 414: "URI Too Long"}  # RFC 9110; before Python 3.13 they have older names


def phrase(status: int) -> str:
    """Give the reason phrase of a status code; empty for one that nobody registered."""
    try:
        return _RENAMED.get(status) or HTTPStatus(status).phrase
    except ValueError:
        return ""


def render(  # values that a caller has, not state
    status: int,
    shape: Shape,
    text: str,
    request_id: bytes,
    extra: Sequence[Pair] = (),
    *,
    reload: int = 0,
) -> tuple[list[Pair], bytes]:
    """Render an answer of our own.

    :param status: 400 to 599.
    :param shape: as :func:`shape` chose it.
    :param text: a sentence or two: which hop, which timer, what to do.
    :param request_id: to find this exchange in the log by.
    :param extra: further fields, ``Retry-After`` or ``Allow`` for example.
    :param reload: seconds after which a browser asks again by itself; 0: never. Other shapes ignore it.
    :returns: the fields (neither Date nor Connection among them) and the body. An answer to HEAD has these fields too.
    """
    identity = request_id.decode("latin-1")
    if shape is Shape.HTML:
        kind, document = b"text/html; charset=utf-8", _html(status, text, identity, reload)
    elif shape is Shape.TEXT:
        kind, document = b"text/plain; charset=utf-8", f"{_title(status)}\n{text}\nwebproxy, request id: {identity}\n"
    else:
        kind, document = b"application/json", _json(status, shape, f"{text} (webproxy, request id {identity})")
    body = document.encode("utf-8", "replace")
    fields: list[Pair] = [
        (b"Content-Type", kind),
        (b"Content-Length", b"%d" % len(body)),
        (b"Cache-Control", b"no-store"),
        (b"X-Content-Type-Options", b"nosniff"),
        (b"X-Request-Id", request_id),
    ]
    if shape is Shape.HTML:
        fields.append((b"Content-Security-Policy", b"default-src 'none'; style-src 'unsafe-inline'"))
    fields.extend(extra)
    return fields, body


def _title(status: int) -> str:
    return f"{status} {phrase(status)}".rstrip()


_TYPES = {401: "authentication_error", 403: "permission_error", 408: "proxy_timeout", 429: "rate_limit_error"}
_SERVER_TYPES = {502: "upstream_error", 503: "upstream_unavailable", 504: "proxy_timeout"}


def _json(status: int, shape: Shape, message: str) -> str:
    if shape is Shape.OLLAMA:  # ollama: api/client.go, StatusError
        return json.dumps({"error": message}) + "\n"
    kind = _SERVER_TYPES.get(status, "server_error") if status >= 500 else _TYPES.get(status, "invalid_request_error")
    code = phrase(status).lower().replace(" ", "_").replace("-", "_") or str(status)
    # OpenAI's specification: all four are present, param and code are strings or null; typed clients insist on it.
    return json.dumps({"error": {"message": message, "type": kind, "param": None, "code": code}}) + "\n"


_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
{reload}<title>{title}</title>
<style>
:root {{ color-scheme: light dark }}
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 36rem; margin: 16vh auto 0; padding: 0 1.5rem }}
h1 {{ font-size: 1.4rem; font-weight: 600 }}
footer {{ margin-top: 2.5rem; font-size: .8rem; opacity: .65 }}
code {{ font-family: ui-monospace, monospace; overflow-wrap: anywhere }}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
<p>{text}</p>
</main>
<footer>webproxy, request <code>{identity}</code></footer>
</body>
</html>
"""


def _html(status: int, text: str, identity: str, reload: int) -> str:
    return _PAGE.format(
        reload=f'<meta http-equiv="refresh" content="{reload}">\n' if reload else "",
        title=escape(_title(status)),
        text="</p>\n<p>".join(escape(line) for line in text.split("\n") if line),
        identity=escape(identity),
    )
