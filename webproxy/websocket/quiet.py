"""What autobahn's protocols ask of the factory and the logger that they have here none of.

Rule of this file: constants. autobahn logs every step; of what goes wrong with a WebSocket the access log tells.
"""

from __future__ import annotations

from typing import Any


class Quiet:
    """A logger that says nothing."""

    def debug(self, message: str = "", **values: Any) -> None:
        """Say nothing."""

    info = warn = error = debug


class Side:
    """Which side of a WebSocket autobahn plays; it asks its factory for that.

    :ivar isServer: towards a client.
    """

    externalPort = None
    isSecure = False
    countConnections = 0
    proxy = None

    def __init__(self, *, server: bool) -> None:
        self.isServer = server
