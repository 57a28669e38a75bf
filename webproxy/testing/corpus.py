"""Exchanges that every policy has to live with: ordinary ones, and the odd ones that reach a public address.

Rule of this file: heads only, each of which the proxy lets through; what policies make of them is not said here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from webproxy.message.parser import parse_request
from webproxy.policy import RequestHead
from webproxy.testing.heads import request, response

if TYPE_CHECKING:
    from webproxy.policy import ResponseHead

HANDSHAKE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
}


def requests() -> list[RequestHead]:
    """Make one head of each kind."""
    return [
        request(),
        request("POST", "/v1/chat/completions", {"Content-Type": "application/json"}, body=200),
        request("POST", "/api/blobs/sha256:00", body=None),
        request("PUT", "/upload", {"Content-Type": "multipart/form-data; boundary=x"}, body=10**12, user="alice"),
        request("HEAD", "/models/llama.gguf", {"Range": "bytes=0-"}),
        request("OPTIONS", "*"),
        request("GET", "/ws", HANDSHAKE, client="2001:db8::7"),
        request("GET", "/view?filename=a%2Fb&token=secret", {"Accept": "text/html, */*;q=0.1"}, client=""),
        request("DELETE", "//api/./tags/../delete/"),
        request("GET", "/%2e%2e/%252e/a%2Fb%5Cc%00%0a%zz%ff;x=1"),
        request("GET", "/" + "a/" * 4000),
        request("GET", "/", [("Cookie", "a=b"), ("cookie", "c=d"), ("X-Name", "caf\xe9"), ("Accept", "")]),
        RequestHead(parse_request(b"GET / HTTP/1.0\r\n\r\n"), exchange_id=b"exchange-1"),
    ]


def responses() -> list[ResponseHead]:
    """Make one head of each kind."""
    return [
        response(200, {"Content-Type": "application/json"}, body=2),
        response(200, {"Content-Type": "text/event-stream", "Transfer-Encoding": "chunked"}),
        response(200, {"Content-Disposition": "ATTACHMENT; filename*=utf-8''%e2%82%ac"}),
        response(206, {"Content-Range": "bytes 0-0/5"}, body=1),
        response(204),
        response(304, {"Content-Length": "5"}),
        response(401, [("Set-Cookie", "a=b"), ("Set-Cookie", "c=d")], body=0),
        response(502, {"Content-Type": ""}),
        response(101, {"Connection": "Upgrade", "Upgrade": "websocket"}),
    ]
