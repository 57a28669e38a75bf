"""What the documentation tells people to type is what the program takes, and its links lead somewhere."""

from __future__ import annotations

import re
import shlex
from configparser import ConfigParser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from webproxy.access import htpasswd, keys
from webproxy.cli.main import main
from webproxy.settings.options import BY_NAME
from webproxy.settings.policies import installed
from webproxy.settings.settle import settle
from webproxy.settings.words import read_words

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "policies").rglob("*.md"))]
HOW_TO = [page for page in PAGES if page.parent.name == "how-to"]


def label(page: Path) -> str:
    return str(page.relative_to(ROOT))


def commands(page: Path) -> list[list[str]]:
    """The words behind ``webproxy run`` and ``twistd ... webproxy`` in a page's console blocks."""
    found = []
    for block in re.findall(r"^```console\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL):
        for line in re.findall(r"^\$ (.+)", block, re.MULTILINE):
            words = shlex.split(line)
            if words[:2] == ["webproxy", "run"]:
                found.append(words[2:])
            elif words[0] == "twistd":
                found.append(words[words.index("webproxy") + 1 :])
    return found


#: Files that the pages name, and what they hold.
NAMED = {"password": "pässwörd\n", "users": "", "keys": "", "token": "Bearer TOKEN\n"}


@pytest.fixture
def etc(tmp_path: Path) -> Path:
    """What stands for ``/etc/webproxy``."""
    for name, text in NAMED.items():
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.fixture(scope="module", autouse=True)
def policies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The first-party policies, where they are not installed: what pip would write of them."""
    place = tmp_path_factory.mktemp("lent")
    there = {one.name for one in installed()}
    for setup in (ROOT / "policies").glob("*/setup.cfg"):
        said = ConfigParser()
        said.read(setup)
        if setup.parent.name not in there:
            metadata = place / f"{setup.parent.name}-0.dist-info"
            metadata.mkdir()
            (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {said['metadata']['name']}\nVersion: 0\n")
            entries = said["options.entry_points"]["webproxy.policies"]
            (metadata / "entry_points.txt").write_text(f"[webproxy.policies]{entries}\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(place)
        yield


@pytest.mark.parametrize("page", PAGES, ids=label)
def test_every_command_is_understood(page: Path, etc: Path) -> None:
    for words in commands(page):
        if "--config" in words:  # a file of the reader's says the rest
            assert read_words(words)["config"].texts[0].endswith("/12345.toml")
            continue
        there = [word.replace("/etc/webproxy", str(etc)) if Path(word).name in NAMED else word for word in words]
        assert settle(read_words(there)).port == 12345


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
    assert named <= BY_NAME.keys()


@pytest.mark.parametrize("page", PAGES, ids=label)
def test_every_link_to_a_file_leads_to_one(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text())
    missing = [target for target in targets if not (page.parent / target).exists()]
    assert not missing
