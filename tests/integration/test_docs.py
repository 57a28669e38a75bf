"""What the documentation tells people to type is what the program takes, and its links lead somewhere."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from tests.integration.guides import PAGES, ROOT, label, typed, with_files
from webproxy.access import htpasswd, keys
from webproxy.cli.main import main
from webproxy.router import options as router
from webproxy.settings.options import BY_NAME
from webproxy.settings.settle import settle
from webproxy.settings.words import read_words

if TYPE_CHECKING:
    from pathlib import Path

HOW_TO = [page for page in PAGES if page.parent.name == "how-to"]


def commands(page: Path) -> list[list[str]]:
    """The words behind ``webproxy run`` and ``twistd ... webproxy`` in a page's console blocks."""
    return [one.options for one in typed(page) if one.command == "webproxy run"]


pytestmark = pytest.mark.usefixtures("first_party")


@pytest.mark.parametrize("page", PAGES, ids=label)
def test_every_command_is_understood(page: Path, etc: Path) -> None:
    for words in commands(page):
        if "--config" in words:  # a file of the reader's says the rest
            assert read_words(words)["config"].texts[0].endswith("/12345.toml")
            continue
        assert settle(read_words(with_files(words, etc))).port == 12345


def test_passwords_and_keys_are_made_as_the_guide_says(etc: Path) -> None:
    lines = re.findall(r"^\$ webproxy ((?:passwd|key) .+)", (ROOT / "docs/how-to/protect.md").read_text(), re.MULTILINE)
    assert len(lines) == 3
    for line in lines:
        words = [word.replace("/etc/webproxy", str(etc)) for word in shlex.split(line)]
        assert CliRunner().invoke(main, words, input="pässwörd").exit_code == 0
    assert list(htpasswd.parse((etc / "users").read_bytes())) == [b"anna", "björn".encode()]
    assert [key.name for key in keys.parse((etc / "keys").read_bytes())] == ["laptop"]


def test_commands_are_found() -> None:
    """Else the test above would show nothing."""
    assert sum(len(commands(page)) for page in HOW_TO) >= 10


@pytest.mark.parametrize("page", HOW_TO, ids=label)
def test_every_option_that_is_named_exists(page: Path) -> None:
    named = set(re.findall(r"`--([a-z][a-z-]*)", page.read_text()))
    assert named <= BY_NAME.keys() | router.KNOWN.keys()


@pytest.mark.parametrize("page", PAGES, ids=label)
def test_every_link_to_a_file_leads_to_one(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text())
    missing = [target for target in targets if not (page.parent / target).exists()]
    assert not missing
