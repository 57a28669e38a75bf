"""Settings are frozen values with the defaults that the table of options writes down."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from webproxy.net.destination import Tcp
from webproxy.settings.model import Settings
from webproxy.settings.settle import Given, settle


def test_is_frozen() -> None:
    settings = Settings(internal=(Tcp("::1", 1),), port=2)
    with pytest.raises(FrozenInstanceError):
        settings.port = 3  # type: ignore[misc]


def test_defaults_are_those_of_the_options() -> None:
    """Who builds Settings in a program gets what the command line would have given."""
    written = settle({"internal": Given(("[::1]:1",), ""), "port": Given(("2",), "")})
    assert written == Settings(internal=(Tcp("::1", 1),), port=2)
