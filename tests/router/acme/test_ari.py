"""Identifiers of certificates, and windows."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from webproxy.router.acme.ari import identifier, moment, window
from webproxy.router.acme.schedule import Window


def made(serial: int, authority: x509.ExtensionType | None) -> x509.Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    now = dt.datetime.now(dt.timezone.utc)
    builder = x509.CertificateBuilder().subject_name(x509.Name([])).issuer_name(x509.Name([]))
    builder = builder.public_key(key.public_key()).serial_number(serial)
    builder = builder.not_valid_before(now).not_valid_after(now + dt.timedelta(days=1))
    if authority is not None:
        builder = builder.add_extension(authority, critical=False)
    return builder.sign(key, hashes.SHA256())


def test_rfc9773_4_1_the_example() -> None:
    key = bytes.fromhex("69 88 5B 6B 87 46 40 41 E1 B3 7B 84 7B A0 AE 2C DE 01 C8 D4")
    found = made(0x8765_4321, x509.AuthorityKeyIdentifier(key, None, None))
    assert identifier(found) == "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE"


def test_one_without_an_authority_has_none() -> None:
    assert identifier(made(1, None)) == ""
    assert identifier(made(1, x509.AuthorityKeyIdentifier(None, [x509.DNSName("a")], 1))) == ""
    assert identifier(made(0x7F, x509.AuthorityKeyIdentifier(b"k", None, None))) == "aw.fw"


def test_rfc9773_4_2_a_window() -> None:
    said = {"suggestedWindow": {"start": "2025-01-02T04:00:00Z", "end": "2025-01-03T04:00:00.5+00:00"}}
    assert window(said) == Window(1735790400.0, 1735876800.5)


@pytest.mark.parametrize(
    "said",
    [
        None,
        [],
        {},
        {"suggestedWindow": 1},
        {"suggestedWindow": {"start": "2025-01-02T04:00:00Z"}},
        {"suggestedWindow": {"start": "2025-01-02T04:00:00Z", "end": "2025-01-02T04:00:00Z"}},
        {"suggestedWindow": {"start": "soon", "end": "2025-01-02T04:00:00Z"}},
    ],
)
def test_what_is_no_window(said: Any) -> None:
    assert window(said) is None


@pytest.mark.parametrize("text", [1, None, "", "2025-01-02T04:00:00", "x" * 65, "2025-13-01T00:00:00Z"])
def test_what_is_no_date(text: Any) -> None:
    assert moment(text) is None


def test_fractions_of_any_length() -> None:
    assert moment("1970-01-01T00:00:01.123456789Z") == pytest.approx(1.123456789)
    assert moment("1970-01-01t01:00:01.5+01:00") == 1.5
