"""Settings that contradict each other."""

from __future__ import annotations

import socket
from dataclasses import replace

import pytest

from webproxy.net.destination import Tcp, Unix
from webproxy.net.listen import has_ipv6
from webproxy.settings.credentials import CredentialSources
from webproxy.settings.destinations import destinations
from webproxy.settings.model import Settings
from webproxy.settings.together import contradictions

needs_ipv6 = pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")


def sentences(internal: str, *listen: str, port: int = 12345) -> list[str]:
    settings = Settings(internal=destinations(internal), port=port, listen=listen)
    return [str(error) for error in contradictions(settings, {"internal": "--internal"})]


@pytest.mark.parametrize(
    ("internal", "listen"),
    [
        ("12345", ()),
        ("127.0.0.1:12345", ()),
        ("127.0.0.9:12345", ()),
        ("localhost:12345", ("127.0.0.1",)),
        ("0.0.0.0:12345", ("127.0.0.2",)),
        ("127.0.0.9:12345", ("0.0.0.0",)),
        pytest.param("[::1]:12345", ("127.0.0.2", "::1"), marks=needs_ipv6),
        (f"{socket.gethostname()}:12345", ()),
    ],
)
def test_internal_is_external(internal: str, listen: tuple[str, ...]) -> None:
    (sentence,) = sentences(internal, *listen)
    assert sentence.startswith("--internal: ")
    assert "is the address that webproxy itself would open; give the port where the service listens now" in sentence


@pytest.mark.parametrize(
    ("internal", "listen"),
    [
        ("8080", ()),
        ("unix:/run/service.sock", ()),
        ("127.0.0.1:12345", ("127.0.0.2",)),
        pytest.param("127.0.0.1:12345", ("::",), marks=needs_ipv6),
        ("192.0.2.7:12345", ()),
        ("192.0.2.7:12345", ("0.0.0.0",)),
        ("gpu-box.example:12345", ()),
    ],
)
def test_the_same_port_elsewhere_is_no_contradiction(internal: str, listen: tuple[str, ...]) -> None:
    assert sentences(internal, *listen) == []


@pytest.mark.parametrize(
    ("listen", "what"),
    [
        (("127.0.0.1", "127.0.0.1"), "127.0.0.1 is given twice"),
        (("0.0.0.0", "127.0.0.1"), "127.0.0.1 is part of 0.0.0.0"),
        pytest.param(("::1", "::"), "::1 is part of ::", marks=needs_ipv6),
    ],
)
def test_an_address_within_another(listen: tuple[str, ...], what: str) -> None:
    assert sentences("8080", *listen) == [f"--listen: {what}; give each address once"]


def test_an_address_of_another_machine() -> None:
    (sentence,) = sentences("8080", "127.0.0.1", "192.0.2.1")
    assert sentence.startswith("--listen: 192.0.2.1 is not an address of this machine; give one of its addresses")


@needs_ipv6
def test_both_families_fit_together() -> None:
    assert sentences("8080", "::", "0.0.0.0") == []


@pytest.mark.parametrize(
    ("trust", "layer_4", "twice"),
    [
        (("192.0.2.7/32",), ("192.0.2.7/32",), "192.0.2.7/32"),
        (("192.0.2.0/24",), ("10.0.0.0/8", "192.0.2.7/32"), "192.0.2.7/32"),
        (("2001:db8:1::/48",), ("2001:db8::/32",), "2001:db8:1::/48"),
    ],
)
def test_a_peer_is_an_http_proxy_or_a_layer_4_one(trust: tuple[str, ...], layer_4: tuple[str, ...], twice: str) -> None:
    (error,) = contradictions(trusting(trust, layer_4), {"proxy-protocol": "WEBPROXY_PROXY_PROTOCOL"})
    assert str(error) == (
        f"WEBPROXY_PROXY_PROTOCOL: {twice} is in --trust, too; "
        "name each peer in one of them: how it speaks decides in which"
    )


@pytest.mark.parametrize(
    ("trust", "layer_4"),
    [((), ("10.0.0.0/8",)), (("192.0.2.7/32",), ()), (("0.0.0.0/0",), ("::/0",)), (("10.0.0.1/32",), ("10.0.0.2/32",))],
)
def test_two_trusts_side_by_side(trust: tuple[str, ...], layer_4: tuple[str, ...]) -> None:
    assert contradictions(trusting(trust, layer_4), {}) == []


@pytest.mark.parametrize(
    ("credentials", "sentence"),
    [
        (
            CredentialSources(user="anna", htpasswd="/users"),
            (
                "--user: there is a --htpasswd file, too; "
                "leave one of them out; webproxy passwd /users anna adds this user to it"
            ),
        ),
        (CredentialSources(password_file="-"), "--password-file: no user is named; give --user NAME, too"),
        (
            CredentialSources(password_file="-", keys="/keys"),
            "--password-file: no user is named; give --user NAME, too",
        ),
        (
            None,
            (
                "--forward-user: everybody may come in, so nobody has a name; "
                "give --user, --htpasswd or --keys, or leave it out"
            ),
        ),
    ],
)
def test_halves_of_credentials(credentials: CredentialSources | None, sentence: str) -> None:
    settings = Settings(internal=destinations("8080"), port=12345, credentials=credentials, forward_user=True)
    assert [str(error) for error in contradictions(settings, {})] == [sentence]


@pytest.mark.parametrize(
    "credentials",
    [
        None,
        CredentialSources(user="anna"),
        CredentialSources(user="anna", password_file="-", keys="/keys"),
        CredentialSources(htpasswd="/users", keys="/keys"),
        CredentialSources(keys="/keys"),
    ],
)
def test_whole_credentials(credentials: CredentialSources | None) -> None:
    forward_user = credentials is not None
    settings = Settings(internal=destinations("8080"), port=1, credentials=credentials, forward_user=forward_user)
    assert contradictions(settings, {}) == []


def trusting(trust: tuple[str, ...], layer_4: tuple[str, ...]) -> Settings:
    return Settings(internal=destinations("8080"), port=12345, trust=trust, proxy_protocol=layer_4)


def test_an_admin_port_wants_a_token() -> None:
    settings = Settings(internal=(Tcp("127.0.0.1", 8080),), port=12345, admin=Tcp("127.0.0.1", 9100))
    (error,) = contradictions(settings, {})
    assert str(error).startswith("--admin: 127.0.0.1:9100 can be reached by every user of this machine; give --admin-t")
    assert contradictions(replace(settings, admin_token_file="/t"), {}) == []
    assert contradictions(replace(settings, admin=Unix("/run/w.sock")), {}) == []


@pytest.mark.parametrize("name", ["websocket_ping", "websocket_max_message", "websocket_max_frame"])
def test_a_tunnel_cannot_do_what_needs_frames(name: str) -> None:
    settings = Settings(internal=destinations("8080"), port=1, websocket="tunnel", **{name: 30.0})  # type: ignore[arg-type]
    (error,) = contradictions(settings, {})
    assert f"--{name.replace('_', '-')}" in str(error)
    assert contradictions(replace(settings, websocket="auto"), {}) == []


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"router": "https://r:8443"}, "--router: the router wants a token; give --router-token-file FILE"),
        ({"router_token_file": "/t"}, "--router-token-file: there is no router; give --router URL"),
        ({"router_ca": "/c"}, "--router-ca: there is no router"),
        ({"label": "app"}, "--label: there is no router"),
        (
            {"router": "https://r:8443", "router_token_file": "/t", "public_url": "https://gpu.example.com"},
            "--public-url: the router says the public address; leave one of them out",
        ),
    ],
)
def test_a_router_and_its_token_go_together(given: dict[str, str], sentence: str) -> None:
    settings = Settings(internal=(Tcp("127.0.0.1", 8080),), port=12345, **given)  # type: ignore[arg-type]
    (error,) = contradictions(settings, {})
    assert str(error).startswith(sentence)
