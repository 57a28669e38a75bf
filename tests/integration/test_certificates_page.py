"""The page on the router's certificates says the figures that the code has."""

from __future__ import annotations

from pathlib import Path

from webproxy.router.acme import folder, hook, keeper, schedule, status
from webproxy.router.certificates import TICKETS

PAGE = " ".join((Path(__file__).parents[2] / "docs" / "reference" / "router-certificates.md").read_text().split())


def test_the_figures_are_the_codes() -> None:
    assert [step / 60 for step in schedule.STEPS] == [1, 10, 100]
    assert (schedule.DAILY, schedule.SHORTEST, schedule.LONGEST) == (86400, 60, 7 * 86400)
    assert "after 1, 10 and 100 minutes, then daily" in PAGE
    assert "between a minute and 7 days" in PAGE
    assert schedule.INFORMED == (60, 6 * 3600, 86400)
    assert "between a minute and a day; 6 hours if it says nothing" in PAGE
    assert (schedule.SHARE, status.LATE, schedule.REST) == (1 / 3, 1 / 6, 3600)
    assert "when a third of its lifetime is left. At the latest when a sixth is left" in PAGE
    assert "within an hour, or a sixth of a lifetime" in PAGE
    assert (keeper.ORDERS, keeper.SECONDS_EACH) == (20, 60)
    assert "at most 20 orders at once, and one a minute after that" in PAGE
    assert TICKETS == 12 * 3600
    assert "every 12 hours" in PAGE
    assert hook.LIMIT == 600
    assert "in ten minutes at most" in PAGE


def test_the_files_are_the_codes() -> None:
    for kind in (folder.CERTIFICATE, folder.NOTE, folder.ORDER):
        assert f"`NAME{kind}`" in PAGE
    assert f"`...{folder.DAMAGED}`" in PAGE
    assert folder.Folder(Path("x")).file("*.secure.example.com", "").name == "_.secure.example.com"
