"""A GPU works on so many generations at a time; whoever comes beyond that waits in line."""

from __future__ import annotations

from webproxy_queue.policy import Queue

__all__ = ["Queue"]
