"""The part of the table of options that is about WebSockets.

Rule of this file: a row an option, and the parser of what only these rows hold.
"""

from __future__ import annotations

from webproxy.policy.setting import limit
from webproxy.settings.choices import one_of
from webproxy.settings.model import WebSocketMode
from webproxy.settings.option import Option
from webproxy.settings.sizes import size_limit
from webproxy.settings.wrong import TextError


def ping_interval(text: str) -> float:
    """Read how long a side may be silent before it is asked, or ``none`` for never asking.

    :returns: seconds, at least 1; ``math.inf`` for ``none``.
    :raises TextError: neither of them, or too often.
    """
    seconds = limit(text)
    if seconds < 1:
        raise TextError(f"{text} would ask all the time", "give at least 1s, or none for no pings")
    return seconds


WEBSOCKETS = (
    Option(
        name="websocket",
        metavar="auto|tunnel|frames",
        help="How WebSockets pass: as bytes, untouched (tunnel), frame by frame, checked (frames), or as frames only "
        "when one of the options below or a policy needs them (auto).",
        parse=one_of(WebSocketMode),
        default="auto",
    ),
    Option(
        name="websocket-ping",
        metavar="DURATION",
        help="Ping a side of a WebSocket that was silent for so long, and give it up when it is silent for as long "
        "again; none for no pings.",
        parse=ping_interval,
        default="none",
        example="30s",
    ),
    Option(
        name="websocket-max-message",
        metavar="SIZE",
        help="Largest message over a WebSocket, as in 16MiB; none for no limit.",
        parse=size_limit,
        default="none",
        example="16MiB",
    ),
    Option(
        name="websocket-max-frame",
        metavar="SIZE",
        help="Largest frame over a WebSocket, as in 1MiB; none for no limit.",
        parse=size_limit,
        default="none",
        example="1MiB",
    ),
)
