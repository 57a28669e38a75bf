"""Where the admin endpoint may be."""

from __future__ import annotations

import os

import pytest

from webproxy.net.destination import Tcp, Unix
from webproxy.settings.admin import admin, usual
from webproxy.settings.wrong import TextError


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("auto", "auto"),
        ("none", "none"),
        ("9100", Tcp("127.0.0.1", 9100)),
        ("[::1]:9100", Tcp("::1", 9100)),
        ("unix:/run/w.sock", Unix("/run/w.sock")),
    ],
)
def test_reads_a_place(text: str, place: object) -> None:
    assert admin(text) == place


@pytest.mark.parametrize("text", ["0.0.0.0:9100", "192.0.2.7:9100", "gpu.example:9100", "[::]:9100"])
def test_refuses_what_others_reach(text: str) -> None:
    with pytest.raises(TextError, match="other machines"):
        admin(text)


@pytest.mark.parametrize(
    ("user", "environ", "path"),
    [
        (0, {}, "/run/webproxy/12345.sock"),
        (0, {"RUNTIME_DIRECTORY": "/run/own:/run/second"}, "/run/own/12345.sock"),
        (1000, {"XDG_RUNTIME_DIR": "/run/user/1000"}, "/run/user/1000/webproxy/12345.sock"),
        (1000, {}, None),
        (1000, {"XDG_RUNTIME_DIR": "/" + "x" * 100}, None),
        (1000, {"XDG_RUNTIME_DIR": "relative"}, None),
    ],
)
def test_the_usual_place(user: int, environ: dict[str, str], path: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: user)
    assert usual(12345, environ) == (Unix(path) if path else None)
