"""Which certificate is a name's, and how often anybody asks."""

from __future__ import annotations

from typing import Any

from webproxy.router.acme.status import CertificateStatus
from webproxy.router.face.padlocks import Padlocks


def status(*names: str, **other: Any) -> CertificateStatus:
    said: dict[str, Any] = {"state": "active", "not_before": 0.0, "not_after": 1.0, "next_try": None, "why": ""}
    return CertificateStatus(names=names, **{**said, **other})


def test_a_names_own_certificate_comes_before_a_wildcard() -> None:
    wild, own, other = status("*.example.com"), status("app.example.com"), status("router.internal")
    padlocks = Padlocks("example.com", lambda: [wild, own, other], lambda: 0.0)
    assert (padlocks.of("app"), padlocks.of("web")) == (own, wild)
    assert padlocks.all() == [wild, own, other]
    assert repr(padlocks) == "<Padlocks of example.com>"


def test_without_a_certificate_there_is_no_padlock() -> None:
    assert Padlocks("example.com", lambda: [status("example.com")], lambda: 0.0).of("app") is None


def test_the_public_certificate_comes_before_one_of_the_control_port_for_the_same_name() -> None:
    public, control = status("*.example.com", why="public"), status("*.example.com", why="control")
    assert Padlocks("example.com", lambda: [public, control], lambda: 0.0).of("app") is public


def test_certificates_are_asked_once_a_second() -> None:
    now, asked = 0.0, 0

    def ask() -> list[CertificateStatus]:
        nonlocal asked
        asked += 1
        return [status("*.example.com", why=str(asked))]

    padlocks = Padlocks("example.com", ask, lambda: now)
    seen = []
    for now in (0.0, 0.9, 1.0, 1.5, 2.0):  # noqa: B007 - the clock
        found = padlocks.of("app")
        assert found is not None
        seen.append(found.why)
    assert seen == ["1", "1", "2", "2", "3"]
