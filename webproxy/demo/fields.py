"""``/fields``: what the service received, as JSON: the way to see what a proxy adds, keeps and removes.

Values of fields that carry credentials are hidden, their names are not: one can see whether they came, and a script
in the page cannot read what a browser keeps from it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from webproxy.demo.answer import Leaf, answer_json

if TYPE_CHECKING:
    from twisted.internet.interfaces import IAddress
    from twisted.web.server import Request

SECRET = frozenset({b"authorization", b"proxy-authorization", b"cookie", b"x-api-key", b"x-webproxy-key"})


class FieldsResource(Leaf):
    """Answers every usual method, and every path below."""

    def render_GET(self, request: Request) -> bytes:
        """The request's head, and where it came from."""
        return answer_json(
            request,
            {
                "method": request.method.decode("latin-1"),
                "target": request.uri.decode("latin-1"),
                "protocol": request.clientproto.decode("latin-1"),
                "client": show_address(request.getClientAddress()),
                "service": show_address(request.getHost()),
                "fields": [
                    [name.decode("latin-1"), show_value(name, value)]
                    for name, values in request.requestHeaders.getAllRawHeaders()
                    for value in values
                ],
            },
        )

    render_POST = render_PUT = render_DELETE = render_PATCH = render_OPTIONS = render_GET


def show_value(name: bytes, value: bytes) -> str:
    """A field's value as the page may see it."""
    if name.lower() not in SECRET:
        return value.decode("utf-8", "replace")
    return f"(hidden, {len(value)} bytes)"


def show_address(address: IAddress) -> str:
    """An address as users write it, ``127.0.0.1:8080`` or ``[::1]:8080``; of another kind, as Twisted shows it."""
    host, port = getattr(address, "host", None), getattr(address, "port", None)
    if host is None or port is None:
        return str(address)
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
