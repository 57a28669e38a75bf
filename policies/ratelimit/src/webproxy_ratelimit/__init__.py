"""So many requests in a time from one user or address, and a word on when to come back."""

from __future__ import annotations

from webproxy_ratelimit.policy import RateLimit

__all__ = ["RateLimit"]
