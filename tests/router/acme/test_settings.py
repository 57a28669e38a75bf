"""What is said of the authority."""

from __future__ import annotations

from dataclasses import replace

from webproxy.router.acme.settings import AcmeSettings


def test_the_fingerprint_changes_with_what_is_said_and_no_key_is_shown() -> None:
    said = AcmeSettings(eab_kid="kid", eab_key="secret")
    assert "secret" not in repr(said)
    assert said.fingerprint == replace(said).fingerprint
    others = [replace(said, email="a@b"), replace(said, eab_key="other"), replace(said, hook=("a", "b"))]
    assert len({said.fingerprint, *(other.fingerprint for other in others)}) == 4
