"""By default nobody's word is taken."""

from __future__ import annotations

from webproxy.downstream.trust import Trust


def test_by_default_nobody_is_trusted() -> None:
    assert "127.0.0.1" not in Trust().http
    assert "127.0.0.1" not in Trust().layer_4
