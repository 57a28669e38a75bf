"""What is good, live, or forgotten at a time."""

from __future__ import annotations

import pytest

from webproxy.router.rows import KEPT, Name, Token

TOKEN = Token("anna", b"digest", 3, 1, 65535, 0.0)
NAME = Name("app-fox-chi", "anna", b"key", "10.0.0.7", 12345, 0.0, 100.0)


@pytest.mark.parametrize(
    ("token", "good"),
    [(TOKEN, True), (TOKEN._replace(expires=11.0), True), (TOKEN._replace(expires=10.0), False)],
)
def test_a_token_is_good_until_it_expires(token: Token, good: bool) -> None:
    assert token.good(10.0) is good
    assert not token._replace(revoked=5.0).good(10.0)


def test_a_name_is_live_during_its_lease_and_kept_for_a_month() -> None:
    assert NAME.live(99.9)
    assert not NAME.live(100.0)
    assert not NAME.forgotten(100.0 + KEPT - 1)
    assert NAME.forgotten(100.0 + KEPT)
    assert not NAME._replace(blocked="abuse").forgotten(100.0 + 2 * KEPT)
