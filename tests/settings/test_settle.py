"""Several sources become one value; what is wrong is told with the address of whoever said it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from webproxy.access.secret import Secret
from webproxy.errors import SettingsError
from webproxy.net.destination import Tcp, Unix
from webproxy.settings.credentials import CredentialSources
from webproxy.settings.model import Settings
from webproxy.settings.policies import choose, named
from webproxy.settings.settle import Given, SeveralSettingsError, all_of, settle

if TYPE_CHECKING:
    from pathlib import Path

NEEDED = {"internal": Given(("8080",), "--internal"), "port": Given(("12345",), "--port")}


def test_every_option_reaches_its_field(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("Bearer sEcReT\n")
    said = {
        "listen": ("127.0.0.1", "127.0.0.2"),
        "on-disconnect": ("drain",),
        "wait-upstream": ("5s",),
        "drain": ("none",),
        "upgrade-drain": ("1h",),
        "timeout": ("default=10m",),
        "policy": ("timeout:long=20m",),
        "upstream-host": ("rewrite",),
        "public-url": ("https://gpu.example:443/",),
        "trust": ("192.0.2.7", "2001:db8::/32"),
        "proxy-protocol": ("10.0.0.0/8",),
        "max-body": ("2GiB",),
        "min-upload-rate": ("10kB/s",),
        "max-connections": ("1000",),
        "max-connections-per-address": ("100",),
        "user": ("anna",),
        "password-file": ("-",),
        "keys": (str(file),),
        "cors-origin": ("https://a,https://b:443", "*"),
        "preflight": ("pass",),
        "allow": ("192.0.2.0/24",),
        "deny": ("192.0.2.7",),
        "upstream-authorization-file": (str(file),),
        "forward-user": ("yes",),
        "access-log": ("none",),
        "log-format": ("json",),
        "log-level": ("warn",),
        "admin": ("unix:/run/w.sock",),
        "admin-token-file": (__file__,),
    }
    assert settle(NEEDED, {name: Given(texts, name) for name, texts in said.items()}) == Settings(
        internal=(Tcp("127.0.0.1", 8080), Tcp("::1", 8080)),
        port=12345,
        listen=("127.0.0.1", "127.0.0.2"),
        on_disconnect="drain",
        wait_upstream=5,
        drain=math.inf,
        upgrade_drain=3600,
        policies=choose([named("timeout:long=20m")], {"default": "10m"}, "policy")[0],
        upstream_host="rewrite",
        public_url="https://gpu.example",
        trust=("192.0.2.7/32", "2001:db8::/32"),
        proxy_protocol=("10.0.0.0/8",),
        max_body=2 << 30,
        min_upload_rate=10_000,
        max_connections=1000,
        max_connections_per_address=100,
        credentials=CredentialSources(user="anna", password_file="-", keys=str(file)),
        cors_origins=("https://a", "https://b", "*"),
        preflight="pass",
        allow=("192.0.2.0/24",),
        deny=("192.0.2.7/32",),
        upstream_authorization=Secret(b"Bearer sEcReT"),
        forward_user=True,
        access_log="none",
        log_format="json",
        log_level="warn",
        admin=Unix("/run/w.sock"),
        admin_token_file=__file__,
    )


def test_who_speaks_first_wins() -> None:
    file = {"port": Given(("1",), "file: port"), "drain": Given(("1s",), "file: drain")}
    settings = settle({"drain": Given(("2s",), "--drain")}, NEEDED, file)
    assert (settings.port, settings.drain) == (12345, 2)


def test_what_nobody_needs_is_not_parsed() -> None:
    """A wrong value that a stronger source overrides harms nobody."""
    assert settle(NEEDED, {"port": Given(("x",), "file: port")}).port == 12345


def test_an_error_has_the_address_of_its_source() -> None:
    with pytest.raises(SettingsError) as caught:
        settle({"internal": NEEDED["internal"]}, {"port": Given(("x",), "12345.toml: port")})
    assert str(caught.value) == "12345.toml: port: 'x' is not a port; give a number from 1 to 65535"


def test_all_errors_in_one_run_a_line_each() -> None:
    with pytest.raises(SeveralSettingsError) as caught:
        settle({"drain": Given(("soon",), "--drain")})
    lines = str(caught.value).splitlines()
    assert lines[:2] == ["--internal: not given; write --internal 8080", "--port: not given; write --port 12345"]
    assert lines[2].startswith("--drain: 'soon' is not a duration")
    assert len(lines) == len(caught.value.errors) == 3
    assert caught.value.exit_status == 2


def test_contradictions_have_an_address_too() -> None:
    with pytest.raises(SettingsError) as caught:
        settle({"internal": Given(("12345",), "WEBPROXY_INTERNAL")}, NEEDED)
    assert caught.value.where == "WEBPROXY_INTERNAL"


def test_each_text_of_a_list_is_told_with_its_place() -> None:
    with pytest.raises(SeveralSettingsError) as caught:
        settle(NEEDED, {"trust": Given(("x", "::1", "y"), "trust", ("trust[0]", "trust[1]", "trust[2]"))})
    assert [error.where for error in all_of(caught.value)] == ["trust[0]", "trust[2]"]


def test_what_was_wrong_before_is_told_once_and_first() -> None:
    with pytest.raises(SettingsError) as caught:
        settle(NEEDED, {"drain": Given((), "a: drain")}, wrong=[SettingsError("a: drain", "is a list")])
    assert [str(error) for error in all_of(caught.value)] == ["a: drain: is a list"]


def test_what_is_missing_is_asked_for_in_the_file() -> None:
    with pytest.raises(SettingsError) as caught:
        settle({"port": NEEDED["port"]}, file="a.toml")
    assert str(caught.value) == "a.toml: internal: not given; write internal = 8080"
