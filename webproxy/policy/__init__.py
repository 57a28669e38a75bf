"""Everything that the author of a policy needs, and the only thing to import.

A policy is a class with hooks; see :class:`Policy`. It is installed as an entry point in the group
``webproxy.policies`` and named with ``--policy NAME[:key=value,...]``::

    from webproxy.policy import Policy, RequestHead, TrafficClass, Verdict

    PATIENT = Verdict(traffic_class=TrafficClass("PATIENT", 7200.0), why="renders")

    class Renders(Policy):
        def request_received(self, request: RequestHead) -> Verdict | None:
            return PATIENT if request.path.startswith("/render/") else None

:mod:`webproxy.testing` has what its tests need.
"""

from __future__ import annotations

from webproxy.policy.endpoints import ENDPOINTS, Endpoint, find_endpoint
from webproxy.policy.heads import RequestHead, ResponseHead
from webproxy.policy.metric import Metric
from webproxy.policy.path import (
    BACKSLASH,
    CONTROL,
    DOT_SEGMENTS,
    DOUBLE_ENCODING,
    EMPTY_SEGMENTS,
    ENCODED_SLASH,
    INVALID_ESCAPE,
    NOT_UTF8,
    NUL,
    RequestPath,
    read_path,
)
from webproxy.policy.patterns import PatternTable, alternatives
from webproxy.policy.policy import Policy, Summary
from webproxy.policy.setting import Setting, TextError, duration, idle_limit, limit, listed, one_of, whole_number
from webproxy.policy.ticket import Ticket, Wait
from webproxy.policy.verdict import Changes, Deadlines, Rejection, TrafficClass, Verdict, reject

API_VERSION = (1, 0)
"""Major and minor version of what this module offers. A minor one adds; a major one may break."""

__all__ = [
    "API_VERSION",
    "BACKSLASH",
    "CONTROL",
    "DOT_SEGMENTS",
    "DOUBLE_ENCODING",
    "EMPTY_SEGMENTS",
    "ENCODED_SLASH",
    "ENDPOINTS",
    "INVALID_ESCAPE",
    "NOT_UTF8",
    "NUL",
    "Changes",
    "Deadlines",
    "Endpoint",
    "Metric",
    "PatternTable",
    "Policy",
    "Rejection",
    "RequestHead",
    "RequestPath",
    "ResponseHead",
    "Setting",
    "Summary",
    "TextError",
    "Ticket",
    "TrafficClass",
    "Verdict",
    "Wait",
    "alternatives",
    "duration",
    "find_endpoint",
    "idle_limit",
    "limit",
    "listed",
    "one_of",
    "read_path",
    "reject",
    "whole_number",
]
