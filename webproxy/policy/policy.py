"""What a policy is: a class with hooks, each of which may stay as it is here.

Rule of this file: every hook answers "continue". A hook that a later version adds therefore breaks nobody, and a hook
that nobody overrides is never called.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable

    from webproxy.policy.heads import RequestHead, ResponseHead
    from webproxy.policy.metric import Metric
    from webproxy.policy.setting import Setting
    from webproxy.policy.ticket import Ticket, Wait
    from webproxy.policy.verdict import TrafficClass, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What an exchange has come to.

    :param status: of the answer; 499 when the client left before one was sent, 0 when nothing was.
    :param received: bytes of the request's body that were read.
    :param sent: bytes that went to the client, head included.
    :param duration: seconds from the request's head to the end.
    :param traffic_class: name of its last class.
    :param closed_by: who ended it early: ``""`` for nobody, else ``client``, ``upstream``, ``idle``, ``drain``,
        or the name of the policy that rejected it.
    """

    status: int = 0
    received: int = 0
    sent: int = 0
    duration: float = 0.0
    traffic_class: str = "DEFAULT"
    closed_by: str = ""


class Policy:
    """Base of all policies.

    A policy is made once, with its settings as keyword arguments, and asked about every exchange. It answers at once:
    no waiting, no input or output, no Deferred. All calls come from one thread. What it remembers of exchanges it
    must bound, and forget in :meth:`exchange_finished`.

    :cvar name: what the log calls it; the loader sets it to the name of the entry point.
    :cvar settings: what may be written behind its name. ``__init__`` gets every one, parsed, by keyword.
    :cvar fail_closed: what becomes of a request when a hook raises: False, it goes on as if nothing had been said;
        True, it is answered 503.
    :cvar by_head: True promises that what it says depends on nothing but the bytes of the heads it is shown: not on the
        client, the time or earlier exchanges. When all policies promise that, a repeated head is not judged again.
    :cvar requires_api: the :data:`webproxy.policy.API_VERSION` it was written for.
    """

    name: str = ""
    settings: ClassVar[tuple[Setting, ...]] = ()
    fail_closed: ClassVar[bool] = False
    by_head: ClassVar[bool] = False
    requires_api: ClassVar[tuple[int, int]] = (1, 0)

    def request_received(self, request: RequestHead) -> Verdict | Wait | None:
        """Judge a request. Its head is here, its body mostly is not, and the internal service has not been asked."""
        return None

    def request_classified(self, request: RequestHead, current: TrafficClass) -> Verdict | Wait | None:
        """Judge a request by its class; called in the place of :meth:`request_received`, or after it.

        :param current: the class so far: what the policies before this one have said. The built-in ``timeout`` is the
            first unless somebody names it elsewhere, so that this is its class, or one that another policy set.
        """
        return None

    def response_received(self, request: RequestHead, response: ResponseHead, current: TrafficClass) -> Verdict | None:
        """Judge an answer. Its head is here; the client has nothing yet.

        :param response: the final answer, or the 101 of an upgrade; interim answers are not shown.
        :param current: the class of the exchange so far, this hook's earlier policies included.
        """
        return None

    def tunnel_opened(self, request: RequestHead) -> None:
        """Take note that the client has its 101: what follows is no HTTP any more."""

    def exchange_finished(self, request: RequestHead, summary: Summary) -> None:
        """Take note that an exchange is over: answered, rejected, abandoned or cut; and on both sides.

        Where the service is to finish an answer whose client has left (``--on-disconnect drain``), this is when it has.

        Called once for every request, those included that this policy never saw because one before it had rejected
        them.

        :param request: the same object that the other hooks got: what is noted of an exchange can be noted by it. (Its
            ``id`` may be the client's own, and two clients may choose the same.)
        """

    def abandoned(self, ticket: Ticket) -> None:
        """Forget a ticket: its client left, its limit passed, or the proxy stops.

        Not called once the ticket has been decided.
        """

    def replaces(self, before: Policy) -> None:
        """Take over what ``before`` remembers: its settings were changed while the proxy runs.

        Called once, before this policy is asked about anything. ``before`` is asked nothing new, but still hears of the
        exchanges that began with it.

        :param before: of the same class, with other settings.
        """

    def metrics(self) -> Iterable[Metric]:
        """Give the numbers by which this policy can be watched; called whenever somebody asks for them."""
        return ()
