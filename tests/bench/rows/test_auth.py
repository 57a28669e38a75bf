"""What wrk is told where a password is needed."""

from __future__ import annotations

from bench.rows.auth import AUTH, OPTIONS


def test_it_brings_the_password_and_waits() -> None:
    assert AUTH.guarded
    assert any(option.startswith("Authorization: Basic ") for option in OPTIONS)
    assert "--timeout" in OPTIONS
