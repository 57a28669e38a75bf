"""Settings that contradict each other."""

from __future__ import annotations

import socket

import pytest

from webproxy.settings.destinations import destinations
from webproxy.settings.model import Settings
from webproxy.settings.together import contradictions


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
        ("0.0.0.0:12345", ("192.0.2.1",)),
        ("127.0.0.9:12345", ("0.0.0.0",)),
        ("[::1]:12345", ("192.0.2.1", "::1")),
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
        ("127.0.0.1:12345", ("192.0.2.1",)),
        ("127.0.0.1:12345", ("::",)),
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
        (("::1", "::1"), "::1 is given twice"),
        (("0.0.0.0", "127.0.0.1"), "127.0.0.1 is part of 0.0.0.0"),
        (("::1", "::"), "::1 is part of ::"),
    ],
)
def test_an_address_within_another(listen: tuple[str, ...], what: str) -> None:
    assert sentences("8080", *listen) == [f"--listen: {what}; give each address once"]


def test_both_families_fit_together() -> None:
    assert sentences("8080", "::", "0.0.0.0") == []
