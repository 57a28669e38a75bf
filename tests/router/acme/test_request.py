"""Keys and requests; what fits, and what does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tests.integration.edge import certificate
from webproxy.router.acme.request import LARGEST, UnfitError, leaf_of, new_key, private_key, signing_request

if TYPE_CHECKING:
    from pathlib import Path


def test_a_request_names_what_is_wanted_and_its_key_is_p256() -> None:
    key = new_key()
    made = signing_request(key, ("*.example.com", "b.example.com"))
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["*.example.com", "b.example.com"]
    assert made.is_signature_valid
    assert isinstance(private_key(key).curve, ec.SECP256R1)
    assert new_key() != key


def test_what_fits(tmp_path: Path) -> None:
    chain, key = (file.read_text() for file in certificate(tmp_path, "*.example.com", "b.example.com"))
    leaf = leaf_of(chain, key, ("*.example.com",))
    assert leaf.names == ("*.example.com", "b.example.com")
    assert leaf.span[0] < leaf.span[1]
    for wrong, other, names, told in (
        (chain, new_key(), ("*.example.com",), "belongs to another key"),
        (chain, key, ("c.example.com",), "is not for c.example.com"),
        (chain, "no key", ("*.example.com",), "the key is none"),
        ("no chain", key, ("*.example.com",), "it is no certificate"),
        (chain[:200], key, ("*.example.com",), "it is no certificate"),
        ("x" * (LARGEST + 1), key, ("*.example.com",), "longer than"),
    ):
        with pytest.raises(UnfitError, match=told):
            leaf_of(wrong, other, names)


def test_another_kind_of_key_is_none_of_ours() -> None:
    made = rsa.generate_private_key(65537, 2048)
    how = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    with pytest.raises(UnfitError, match="none of ours"):
        private_key(made.private_bytes(*how).decode())
