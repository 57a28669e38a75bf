"""What a reload changes: at once what the service can take over, and by name what it cannot."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from webproxy.access.secret import Secret
from webproxy.net.destination import Tcp
from webproxy.settings.credentials import CredentialSources
from webproxy.settings.difference import AT_ONCE, difference
from webproxy.settings.model import Settings
from webproxy.settings.policies import choose, named

BEFORE = Settings(internal=(Tcp("127.0.0.1", 8080),), port=12345)


def test_nothing_changes() -> None:
    assert difference(BEFORE, replace(BEFORE)) == (BEFORE, (), ())


def test_what_can_holds_at_once_and_the_rest_stays() -> None:
    after = replace(BEFORE, port=1, listen=("127.0.0.1",), max_body=5, policies=choose([named("timeout:long=1s")])[0])
    settings, at_once, at_restart = difference(BEFORE, after)
    assert (at_once, at_restart) == (("policy", "max-body"), ("port", "listen"))
    assert settings == replace(after, port=12345, listen=())


def test_a_policy_that_only_moved_in_its_file_is_the_same() -> None:
    moved = replace(BEFORE, policies=tuple(replace(one, where="12345.toml:9: policy") for one in BEFORE.policies))
    assert moved != BEFORE
    assert difference(BEFORE, moved)[1:] == ((), ())


@pytest.mark.parametrize("name", sorted(AT_ONCE))
def test_every_name_is_a_field(name: str) -> None:
    assert name in {field.name for field in fields(Settings)}


def test_who_may_come_in_is_told_by_its_options() -> None:
    anna = CredentialSources(user="anna", password=Secret(b"a"), keys="/k")
    protected = replace(BEFORE, credentials=anna)
    assert difference(BEFORE, protected) == (protected, ("user", "password", "keys"), ())
    other = replace(protected, credentials=replace(anna, password=Secret(b"b")), forward_user=True)
    assert difference(protected, other)[1:] == (("forward-user", "password"), ())
    assert difference(protected, BEFORE)[1] == ("user", "password", "keys")
