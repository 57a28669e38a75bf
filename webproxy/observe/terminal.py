"""What the live page shows, as lines of a terminal.

Rule of this file: two pictures of ``Instance.now`` -> text, purely. What strangers choose (paths, names) is written in
printable characters alone: a terminal obeys the others.
"""

from __future__ import annotations

from time import localtime, strftime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

WIDEST = 40
"""Columns that a request has to itself; a longer one pushes aside what stands behind it."""

_UNITS = ("B", "kB", "MB", "GB", "TB")


def screen(now: Mapping[str, Any], before: Mapping[str, Any] | None, width: int, height: int) -> list[str]:
    """Draw a picture.

    :param now: what ``Instance.now`` gives.
    :param before: the one before, for rates; None for the first.
    :param width: columns.
    :param height: lines; exchanges that find no room are counted in the last line of theirs.
    """
    seconds = now["time"] - before["time"] if before else 0.0
    head = [*_summary(now), "", *_classes(now, before, seconds), ""]
    failures = [*_failures(now)][: max(1, height // 4)]
    rows = [*_exchanges(now, before, seconds)]
    room = max(1, height - len(head) - len(failures) - 3)
    if len(rows) > room or now["running"] > len(rows) - 1:
        rows = rows[:room]
        rows.append(f"... and {now['running'] - (len(rows) - 1)} more")
    return [_plain(line)[:width] for line in [*head, *rows, "", *failures]]


def _summary(now: Mapping[str, Any]) -> Iterator[str]:
    clients = now["connections"]
    up = "" if now["up"] else "; the internal service does not take connections"
    public = now.get("public") or {}
    way = f"{now['internal']} -> {now['port']}" + (f" -> {public['url']}" if public.get("state") == "held" else "")
    yield f"{way}  {clients} {'client' if clients == 1 else 'clients'}{up}"


def _classes(now: Mapping[str, Any], before: Mapping[str, Any] | None, seconds: float) -> Iterator[str]:
    yield f"{'class':<12}{'running':>8}{'ended':>10}{'sent':>10}{'a second':>12}"
    for name, total in now["classes"].items():
        sent_before = before["classes"].get(name, {"sent": 0})["sent"] if before else 0
        rate = f"{size((total['sent'] - sent_before) / seconds)}/s" if seconds > 0 else "-"
        yield f"{name:<12}{total['running']:>8}{total['ended']:>10}{size(total['sent']):>10}{rate:>12}"


def _exchanges(now: Mapping[str, Any], before: Mapping[str, Any] | None, seconds: float) -> Iterator[str]:
    moved = {row["id"]: row["sent"] + row["received"] for row in before["exchanges"]} if before else {}
    requests = [f"{row['method']} {row['path']}" for row in now["exchanges"]]
    wide = min(WIDEST, max(map(len, requests), default=0))
    yield f"{'age':>8}  {'class':<17}{'state':<11}{'a second':>10}  {'request':<{wide}}  client"
    for row, request in zip(now["exchanges"], requests, strict=True):
        bytes_now = row["sent"] + row["received"]
        rate = f"{size((bytes_now - moved[row['id']]) / seconds)}/s" if seconds > 0 and row["id"] in moved else "-"
        limit = "none" if row["limit"] is None else age(row["limit"])
        who = f"{row['user']} at {row['client']}" if row["user"] else row["client"]
        yield (
            f"{age(row['age']):>8}  {row['traffic_class']:<17}{row['state']:<11}{rate:>10}  {request:<{wide}}  {who}"
            f"  sent {size(row['sent'])}, received {size(row['received'])}, limit {limit}, {row['why']}, id {row['id']}"
        )


def _failures(now: Mapping[str, Any]) -> Iterator[str]:
    if not now["failures"]:
        yield "Nothing has failed."
    for row in now["failures"]:
        when = strftime("%H:%M:%S", localtime(row["time"]))
        yield f"{when} {row['status']} {row['method']} {row['path']}  {row['reason']}  {row['client']}  {row['id']}"


def size(count: float) -> str:
    """Write a number of bytes: ``1.5 MB``."""
    unit = 0
    while count >= 1000 and unit < len(_UNITS) - 1:
        count, unit = count / 1000, unit + 1
    return f"{count:.1f} {_UNITS[unit]}" if unit and count < 10 else f"{count:.0f} {_UNITS[unit]}"


def age(seconds: float) -> str:
    """Write a time: ``9.5 s``, ``10 min``, ``1 h 5 min``."""
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 and seconds % 1 else f"{seconds:.0f} s"
    big, units, small = (60, ("min", "s"), 1) if seconds < 3600 else (3600, ("h", "min"), 60)
    rest = int(seconds % big // small)
    return f"{int(seconds // big)} {units[0]}" + (f" {rest} {units[1]}" if rest else "")


def _plain(line: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in line)
