"""What the resources of our own chain have in common.

They receive a request as soon as its head is complete (``streams``), and pass it on by calling the next one's
``render``. They are leaves to twisted.web: the path is the internal service's business, not ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.web.resource import IResource
from zope.interface import implementer

if TYPE_CHECKING:
    from typing import NoReturn

    from twisted.web.iweb import IRequest

    from webproxy.downstream.request import Request


@implementer(IResource)
class StreamingResource:
    """A resource that answers requests whose body is still on its way."""

    isLeaf = True
    streams = True

    def render(self, request: Request) -> int:
        """Answer ``request``, now or later.

        :returns: ``NOT_DONE_YET``, always: the request itself is told when it is finished.
        """
        raise NotImplementedError

    def getChildWithDefault(self, name: bytes, request: IRequest) -> StreamingResource:
        """The whole tree below is this resource."""
        return self

    def putChild(self, path: bytes, child: IResource) -> NoReturn:
        """Refused: there is nothing below a leaf.

        :raises TypeError: always.
        """
        raise TypeError(f"{type(self).__name__} is a leaf; mount {child!r} beside it")
