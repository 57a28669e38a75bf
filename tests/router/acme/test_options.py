"""Where certificates come from: what may be said, and a sentence for each thing that is wrong."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from webproxy.errors import SettingsError
from webproxy.router.acme.settings import PRODUCTION, STAGING, AcmeSettings
from webproxy.router.options import settings_of

if TYPE_CHECKING:
    from pathlib import Path

    from webproxy.router.settings import RouterSettings

BASE = ["--domain", "secure.example.com", "--machines", "10.0.0.0/8"]
AGREED = [*BASE, "--acme-agree-terms", "yes"]
DNS = ["--public-address", "192.0.2.7"]


def read(*words: str) -> RouterSettings:
    return settings_of(list(words), {})


def wrong(*words: str) -> str:
    with pytest.raises(SettingsError) as caught:
        read(*words)
    return str(caught.value)


def test_one_word_is_enough() -> None:
    settings = read(*AGREED, *DNS)
    assert settings.acme == AcmeSettings()
    assert settings.acme is not None
    assert (settings.acme.directory, settings.acme.challenge) == (PRODUCTION, "dns-01")
    assert (settings.certificate, settings.key) == (None, None)
    assert settings.dns is not None
    assert settings.dns.port == 53


def test_everything_may_be_said(tmp_path: Path) -> None:
    (tmp_path / "mac").write_text("c2VjcmV0LW9mLXNvLW1hbnktYnl0ZXM=\n")
    (tmp_path / "ca").touch()
    words = ["--acme-directory", "https://ca.example.com:14000/dir", "--acme-email", "anna@example.com"]
    words += ["--acme-eab-kid", "kid-1", "--acme-eab-key-file", str(tmp_path / "mac"), "--acme-profile", "shortlived"]
    words += ["--acme-hook", f"{sys.executable} -c 'a b'", "--acme-ca", str(tmp_path / "ca")]
    assert read(*AGREED, *words).acme == AcmeSettings(
        directory="https://ca.example.com:14000/dir",
        challenge="hook",
        email="anna@example.com",
        eab_kid="kid-1",
        eab_key="c2VjcmV0LW9mLXNvLW1hbnktYnl0ZXM",
        profile="shortlived",
        hook=(sys.executable, "-c", "a b"),
        ca=tmp_path / "ca",
    )


def test_staging_is_one_switch_and_a_hook_needs_no_name_server() -> None:
    settings = read(*AGREED, "--acme-staging", "yes", "--acme-hook", sys.executable)
    assert settings.acme is not None
    assert (settings.acme.directory, settings.dns) == (STAGING, None)


def test_files_need_no_authority(tmp_path: Path) -> None:
    (tmp_path / "f").touch()
    file = str(tmp_path / "f")
    settings = read(*BASE, "--certificate", file, "--key", file)
    assert settings.acme is None
    told = wrong(*AGREED, "--certificate", file, "--key", file, "--acme-email", "a@example.com").splitlines()
    assert told == [
        f"--{name}: of no use with --certificate; certificates from files and from an authority exclude each other; "
        "give either"
        for name in ("acme-agree-terms", "acme-email")
    ]
    for given, lacks in (("certificate", "key"), ("key", "certificate")):
        told_of = wrong(*BASE, f"--{given}", file)
        assert told_of == f"--{lacks}: not given; a certificate and its key belong together"


def test_neither_is_one_sentence() -> None:
    assert wrong(*BASE) == (
        "--certificate: not given; give --certificate and --key, or have the router get its certificates: "
        "--acme-agree-terms yes"
    )
    assert wrong(*BASE, "--acme-staging", "yes") == (
        "--acme-agree-terms: not given; read the authority's terms of service, and write --acme-agree-terms yes if you "
        "agree"
    )


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--acme-directory", "http://ca/dir"], "--acme-directory: 'http://ca/dir' is no https URL; write it as in"),
        (["--acme-directory", "https://ca:x/dir"], "is no https URL"),
        (["--acme-directory", "https://a:b@ca/dir"], "is no https URL"),
        (["--acme-directory", "https:///dir"], "is no https URL"),
        (["--acme-directory", "https://ca/a b"], "is no https URL"),
        (
            ["--acme-directory", "https://ca/dir", "--acme-staging", "yes"],
            "--acme-staging: there is an --acme-directory; give one of the two",
        ),
        (["--acme-email", "anna"], "--acme-email: 'anna' is no address for mail"),
        (["--acme-eab-kid", "kid"], "--acme-eab-key-file: not given; an account's id and its key belong together"),
        (["--acme-eab-key-file", __file__], f"--acme-eab-key-file: {__file__} holds no key"),
        (["--acme-eab-kid", "a b"], "--acme-eab-kid: 'a b' is not one word; write it as the authority does"),
        (["--acme-challenge", "dns"], "--acme-challenge: 'dns' is not known; did you mean dns-01?"),
        (["--acme-challenge", "hook"], "--acme-hook: not given; --acme-challenge hook wants a command"),
        (["--acme-challenge", "dns-01", "--acme-hook", sys.executable], "of no use with --acme-challenge dns-01"),
        (["--acme-hook", "/nowhere/hook x"], "--acme-hook: '/nowhere/hook x' is no command"),
        (["--acme-hook", "'"], "is no command"),
        (["--acme-ca", "/nowhere"], "--acme-ca: there is no file /nowhere"),
        (["--acme-ca", ""], "--acme-ca: no file is named; give the path of one"),
        (["--acme-agree-terms", "no"], "give it once"),
        (
            ["--acme-challenge", "http-01", "--http-port", "none"],
            "--http-port: none, and --acme-challenge http-01 needs it; authorities ask on port 80",
        ),
        (["--acme-challenge", "http-01"], "--control-certificate: not given; with --acme-challenge http-01 there is"),
        (["--dns-port", "none"], "--dns-port: none, and --acme-challenge dns-01 needs it"),
    ],
)
def test_what_is_wrong(words: list[str], told: str) -> None:
    assert told in wrong(*AGREED, *(() if "--dns-port" in words else DNS), *words)


def test_the_other_half_of_an_account(tmp_path: Path) -> None:
    (tmp_path / "mac").write_text("c2VjcmV0LW9mLXNvLW1hbnktYnl0ZXM")
    told = wrong(*AGREED, *DNS, "--acme-eab-key-file", str(tmp_path / "mac"))
    assert told == "--acme-eab-kid: not given; an account's id and its key belong together"
