"""Nobody is asked too often, and nobody asks in step with others."""

from __future__ import annotations

import random

import pytest

from webproxy.registration.pauses import (
    LONGEST,
    LONGEST_TOLD,
    REFUSED,
    after_failures,
    after_refusal,
    until_renewal,
)
from webproxy.registration.words import Lease, Reply

CHANCE = random.Random(1)
LEASE = Lease("a", "https://a", ("10.0.0.2",), 90.0, 30.0)


def test_a_lease_is_renewed_a_little_early() -> None:
    pauses = {until_renewal(LEASE, CHANCE) for _ in range(100)}
    assert len(pauses) == 100
    assert all(27.0 <= pause <= 30.0 for pause in pauses)


def test_the_pauses_double_up_to_a_bound_and_vary() -> None:
    for count, most in [(1, 1.0), (2, 2.0), (5, 16.0), (7, LONGEST), (10**6, LONGEST)]:
        pauses = {after_failures(count, CHANCE) for _ in range(100)}
        assert len(pauses) == 100
        assert all(most / 2 <= pause <= most for pause in pauses)


@pytest.mark.parametrize(
    ("reply", "least", "most"),
    [
        (Reply(429, {}, 7.0), 7.0, 8.0),
        (Reply(503, {}, 1e5), LONGEST_TOLD, LONGEST_TOLD + 1),
        (Reply(503, {"error": "busy"}), 0.5, 1.0),
        (Reply(422, {"error": "port"}), 0.5, 1.0),
        (Reply(404, {"error": "lease"}), 0.5, 1.0),
        (Reply(428, {"error": "nonce"}), 0.5, 1.0),
        (Reply(422, {"error": "tls"}), REFUSED / 2, REFUSED),
        (Reply(401, {"error": "token"}), REFUSED / 2, REFUSED),
        (Reply(403, {"error": "refused"}), REFUSED / 2, REFUSED),
        (Reply(400, {"error": "malformed"}), REFUSED / 2, REFUSED),
    ],
)
def test_after_a_refusal_its_reason_says_how_long(reply: Reply, least: float, most: float) -> None:
    assert all(least <= after_refusal(reply, 1, CHANCE) <= most for _ in range(100))
