"""The table of options is complete and says nothing that it does not take back itself."""

from __future__ import annotations

from dataclasses import fields

import pytest

from webproxy.settings.model import Settings
from webproxy.settings.options import BY_NAME, OPTIONS, Option

#: Fields that no option of today sets, and the one whose option bears another name.
WITHOUT = {"connect_timeout"}
#: Fields whose options are on their way.
WITHOUT |= {"credentials", "cors_origins", "preflight", "allow", "deny", "upstream_authorization", "forward_user"}
OTHERWISE = {"timeout": "policies", "policy": "policies"}


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
    assert option.required == (option.default is None and not option.repeatable)
