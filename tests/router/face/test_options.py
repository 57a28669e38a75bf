"""Where the router may be looked at."""

from __future__ import annotations

from pathlib import Path

import pytest

from webproxy.errors import SettingsError
from webproxy.net.destination import Tcp, Unix
from webproxy.router.options import settings_of

NEEDED = ["--domain", "a.example.com", "--certificate", __file__, "--key", __file__, "--machines", "10.0.0.0/8"]


def test_places() -> None:
    assert settings_of(NEEDED, {}).admin == "auto"
    assert settings_of([*NEEDED, "--admin", "unix:/run/x.sock"], {}).admin == Unix("/run/x.sock")
    token = str(Path(__file__))
    settings = settings_of([*NEEDED, "--admin", "127.0.0.1:9101", "--admin-token-file", token], {})
    assert (settings.admin, settings.admin_token_file) == (Tcp("127.0.0.1", 9101), token)


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("127.0.0.1:9101", "--admin: 127.0.0.1:9101 can be reached by every user of this machine; give --admin-token"),
        ("0.0.0.0:9101", "--admin: '0.0.0.0:9101' can be reached from other machines"),
    ],
)
def test_what_others_could_ask_is_refused(place: str, told: str) -> None:
    with pytest.raises(SettingsError) as caught:
        settings_of([*NEEDED, "--admin", place], {})
    assert str(caught.value).startswith(told)
