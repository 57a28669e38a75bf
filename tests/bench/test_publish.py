"""The figures of the documentation: made from the samples beside them, and from nothing else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from bench.publish import BEGIN, DOCS, END, EXPLANATION, FIGURES, NAMES, PAGE, explained, load, page, pictures, publish
from bench.sample import Run, Sample, save

if TYPE_CHECKING:
    from pathlib import Path

RUN = Run(
    {"date": "2026-11-28", "processor": "2 x Fast"},
    [
        Sample("small_get", "webproxy", 0, {"cpu_us": 25.0, "per_second": 9.0}),
        Sample("small_get", "nginx", 0, {"cpu_us": 20.0, "per_second": 9.0}),
        Sample("sse", "webproxy", 0, {"cpu_us": 20.0}),
        Sample("download", "webproxy", 0, {"cpu_ms": 250.0, "growth_mib": 1.0}),
    ],
)


def docs(folder: Path) -> Path:
    """A documentation with nothing but the explanation."""
    (folder / EXPLANATION).parent.mkdir(parents=True)
    (folder / EXPLANATION).write_text(f"# What it costs\n\n{BEGIN}\nold\n{END}\n\nMore.\n")
    return folder


def test_what_one_core_takes_follows_from_what_one_of_each_costs() -> None:
    text = explained((DOCS / EXPLANATION).read_text(), RUN)
    assert "* 40,000 small requests that repeat their heads a second" in text
    assert "10,000 tokens a second, much for all users of a GPU together, are 20.0 % of the core" in text
    assert "* 4.00 GiB a second down, 34.4 Gbit/s" in text
    assert "| small GET, a client that repeats its head, µs | 25.0 | 20.0 | - | - | - |" in text


def test_a_run_is_published_whole(tmp_path: Path) -> None:
    source = tmp_path / "build"
    source.mkdir()
    save(RUN, source / "bench.json")
    where = docs(tmp_path / "docs")
    written = publish(source, where)
    assert where / PAGE in written
    assert (where / "images" / "bench.svg").read_text().startswith("<svg")
    text = (where / EXPLANATION).read_text()
    assert text.startswith("# What it costs\n\n" + BEGIN)
    assert text.endswith(END + "\n\nMore.\n")
    assert "old" not in text
    assert "## Small GET on keep-alive connections, the same head each time" in (where / PAGE).read_text()


def test_what_was_not_run_anew_stays(tmp_path: Path) -> None:
    where = docs(tmp_path / "docs")
    (where / FIGURES).mkdir(parents=True)
    save(RUN, where / FIGURES / "bench.json")
    (tmp_path / "growth.json").write_text(json.dumps({"facts": {"date": "later"}, "points": []}))
    publish(tmp_path, where)
    text = (where / PAGE).read_text()
    assert "* date: 2026-11-28" in text
    assert "* date: later" in text


@pytest.mark.parametrize("name", NAMES)
def test_the_documentation_holds_each_run(name: str) -> None:
    facts = json.loads((DOCS / FIGURES / f"{name}.json").read_text())["facts"]
    assert {"date", "processor", "kernel", "Python", "webproxy"} <= set(facts)


def test_the_documentation_shows_what_its_samples_say() -> None:
    """``python -m bench publish`` writes it anew."""
    runs = load(DOCS / FIGURES)
    assert (DOCS / PAGE).read_text() == page(runs)
    assert runs.bench
    text = (DOCS / EXPLANATION).read_text()
    assert text == explained(text, runs.bench)
    for file, drawn in pictures(runs).items():
        assert (DOCS / file).read_text() == drawn
