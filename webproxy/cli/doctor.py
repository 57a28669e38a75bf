"""``webproxy doctor [PORT]``: what keeps users from a service, in plain words, with the command that mends it.

Rule of this file: finds out what to look at, prints what was seen. Exit status: 0 when nothing is wrong, 1 otherwise.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, TypeVar

import click

from webproxy.cli.endpoint import find
from webproxy.doctor.examine import examine
from webproxy.errors import SettingsError, StartError
from webproxy.settings.destinations import destinations
from webproxy.settings.names import upstream_host
from webproxy.settings.places import folder, instance_file
from webproxy.settings.sources import gather
from webproxy.settings.wrong import TextError

if TYPE_CHECKING:
    from collections.abc import Callable

    from webproxy.doctor.finding import Finding
    from webproxy.net.destination import Destination

Value = TypeVar("Value")

_MARKS = {"good": ("ok      ", "green"), "note": ("note    ", "yellow"), "problem": ("problem ", "red")}


@click.command()
@click.argument("port", type=click.IntRange(1, 65535), required=False)
@click.option("--internal", default="", metavar="WHERE", help="Where the service listens, as when serving.")
@click.option("--upstream-host", "rule", default="", metavar="RULE", help="As when serving; auto if nothing is said.")
@click.option("--no-generate", is_flag=True, help="Do not ask a model for a few words to see how they come.")
@click.option("--json", "wants_json", is_flag=True, help="Print one JSON list.")
def doctor(port: int | None, internal: str, rule: str, no_generate: bool, wants_json: bool) -> None:
    """Look for what keeps users out, as in: webproxy doctor 12345, or webproxy doctor --internal 8080."""
    places, configured, ours = _subject(port, internal)
    rule = _read(upstream_host, rule, "--upstream-host") if rule else configured
    findings = []
    for finding in examine(places, rule=rule, port=port, ours=ours, generate=not no_generate):
        findings.append(finding)
        if not wants_json:
            _print(finding)
    if wants_json:
        click.echo(json.dumps([finding._asdict() for finding in findings]))
    bad = sum(finding.level == "problem" for finding in findings)
    if not wants_json:
        click.echo(f"{bad} problem{'s' if bad > 1 else ''}" if bad else "nothing is wrong")
    click.get_current_context().exit(1 if bad else 0)


def _subject(port: int | None, internal: str) -> tuple[tuple[Destination, ...], str, bool]:
    """Find out which service to look at: as told, as an instance's file has it, or as a running webproxy says.

    :returns: where it may be, the rule for its name, and whether a webproxy serves the port.
    :raises SettingsError: nobody says where.
    """
    running = ""
    try:
        running = str(find(port).now()["internal"])
    except StartError:
        if port is None and not internal:
            raise
    if internal:
        return _read(destinations, internal, "--internal"), "auto", bool(running)
    file = instance_file(folder(os.environ), port) if port is not None else None
    if file is not None and file.is_file():
        settings = gather(["--config", str(file)], os.environ).settle()
        return settings.internal, settings.upstream_host, bool(running)
    if running:
        return destinations(running), "auto", True
    raise SettingsError(
        "--internal", "it is not said where the service listens", "give its port, as in --internal 8080"
    )


def _read(parse: Callable[[str], Value], text: str, where: str) -> Value:
    """Parse an option's text.

    :raises SettingsError: it is wrong.
    """
    try:
        return parse(text)
    except TextError as wrong:
        raise SettingsError(where, wrong.what, wrong.right) from wrong


def _print(finding: Finding) -> None:
    mark, colour = _MARKS[finding.level]
    click.echo(f"{click.style(mark, fg=colour)}{finding.about:<12} {finding.seen}")
    if finding.mend:
        click.echo(f"{'':<21}{click.style('->', fg=colour)} {finding.mend}")
