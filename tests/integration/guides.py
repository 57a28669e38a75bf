"""What the documentation tells people to type, line by line.

Rule of this file: reads pages; who runs what stands in the tests.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from textwrap import dedent
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "SECURITY.md",
    ROOT / "bench" / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "policies").rglob("*.md")),
]
#: Files that the pages name, and what they hold.
NAMED = {
    "password": "pässwörd\n",
    "users": "",
    "keys": "",
    "token": "Bearer TOKEN\n",
    "router-token": "wpr_token\n",
    "router-ca.pem": "-----BEGIN CERTIFICATE-----\n",
}


class Typed(NamedTuple):
    """A line of a console block.

    :ivar page: where it stands.
    :ivar line: what is typed, behind the prompt; without the folder of a virtual environment.
    :ivar told: what the page says comes out; empty if it says nothing.
    """

    page: str
    line: str
    told: str

    @property
    def words(self) -> list[str]:
        """The line as a shell would read it."""
        return shlex.split(self.line, comments=True)

    @property
    def command(self) -> str:
        """What is run: ``make run``, ``webproxy doctor``, ``curl``."""
        words = self.words
        if words[0] == "twistd":
            return "webproxy run"
        return " ".join(words[:2]) if words[0] in ("webproxy", "make", "pip", "python") else words[0]

    @property
    def options(self) -> list[str]:
        """The words behind the command, of ``webproxy run`` and of ``twistd -n webproxy`` alike."""
        words = self.words
        return words[words.index("webproxy") + 1 :] if words[0] == "twistd" else words[2:]


def label(page: Path) -> str:
    """A page's path in the tree."""
    return str(page.relative_to(ROOT))


def typed(page: Path) -> list[Typed]:
    """What a page tells people to type."""
    found = []
    for _, block in re.findall(r"^( *)```console\n(.*?)^\1```", page.read_text(), re.MULTILINE | re.DOTALL):
        for part in re.split(r"^[$#] ", dedent(block), flags=re.MULTILINE)[1:]:
            line, _, told = part.partition("\n")
            found.append(Typed(label(page), line.strip().replace(".venv/bin/", ""), told))
    return found


ALL = [one for page in PAGES for one in typed(page)]


def with_files(words: list[str], etc: Path) -> list[str]:
    """Put a folder of the test's in the place of ``/etc/webproxy`` and ``~``, where one of its files is meant."""
    return [re.sub(r"^(/etc/webproxy|~)/", f"{etc}/", word) if Path(word).name in NAMED else word for word in words]
