"""Settings of the router that guides show can be used as they stand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.integration.guides import ROOT
from webproxy.router.options import settings_of

if TYPE_CHECKING:
    from pathlib import Path

PAGES = ("docs/tutorials/router.md", "docs/how-to/run-a-router.md")
BLOCKS = [block for page in PAGES for block in re.findall(r"```toml\n(.*?)```", (ROOT / page).read_text(), re.DOTALL)]


@pytest.mark.parametrize("text", BLOCKS)
def test_the_settings_are_understood(text: str, tmp_path: Path) -> None:
    (tmp_path / "authority.pem").touch()
    (tmp_path / "hook").write_text("#!/bin/sh\n")
    (tmp_path / "hook").chmod(0o755)
    (tmp_path / "router.toml").write_text(text.replace("/etc/webproxy-router", str(tmp_path)))
    settings = settings_of(["--config", str(tmp_path / "router.toml")], {})
    assert settings.domain == "secure.example.com"
    assert settings.acme is not None


def test_there_are_some() -> None:
    assert len(BLOCKS) == 3
