"""Every name that autobahn gives a connection has its value before it is asked for, whichever autobahn it is."""

from __future__ import annotations

import inspect
import re

from autobahn.websocket.protocol import WebSocketProtocol, WebSocketServerProtocol

from webproxy.websocket.leg import ClientLeg, UpstreamLeg

OURS = {"_perMessageCompress", "utf8validator"}
"""Set on each connection."""

OF_HANDSHAKES = {
    "http_response_data",
    "websocket_extensions_in_use",
    "websocket_protocol_in_use",
    "protocol",
    "headers",
}
"""Asked for by nobody once the handshake is over."""


def assigned(function: object) -> set[str]:
    return set(re.findall(r"self\.(\w+)(?:: [^=\n]+)? = ", inspect.getsource(function)))  # type: ignore[arg-type]


def test_nothing_is_missing() -> None:
    made = assigned(WebSocketProtocol._connectionMade) | assigned(WebSocketServerProtocol.succeedHandshake)
    assert len(made) > 20, "autobahn begins its connections elsewhere now"
    options = {*WebSocketProtocol.CONFIG_ATTRS_COMMON}
    for leg in (ClientLeg, UpstreamLeg):
        missing = {name for name in made | options if not hasattr(leg, name)}
        assert missing - OF_HANDSHAKES <= OURS
