"""The banner: what the operator reads at the start."""

from __future__ import annotations

from dataclasses import replace

import pytest

from webproxy.access.secret import Secret
from webproxy.net.destination import Tcp, Unix
from webproxy.observe.banner import Surroundings, banner
from webproxy.settings.credentials import CredentialSources
from webproxy.settings.model import Direct, Settings

HERE = (Tcp("127.0.0.1", 8080), Tcp("::1", 8080))


def test_everything_is_well() -> None:
    lines = banner("1.0", Settings(internal=HERE, port=12345), Surroundings(HERE[1], []))
    assert lines == [
        "webproxy 1.0",
        "  listens on   http://127.0.0.1:12345 and every other address of this machine, IPv4 and IPv6",
        "  forwards to  [::1]:8080, which is up",
        "  as Host      what clients send, or localhost:8080 if the service insists: the log tells, once it is up",
        "  access       open, no password: whoever reaches port 12345 reaches the service;",
        "               --user NAME asks for a password and lets nobody else in",
    ]


def test_the_service_is_not_up_yet() -> None:
    lines = banner("1.0", Settings(internal=HERE, port=12345), Surroundings(None, []))
    assert lines[2] == "  forwards to  127.0.0.1:8080 or [::1]:8080, which is not up yet"


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("preserve", "what clients send"),
        ("rewrite", "localhost:8080, whatever clients send"),
        ("gpu.local", "gpu.local, whatever clients send"),
    ],
)
def test_which_host_the_service_gets(rule: str, told: str) -> None:
    settings = Settings(internal=HERE, port=12345, upstream_host=rule)
    assert banner("1.0", settings, Surroundings(None, []))[3] == f"  as Host      {told}"


@pytest.mark.parametrize(
    ("credentials", "told"),
    [
        (CredentialSources(user="anna", password=Secret(b"sEcReT")), "anna with a password, and nobody else;"),
        (CredentialSources(htpasswd="/u", keys="/k"), "the users of /u and the API keys of /k, and nobody else;"),
    ],
)
def test_who_may_come_in(credentials: CredentialSources, told: str) -> None:
    settings = Settings(internal=HERE, port=1, credentials=credentials, allow=("10.0.0.0/8", "::1/128"), deny=("::/0",))
    assert banner("1.0", settings, Surroundings(None, []))[4:] == [
        f"  access       {told}",
        "               for public users put TLS in front: here a password can be read on its way",
        "               only from 10.0.0.0/8, ::1/128",
        "               not from ::/0",
    ]


def test_listening_narrowed() -> None:
    settings = Settings(internal=(Unix("/run/service.sock"),), port=80, listen=("192.0.2.1", "2001:db8::1"))
    lines = banner("1.0", settings, Surroundings(Unix("/run/service.sock"), []))
    assert lines[1] == "  listens on   http://192.0.2.1:80, http://[2001:db8::1]:80"
    assert lines[2] == "  forwards to  unix:/run/service.sock, which is up"


def test_the_service_listens_beyond_loopback() -> None:
    lines = banner("1.0", Settings(internal=HERE, port=12345), Surroundings(HERE[0], ["0.0.0.0", "::"]))
    assert lines[6:] == [
        (
            "  WARNING      the service itself listens on 0.0.0.0, ::: "
            "whoever reaches port 8080 on this machine needs no password"
        )
    ]


def test_a_password_that_everybody_may_read() -> None:
    settings = Settings(internal=HERE, port=1, credentials=CredentialSources(user="anna", password_file="/password"))
    assert banner("1.0", settings, Surroundings(None, [], "/password"))[6:] == [
        "  WARNING      every user of this machine may read the password: chmod 600 /password"
    ]


def test_the_background_has_no_standard_output() -> None:
    settings = Settings(internal=HERE, port=12345)
    nothing = Surroundings(None, [])
    assert banner("1.0", settings, nothing, detached=True)[6:] == [
        "  WARNING      in the background there is no standard output for the access log: give --access-log PATH"
    ]
    assert len(banner("1.0", replace(settings, access_log="/log"), nothing, detached=True)) == 6


def test_a_unix_socket_has_no_port_to_reach() -> None:
    lines = banner("1.0", Settings(internal=(Unix("/a"),), port=1), Surroundings(None, ["0.0.0.0"]))
    assert not any("WARNING" in line for line in lines)


@pytest.mark.parametrize(
    ("direct", "told"),
    [
        ("refuse", "then others than it and this machine are told to go there"),
        ("allow", "others may still come here directly, unencrypted"),
    ],
)
def test_where_the_public_address_comes_from(direct: Direct, told: str) -> None:
    users = CredentialSources(htpasswd="/u")
    settings = Settings(internal=HERE, port=1, router="https://r:8443", direct=direct, credentials=users)
    assert banner("1.0", settings, Surroundings(None, []))[4:] == [
        "  public       https://r:8443 is asked for an address: the log tells, once we have one",
        f"               {told}",
        "  access       the users of /u, and nobody else",
    ]
