"""permessage-deflate (RFC 7692), agreed on for each leg of a bridge by itself.

The client gets it when it offers it and the service agrees to it. No context is taken over from one message to the
next: a deflate context is 256 KiB, an inflate context 40, and a WebSocket is silent most of its time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from autobahn.websocket.compress_deflate import (
    PerMessageDeflate,
    PerMessageDeflateOffer,
    PerMessageDeflateOfferAccept,
    PerMessageDeflateResponse,
    PerMessageDeflateResponseAccept,
)
from autobahn.websocket.protocol import WebSocketProtocol

from webproxy.errors import UpstreamProtocolError

if TYPE_CHECKING:
    from webproxy.websocket.opening import Offers

NAME = "permessage-deflate"

Deflates: TypeAlias = "tuple[PerMessageDeflate | None, PerMessageDeflate | None]"
"""What inflates and deflates on the client's leg and on the service's; ``None`` where nothing does."""

OFFER: bytes = PerMessageDeflateOffer(request_no_context_takeover=True).get_extension_string().encode()
"""What the service is offered."""


def first_usable(offers: Offers) -> Any:
    """Find the first offer of permessage-deflate that is sound (RFC 7692 §5); ``None`` when there is none."""
    for name, parameters in offers:
        if name == NAME:
            try:
                return PerMessageDeflateOffer.parse(parameters)
            except Exception:  # noqa: BLE001, S112 - autobahn raises no class of its own; §7.1: decline, try the next
                continue
    return None


def accept(offer: Any) -> tuple[bytes, PerMessageDeflate]:
    """Accept a client's offer.

    :param offer: what :func:`first_usable` found.
    :returns: the value of Sec-WebSocket-Extensions, and what inflates and deflates.
    """
    accepted = PerMessageDeflateOfferAccept(offer, request_no_context_takeover=True, no_context_takeover=True)
    return accepted.get_extension_string().encode(), PerMessageDeflate.create_from_offer_accept(True, accepted)


def agreed(value: bytes | None, *, offered: bool) -> PerMessageDeflate | None:
    """Read what the service agreed to.

    :param value: its Sec-WebSocket-Extensions.
    :param offered: whether it was offered :data:`OFFER`; nothing else ever is.
    :raises UpstreamProtocolError: something that was not offered, or that is unsound (RFC 6455 §9.1).
    """
    chosen = WebSocketProtocol._parseExtensionsHeader(None, (value or b"").decode("latin-1"))  # noqa: SLF001 - pure
    if not chosen:
        return None
    if not offered or len(chosen) > 1 or chosen[0][0] != NAME:
        raise UpstreamProtocolError("it agrees to an extension that it was not offered (RFC 6455 section 9.1)")
    try:
        response = PerMessageDeflateResponse.parse(chosen[0][1])
        accepted = PerMessageDeflateResponseAccept(response, no_context_takeover=True)
    except Exception as error:  # noqa: BLE001 - as above
        raise UpstreamProtocolError(f"its permessage-deflate is unsound: {error}") from None
    return PerMessageDeflate.create_from_response_accept(False, accepted)


def forget(deflate: PerMessageDeflate, *, sent: bool) -> None:
    """Let go of what a message needed, now that it is over.

    :param sent: whether it was ours; in the other direction the peer may have kept its context, and not asked for ours.
    """
    if sent:
        deflate._compressor = None  # noqa: SLF001 - autobahn would keep it until the next message
    elif deflate.server_no_context_takeover if not deflate._is_server else deflate.client_no_context_takeover:  # noqa: SLF001
        deflate._decompressor = None  # noqa: SLF001 - as above
