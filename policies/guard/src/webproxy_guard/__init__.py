"""The policy ``guard``: closes what exposing a service exposes by accident.

Rule of this package: paths are judged, nothing else; who may come in is the proxy's to say, what is busy the queue's.
"""

from __future__ import annotations

from webproxy_guard.policy import Guard

__all__ = ["Guard"]
