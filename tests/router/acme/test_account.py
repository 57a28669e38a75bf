"""An account comes back from its file."""

from __future__ import annotations

import json
from typing import Any

import pytest

from webproxy.router.acme.account import file_of, new, read
from webproxy.router.acme.settings import PRODUCTION, STAGING, AcmeSettings


def test_it_comes_back_and_shows_no_key() -> None:
    made = new(AcmeSettings(email="a@example.com", eab_kid="kid", eab_key="key"))
    assert read(made.written()) == made
    assert (made.url, made.directory, made.email, made.eab_kid) == ("", PRODUCTION, "a@example.com", "kid")
    assert repr(made) == "Account(not made yet)"
    assert new(AcmeSettings()).key != made.key


def test_each_authority_has_its_own() -> None:
    assert file_of(PRODUCTION) != file_of(STAGING)


@pytest.mark.parametrize(("name", "value"), [("key", "none"), ("key", 1), ("url", None), ("email", 1)])
def test_nonsense(name: str, value: Any) -> None:
    said = {**json.loads(new(AcmeSettings()).written()), name: value}
    with pytest.raises(ValueError, match=r"something is missing|the key is none"):
        read(json.dumps(said).encode())


def test_no_object() -> None:
    with pytest.raises(ValueError, match="something is missing"):
        read(b"[]")
