"""The table of options is complete and says nothing that it does not take back itself."""

from __future__ import annotations

from dataclasses import fields

import pytest

from webproxy.settings.model import Settings
from webproxy.settings.options import BY_NAME, OPTIONS, Option

#: Fields that no option of today sets, and those whose options bear other names.
WITHOUT = {"connect_timeout"}
OTHERWISE = {
    "timeout": "policies",
    "policy": "policies",
    "user": "credentials",
    "password-file": "credentials",
    "htpasswd": "credentials",
    "keys": "credentials",
    "cors-origin": "cors_origins",
    "upstream-authorization-file": "upstream_authorization",
}


def test_every_field_has_its_option() -> None:
    named = {OTHERWISE.get(option.name, option.name.replace("-", "_")) for option in OPTIONS}
    assert named == {field.name for field in fields(Settings)} - WITHOUT


def test_names_are_unique() -> None:
    assert len(BY_NAME) == len(OPTIONS)


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_what_a_row_writes_can_be_read(option: Option) -> None:
    for text in filter(None, (option.default, option.example)):
        option.parse(text)
    assert option.example or not option.required
    assert option.help.endswith(".")
    assert not (option.required and (option.default or option.repeatable))
