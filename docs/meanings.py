"""What the kinds of log messages mean, and what to do: the half of docs/reference/log-messages.md that no call can say.

Rule of this file: a sentence or two a kind, for whoever reads the log.
"""

from __future__ import annotations

MEANINGS: dict[str, str] = {}
