"""In which state a certificate is."""

from __future__ import annotations

import pytest

from webproxy.router.acme.status import CertificateStatus, state_of

SPAN = (0.0, 90.0)


@pytest.mark.parametrize(
    ("now", "span", "under_way", "failing", "state"),
    [
        (1.0, None, False, False, "pending"),
        (1.0, None, True, False, "pending"),
        (1.0, None, True, True, "failed"),
        (1.0, SPAN, False, False, "active"),
        (1.0, SPAN, True, False, "renewing"),
        (1.0, SPAN, True, True, "expiring"),
        (75.0, SPAN, False, False, "active"),
        (75.1, SPAN, False, False, "expiring"),
        (90.0, SPAN, False, False, "failed"),
        (90.0, SPAN, True, True, "failed"),
    ],
)
def test_states(now: float, span: tuple[float, float] | None, under_way: bool, failing: bool, state: str) -> None:
    assert state_of(now, span, under_way=under_way, failing=failing) == state


def test_the_last_two_are_alarms() -> None:
    def alarm(state: str) -> bool:
        return CertificateStatus(("a.example.com",), state, None, None, None, "").alarm  # type: ignore[arg-type]

    assert [alarm(state) for state in ("pending", "active", "renewing", "expiring", "failed")] == [False] * 3 + [
        True
    ] * 2
