"""Certificates from files: taken up when they change, kept when the new ones cannot be used."""

from __future__ import annotations

import datetime as dt
import time
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from twisted.internet.task import Clock

from tests.integration.edge import certificate
from webproxy.errors import StartError
from webproxy.router.certificates import TICKETS, Certificates, names_of

if TYPE_CHECKING:
    from pathlib import Path


def levels(logged: list[Any]) -> list[str]:
    return [event["log_level"].name for event in logged if event["log_namespace"] == "webproxy.router.certificates"]


def test_new_files_are_taken_up_and_broken_ones_named_once(tmp_path: Path, logged: list[Any]) -> None:
    chain, key = certificate(tmp_path, "a.example.com")
    held = Certificates(chain, key)
    first = held.context("any")
    assert first.portable() is first.portable()
    assert not held.refresh()
    certificate(tmp_path, "b.example.com")
    assert held.refresh()
    second = held.context()
    assert second is not first
    sound = key.read_bytes()
    key.write_text("no key")
    assert not held.refresh()
    assert not held.refresh()
    assert held.context() is second
    told = held.status(time.time())
    assert (told.names, told.state) == (("b.example.com",), "expiring")
    assert told.why.endswith("are none, or do not belong together; the one before stays in use")
    key.unlink()
    assert not held.refresh()
    assert not held.refresh()
    assert levels(logged) == ["info", "error", "error"]
    key.write_bytes(sound)
    assert held.refresh()
    assert held.status(time.time()).why == ""
    assert repr(held) == f"<Certificates {chain}>"


def test_ticket_keys_are_renewed_with_the_context(tmp_path: Path) -> None:
    clock = Clock()
    held = Certificates(*certificate(tmp_path, "a.example.com"), clock.seconds)
    first = held.context()
    clock.advance(TICKETS - 1)
    assert not held.refresh()
    assert held.context() is first
    clock.advance(1)
    assert not held.refresh()
    second = held.context()
    assert second is not first
    (tmp_path / "key.pem").write_text("none")
    assert not held.refresh()
    clock.advance(TICKETS)
    assert not held.refresh()
    assert held.context() is second


def test_who_may_be_asked_to_renew(tmp_path: Path) -> None:
    held = Certificates(*certificate(tmp_path, "a.example.com"))
    assert [held.renew(name) for name in ("", "a.example.com", "b.example.com")] == [True, True, False]
    assert held.statuses(0.0) == [held.status(0.0)]
    held.stop()


def test_a_pair_that_does_not_fit(tmp_path: Path) -> None:
    chain, _ = certificate(tmp_path, "a.example.com")
    (tmp_path / "other").mkdir()
    _, key = certificate(tmp_path / "other", "a.example.com")
    with pytest.raises(StartError, match="do not belong together"):
        Certificates(chain, key)
    with pytest.raises(StartError, match="cannot be read: No such file"):
        Certificates(tmp_path / "none", key)


def test_one_that_ends_raises_the_alarm(tmp_path: Path) -> None:
    held = Certificates(*certificate(tmp_path, "a.example.com", "b.example.com"))
    now = time.time()
    told = held.status(now)
    assert told.names == ("a.example.com", "b.example.com")
    assert told.not_before is not None
    assert told.not_after is not None
    assert told.not_before < now < told.not_after
    late = held.status(told.not_after - 1)
    assert (late.state, late.why) == ("expiring", "it ends soon, and nobody has put another one in its place")
    over = held.status(told.not_after)
    assert (over.state, over.why, over.next_try) == ("failed", "it has ended", None)


def test_a_common_name_is_no_name() -> None:
    """RFC 9525 §6.3."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a.example.com")])
    now = dt.datetime.now(dt.timezone.utc)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now).not_valid_after(now + dt.timedelta(days=1))
    assert names_of(made.sign(key, hashes.SHA256())) == ()
