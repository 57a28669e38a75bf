"""What holds, whose word it is, and no secret."""

from __future__ import annotations

from dataclasses import replace

import pytest

from webproxy.settings import shown as showing
from webproxy.settings.options import BY_NAME, OPTIONS
from webproxy.settings.settle import Given
from webproxy.settings.shown import Shown, shown


def rows(*sources: dict[str, Given]) -> dict[str, Shown]:
    return {row.name: row for row in shown(sources)}


def test_every_option_is_shown_with_whose_it_is() -> None:
    found = rows({"drain": Given(("5s",), "--drain")}, {"drain": Given(("6s",), "a.toml: drain")})
    assert list(found) == [option.name for option in OPTIONS]
    assert found["drain"] == Shown("drain", ("5s",), "--drain")
    assert found["on-disconnect"] == Shown("on-disconnect", ("abort",), "default")
    assert found["trust"] == Shown("trust", (), "default")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("queue:slots=2", "queue:slots=2"),
        ("guard", "guard"),
        ("guard:api-key=abc,token=x,y,keys=3", "guard:api-key=***,token=***,keys=3"),
        ("guard:abc", "guard:***"),
    ],
)
def test_secrets_of_policies_are_hidden(text: str, told: str) -> None:
    assert rows({"policy": Given((text,), "--policy")})["policy"].texts == (told,)


def test_a_secret_option_is_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(showing, "OPTIONS", [replace(BY_NAME["drain"], secret=True)])
    assert shown([{"drain": Given(("5s",), "--drain")}]) == [Shown("drain", ("***",), "--drain")]
