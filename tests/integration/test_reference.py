"""The reference is what the code says: pages made from it are up to date, tables kept by hand lack nothing."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from docs import router_meanings
from docs.meanings import MEANINGS
from docs.written import PAGES, REFERENCE, logged
from webproxy.observe import exposition


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_what_the_code_says(name: str) -> None:
    assert (REFERENCE / name).read_text() == PAGES[name]().rstrip() + "\n", "make docs writes it anew"


def test_every_message_of_the_log_has_a_kind_of_its_own_and_a_meaning() -> None:
    kinds = [one.kind for one in logged()]
    assert len(kinds) > 20
    assert sorted(kinds) == sorted(MEANINGS)
    nameless = re.compile(r"\blog\.(?:debug|info|warn|error|critical|failure)\(")
    source = (
        path.read_text() for path in (REFERENCE.parents[1] / "webproxy").rglob("*.py") if "router" not in path.parts
    )
    assert sum(len(nameless.findall(text)) for text in source) == len(kinds)


def test_every_message_of_the_routers_log_has_a_kind_and_a_meaning() -> None:
    found = logged(router=True)
    assert len(found) > 8
    assert {one.kind for one in found} == set(router_meanings.MEANINGS)
    nameless = re.compile(r"\blog\.(?:debug|info|warn|error|critical|failure)\(")
    source = (REFERENCE.parents[1] / "webproxy" / "router").rglob("*.py")
    assert sum(len(nameless.findall(path.read_text())) for path in source) == len(found)


def test_every_metric_is_in_the_table() -> None:
    source = Path(exposition.__file__).read_text()
    counters = {f"{name}_total" for name in re.findall(r'\bcounter\("(webproxy_[a-z_]+)"', source)}
    others = set(re.findall(r'(?:\bgauge|HistogramMetricFamily)\(\s*"(webproxy_[a-z_]+)"', source))
    assert len(counters | others) > 10
    told = set(re.findall(r"^\| `(webproxy_[a-z_]+)`", (REFERENCE / "metrics.md").read_text(), re.MULTILINE))
    assert told == counters | others


def test_every_page_of_the_reference_is_in_the_index() -> None:
    index = (REFERENCE.parent / "index.md").read_text()
    assert [page.name for page in REFERENCE.glob("*.md") if f"(reference/{page.name})" not in index] == []


def test_sphinx_finds_nothing_to_warn_of(tmp_path: Path) -> None:
    """Every page is in the index, every link and anchor leads somewhere, and what autodoc reads is sound."""
    words = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-c", "docs", ".", str(tmp_path)]
    built = subprocess.run(words, cwd=REFERENCE.parents[1], capture_output=True, text=True, timeout=300, check=False)
    assert (built.returncode, built.stderr) == (0, "")
    assert "Troubleshooting" in (tmp_path / "docs" / "index.html").read_text()


def test_every_page_opens_with_what_its_reader_asks() -> None:
    """A heading, and below it a sentence or two for whoever wonders whether this is the page."""
    for page in (REFERENCE.parent).rglob("*.md"):
        heading, _, rest = page.read_text().partition("\n")
        assert heading.startswith("# "), page
        assert page.name == "index.md" or re.match(r"\n(?!#|\||```|[*-] )[^\n]+\n", rest), page
