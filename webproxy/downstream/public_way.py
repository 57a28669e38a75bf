"""The way by which the public comes, where a router gives us a name.

Rule of this file: values only; ``routed`` acts on them, where a connection begins.
"""

from __future__ import annotations

from typing import NamedTuple

from webproxy.net.local import is_loopback


class PublicWay(NamedTuple):
    """What a lease means for those who come.

    :ivar url: where the public finds the service; empty until there is a lease: nobody is served then who may not be
        served later, or a router that is kept away would open the port.
    :ivar routers: addresses that the router connects from.
    :ivar direct: whether those are served who come past it.
    :ivar hsts: whether browsers are told to stay with https.
    """

    url: str
    routers: frozenset[str]
    direct: bool = False
    hsts: bool = True

    def serves(self, peer: str) -> bool:
        """Tell whether a peer that is no router is served: a password sent to it would travel in clear.

        :param peer: an address, as :func:`webproxy.net.address.plain` writes it.
        """
        return self.direct or is_loopback(peer)
