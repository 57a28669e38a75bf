"""The opening handshake (RFC 6455 §4): what a client may ask, and which answer of the service proves that it was read.

Rule of this file: heads in, values or errors out. autobahn judges the client's half; of the rest of its head (Host,
Origin, target) nothing is judged here: that is for the service to say.
"""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha1
from typing import TYPE_CHECKING, Any, NamedTuple

import txaio
from autobahn.websocket.protocol import WebSocketServerProtocol

from webproxy.errors import ClientProtocolError, UpstreamProtocolError
from webproxy.websocket.quiet import Quiet, Side

if TYPE_CHECKING:
    from webproxy.message.fields import Fields

txaio.use_twisted()

VERSION = 13
"""The only version that RFC 6455 leaves over (§4.1)."""

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

_JUDGED = (
    b"upgrade",
    b"connection",
    b"sec-websocket-version",
    b"sec-websocket-key",
    b"sec-websocket-protocol",
    b"sec-websocket-extensions",
)

Offers = list[tuple[str, dict[str, list[Any]]]]
"""Extensions with their parameters, as autobahn reads them; a parameter without a value is True."""


class Opening(NamedTuple):
    """What a client asks with a sound handshake.

    :ivar key: of its Sec-WebSocket-Key.
    :ivar protocols: the subprotocols it would speak.
    :ivar offers: the extensions it would speak.
    """

    key: bytes
    protocols: list[str]
    offers: Offers


class WrongVersionError(ClientProtocolError):
    """The client speaks another version of WebSocket; the answer names the right one (RFC 6455 §4.4)."""

    def __init__(self) -> None:
        super().__init__(426, f"WebSocket version {VERSION} is spoken here (RFC 6455 section 4.4)")


class _Judge(WebSocketServerProtocol):  # type: ignore[misc]  # its base is Any
    """autobahn's server, of which only the reading of a handshake is used."""

    factory = Side(server=True)
    log = Quiet()
    webStatus = False
    versions = (VERSION,)
    serveFlashSocketPolicy = False
    trustXForwardedFor = 0
    maxConnections = 0
    peer = ""

    def __init__(self, block: bytes) -> None:
        self.data = block
        self.fault: ClientProtocolError | None = None

    def onConnect(self, request: Any) -> None:
        """It is sound."""

    def succeedHandshake(self, res: Any) -> None:
        """Answer nothing: upstream is asked first."""

    def failHandshake(self, reason: str, code: int = 400, responseHeaders: Any = None) -> None:
        """It is not."""
        wrong = f"the WebSocket handshake is malformed: {reason[:200]} (RFC 6455 section 4.2.1)"
        self.fault = ClientProtocolError(code, wrong) if responseHeaders is None else WrongVersionError()


def read_opening(fields: Fields) -> Opening:
    """Judge a client's opening handshake.

    :param fields: of a request that :func:`webproxy.message.upgrade.asks_websocket` takes for one. A field that may
        not be repeated (§4.2.1) is unsound when it is; one that may (§11.3.2, §11.3.4) counts as one list.
    :raises ClientProtocolError: it is unsound; :class:`WrongVersionError` when only the version is another.
    """
    combined = fields.combined
    lines = [b"GET / HTTP/1.1\r\nHost: webproxy"]
    lines += [b"%b: %b" % (name, combined[name]) for name in _JUDGED if name in combined]
    judge = _Judge(b"\r\n".join([*lines, b"\r\n"]))
    judge.processHandshake()
    if judge.fault is not None:
        raise judge.fault
    return Opening(combined[b"sec-websocket-key"], judge.websocket_protocols, judge.websocket_extensions)


def acceptance(key: bytes) -> bytes:
    """Give the Sec-WebSocket-Accept that belongs to a key (§4.2.2, step 5.4)."""
    return b64encode(sha1(key + GUID).digest())  # noqa: S324 - the protocol's own choice; it proves reading, no more


def check_acceptance(key: bytes, fields: Fields) -> None:
    """See that whoever answered 101 has read the handshake, and is no mere echo or cache (§4.1).

    :param fields: of the 101.
    :raises UpstreamProtocolError: it has not.
    """
    accept = fields.combined.get(b"sec-websocket-accept")
    if accept != acceptance(key):
        found = "without a Sec-WebSocket-Accept" if accept is None else "with a wrong Sec-WebSocket-Accept"
        raise UpstreamProtocolError(f"it switches to WebSocket {found} (RFC 6455 section 4.1)")


def check_protocol(offered: list[str], fields: Fields) -> None:
    """See that the service chose a subprotocol that the client offered, or none (§4.1).

    :param fields: of the 101.
    :raises UpstreamProtocolError: it chose another.
    """
    chosen = fields.combined.get(b"sec-websocket-protocol")
    if chosen is not None and chosen.decode("latin-1") not in offered:
        raise UpstreamProtocolError("it chooses a subprotocol that it was not offered (RFC 6455 section 4.1)")
