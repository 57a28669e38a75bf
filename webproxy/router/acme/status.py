"""What is told of a certificate: to the page, to commands, to the log.

Rule of this file: a frozen value, and how it is decided; times are seconds since the epoch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["pending", "active", "renewing", "expiring", "failed"]

LATE = 1 / 6
"""The share of a certificate's lifetime that is left when somebody should look: half of what renewals have."""


@dataclass(frozen=True, slots=True)
class CertificateStatus:
    """A certificate, or one that is wanted.

    :param names: what it is for.
    :param state: ``pending``: there is none yet; ``active``: all is well; ``renewing``: it is good, and the next one is
        being got; ``expiring``: it is good, and the next one could not be got so far, or is late; ``failed``: there is
        none that is good, and none could be got. The last two are alarms.
    :param not_before: from when it is good; ``None`` while there is none.
    :param not_after: until when.
    :param next_try: when the authority will be asked next; ``None`` when nobody will be asked, or is being asked now.
    :param why: what went wrong, in the authority's words or ours; empty when nothing did.
    """

    names: tuple[str, ...]
    state: State
    not_before: float | None
    not_after: float | None
    next_try: float | None
    why: str

    @property
    def alarm(self) -> bool:
        """Whether somebody should look."""
        return self.state in ("expiring", "failed")


def state_of(now: float, span: tuple[float, float] | None, *, under_way: bool, failing: bool) -> State:
    """Decide in which state a certificate is.

    :param span: from when until when it is good; ``None`` when there is none.
    :param under_way: whether another one is being got now.
    :param failing: whether the last attempt to get one failed.
    """
    if span is None:
        return "failed" if failing else "pending"
    begins, ends = span
    if now >= ends:
        return "failed"
    if failing or ends - now < (ends - begins) * LATE:
        return "expiring"
    return "renewing" if under_way else "active"
