"""From settings to a registration, or to a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.edge import certificate
from webproxy.errors import SettingsError, StartError
from webproxy.net.destination import Tcp
from webproxy.registration.made import registration_of
from webproxy.registration.words import RouterAway
from webproxy.settings.model import Settings

if TYPE_CHECKING:
    from pathlib import Path


def made(reactor: Any, folder: Path, **given: Any) -> Any:
    token = folder / "token"
    token.write_text("wpr_one\n")
    values = {"router": "https://router.internal:8443", "router_token_file": str(token), "label": "app", **given}
    settings = Settings(internal=(Tcp("127.0.0.1", 8080),), port=12345, **values)
    return registration_of(settings, {"STATE_DIRECTORY": str(folder / "state")}, reactor, lambda _lease: None)


def test_without_a_router_there_is_none_and_no_key(reactor: Any, tmp_path: Path) -> None:
    assert made(reactor, tmp_path, router="") is None
    assert not (tmp_path / "state").exists()


def test_with_one_there_is_a_key_and_a_token_that_is_read_anew(reactor: Any, tmp_path: Path) -> None:
    chain, _ = certificate(tmp_path, "router.internal")
    registration = made(reactor, tmp_path, router_ca=str(chain))
    claim = registration._claim
    assert (claim.port, claim.label, claim.token()) == (12345, "app", "wpr_one")
    assert made(reactor, tmp_path)._claim.key.public == claim.key.public
    (tmp_path / "token").write_text("wpr_two\n")
    assert claim.token() == "wpr_two"
    (tmp_path / "token").unlink()
    with pytest.raises(RouterAway, match=r"there is no token for it: .*/token cannot be read"):
        claim.token()


def test_certificates_that_went_away_are_told(reactor: Any, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"--router-ca: .*No such file"):
        made(reactor, tmp_path, router_ca=str(tmp_path / "none.pem"))


def test_a_key_that_cannot_be_kept_is_told(reactor: Any, tmp_path: Path) -> None:
    (tmp_path / "state").touch()
    with pytest.raises(StartError, match="the machine's key cannot be kept"):
        made(reactor, tmp_path)
