"""The router's options: what they come to, and a sentence for each that is wrong."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from webproxy.errors import SettingsError
from webproxy.router.options import OPTIONS, settings_of


@pytest.fixture
def needed(tmp_path: Path) -> list[str]:
    (tmp_path / "f").touch()
    file = str(tmp_path / "f")
    return ["--domain", "Secure.Example.com.", "--certificate", file, "--key", file, "--machines", "10.0.0.0/8"]


def test_what_is_needed_is_enough(needed: list[str]) -> None:
    settings = settings_of(needed, {})
    assert (settings.domain, settings.port, settings.http_port, settings.control_port) == (
        "secure.example.com",
        443,
        80,
        8443,
    )
    assert (settings.machines, settings.advertise, settings.state) == (
        ("10.0.0.0/8",),
        (),
        Path("/var/lib/webproxy-router"),
    )
    assert settings.control_certificate is None


def test_everything_may_be_said(needed: list[str], tmp_path: Path) -> None:
    words = [*needed, "--machines=192.0.2.7", "--http-port", "none", "--advertise", "10.0.0.2", "--drain", "none"]
    words += ["--control-certificate", needed[3], "--control-key", needed[3], "--state", str(tmp_path)]
    settings = settings_of(words, {"STATE_DIRECTORY": "/elsewhere"})
    assert settings.machines == ("10.0.0.0/8", "192.0.2.7/32")
    assert (settings.http_port, settings.advertise, settings.drain) == (None, ("10.0.0.2",), math.inf)
    assert settings.control_key == Path(needed[3])
    assert settings.state == tmp_path


def test_systemd_names_the_folder(needed: list[str]) -> None:
    assert settings_of(needed, {"STATE_DIRECTORY": "/var/lib/x:/var/lib/y"}).state == Path("/var/lib/x")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--domian", "x"], "--domian: there is no such option; did you mean --domain?"),
        (["-x"], "-x: there is no such option"),
        (["x"], "'x': an option must stand before this word"),
        (["--port", "0"], "--port: 0 is not a port; ports go from 1 to 65535"),
        (["--port", "80"], "--http-port: 80 is --port already; choose another port"),
        (["--http-port", "no"], "--http-port: 'no' is not a port"),
        (["--machines", "gpu1"], "--machines: 'gpu1' is not a network"),
        (["--advertise", "10.0.0.0/8"], "--advertise: 10.0.0.0/8 is a network; give one IP address"),
        (["--control-key", __file__], "--control-certificate: not given; a certificate and its key belong together"),
        (["--control-certificate", "/none"], "--control-certificate: there is no file /none"),
        (["--control-certificate", ""], "--control-certificate: no file is named"),
        (["--state", __file__], f"--state: {__file__!r} is not a folder"),
        (["--drain", "5"], "--drain: '5' has no unit"),
    ],
)
def test_what_is_wrong(needed: list[str], words: list[str], told: str) -> None:
    with pytest.raises(SettingsError) as caught:
        settings_of([*needed, *words], {})
    assert told in str(caught.value)


@pytest.mark.parametrize("domain", ["localhost", "-a.example.com", "a..b", "10.0.0.1", "ex ample.com", ""])
def test_what_is_no_domain(needed: list[str], domain: str) -> None:
    with pytest.raises(SettingsError, match=r"is not a domain; write it as in secure\.example\.com"):
        settings_of(["--domain", domain, *needed[2:]], {})


def test_everything_that_is_wrong_is_told() -> None:
    with pytest.raises(SettingsError) as caught:
        settings_of([], {})
    missing = [option for option in OPTIONS if option.required]
    assert len(str(caught.value).splitlines()) == len(missing) + 1 == 3
