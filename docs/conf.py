"""How Sphinx reads this tree: ``make docs`` writes build/docs, and a warning is an error.

Rule of this file: the Markdown stays readable where it stands, without Sphinx. So the whole tree is the source (README
and the policies' pages are linked from docs/), and the table of contents is made of docs/index.md's own lists.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))  # autodoc reads webproxy.policy

project = "webproxy"
author = "the authors of webproxy"
extensions = ["myst_parser", "sphinx.ext.autodoc"]
root_doc = "docs/index"
include_patterns = ["*.md", "docs/**.md", "policies/*.md", "policies/*/*.md", "bench/*.md"]
exclude_patterns = ["CHANGELOG.md"]
myst_heading_anchors = 3
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the sentences tell types and units
html_theme = "furo"
html_title = "webproxy"
html_show_copyright = False
# languages of the blocks that no highlighter knows are shown as they are
suppress_warnings = ["misc.highlighting_failure"]

_SECTION = re.compile(r"^([A-Z][^\n]*):\n\n((?:\* .*\n|  .*\n)+)", re.MULTILINE)
_PAGE = re.compile(r"\]\((?!https?:)([^)#]+\.md)\)")


def _contents(_app: Sphinx, name: str, source: list[str]) -> None:
    """Make the table of contents of the lists that readers of the index see: a caption for each."""
    if name != root_doc:
        return
    for caption, lines in _SECTION.findall(source[0]):
        pages = "\n".join(dict.fromkeys(_PAGE.findall(lines)))
        source[0] += f"\n```{{toctree}}\n:hidden:\n:caption: {caption}\n\n{pages}\n```\n"


def setup(app: Sphinx) -> dict[str, bool]:
    """Tell Sphinx of it."""
    app.connect("source-read", _contents)
    return {"parallel_read_safe": True}
