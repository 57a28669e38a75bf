"""Where settings files stand, for root, for others, and for what systemd starts."""

from __future__ import annotations

import os
import sysconfig
from pathlib import Path

import pytest

from webproxy.settings.places import folder, folder_of, instance_file, policies_folder, port_of, state_folder


@pytest.mark.parametrize(
    ("user", "environ", "place"),
    [
        (0, {"XDG_CONFIG_HOME": "/x"}, "/etc/webproxy"),
        (0, {"CONFIGURATION_DIRECTORY": "/a:/b"}, "/a"),
        (7, {"XDG_CONFIG_HOME": "/x", "HOME": "/h"}, "/x/webproxy"),
        (7, {"XDG_CONFIG_HOME": "x", "HOME": "/h"}, "/h/.config/webproxy"),  # the specification: must be absolute
        (7, {"HOME": "/h"}, "/h/.config/webproxy"),
    ],
)
def test_folder(user: int, environ: dict[str, str], place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: user)
    assert folder(environ) == Path(place)


@pytest.mark.parametrize(
    ("user", "environ", "place"),
    [
        (0, {"XDG_STATE_HOME": "/x"}, "/var/lib/webproxy"),
        (0, {"STATE_DIRECTORY": "/a:/b"}, "/a"),
        (7, {"XDG_STATE_HOME": "/x", "HOME": "/h"}, "/x/webproxy"),
        (7, {"XDG_STATE_HOME": "x", "HOME": "/h"}, "/h/.local/state/webproxy"),
    ],
)
def test_state_folder(user: int, environ: dict[str, str], place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: user)
    assert state_folder(environ) == Path(place)


def test_an_instance_has_the_defaults_beside_it() -> None:
    assert folder_of(Path("/a/instances/1.toml"), {"CONFIGURATION_DIRECTORY": "/b"}) == Path("/a")
    assert folder_of(Path("/a/1.toml"), {"CONFIGURATION_DIRECTORY": "/b"}) == Path("/b")


def test_names_say_ports() -> None:
    assert instance_file(Path("/a"), 12345) == Path("/a/instances/12345.toml")
    assert [port_of(Path(name)) for name in ("a/12345.toml", "12345.tml", "x.toml", "\uff11.toml")] == [12345] + [
        None
    ] * 3


def test_policies_of_third_parties_have_a_place_that_upgrades_leave_alone() -> None:
    assert policies_folder("/usr/lib/webproxy") == Path("/usr/local/lib/webproxy/policies")
    assert policies_folder("/home/ada/environment") == Path(sysconfig.get_path("purelib"))
