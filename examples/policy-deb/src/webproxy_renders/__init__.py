"""A policy: what is rendered may be silent for two hours."""

from __future__ import annotations

from webproxy.policy import Policy, RequestHead, TrafficClass, Verdict

PATIENT = Verdict(traffic_class=TrafficClass("PATIENT", 7200.0), why="renders")


class Renders(Policy):
    """Renders may be silent for two hours."""

    def request_received(self, request: RequestHead) -> Verdict | None:
        """Judge by the path."""
        return PATIENT if request.path.startswith("/render/") else None
