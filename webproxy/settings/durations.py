"""Durations of options are those of policies: ``30s``, ``none``."""

from __future__ import annotations

from webproxy.policy.setting import duration, limit

__all__ = ["duration", "limit"]
