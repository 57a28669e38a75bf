"""``webproxy config check|show|schema``: what is written in options, variables and files, and what holds of it.

Rule of this file: reads and prints; nothing is opened, bound or written.
"""

from __future__ import annotations

import json
import os

import click

from webproxy.cli.words import WordsCommand, as_json, table
from webproxy.errors import SettingsError
from webproxy.resources.credentials import read
from webproxy.settings.schema import schema as json_schema
from webproxy.settings.settle import all_of
from webproxy.settings.shown import shown
from webproxy.settings.sources import gather


@click.group()
def config() -> None:
    """Check and show settings, wherever they are written."""


@config.command(cls=WordsCommand, params=table())
def check(words: list[str]) -> None:
    """Say what is wrong, all of it, as in: webproxy config check --config /etc/webproxy/instances/12345.toml.

    Exit status: 0 when nothing is wrong, 2 otherwise.
    """
    words, wants_json = as_json(words)
    try:
        sources = gather(words, os.environ)
        settings = sources.settle()
        if settings.credentials is not None:
            read(settings.credentials)
    except SettingsError as error:
        if wants_json:
            click.echo(json.dumps({"right": False, "errors": [_told_of(one) for one in all_of(error)]}))
            click.get_current_context().exit(error.exit_status)
        raise
    place = f"{sources.file}: " if sources.file else ""
    if wants_json:
        click.echo(json.dumps({"right": True, "port": settings.port, "file": str(sources.file or "") or None}))
    else:
        click.echo(f"{place}nothing is wrong; port {settings.port} to {settings.internal[0]}")


@config.command(cls=WordsCommand, params=table())
def show(words: list[str]) -> None:
    """Show every setting as it holds, and whose word it is; secrets are not shown."""
    words, wants_json = as_json(words)
    sources = gather(words, os.environ)
    sources.settle()
    rows = shown(sources.said)
    if wants_json:
        click.echo(json.dumps([row._asdict() for row in rows]))
        return
    width = max(len(row.name) for row in rows)
    for row in rows:
        click.echo(f"{row.name:<{width}}  {' '.join(row.texts) or 'nothing'}  ({row.where})")


def _told_of(error: SettingsError) -> dict[str, str]:
    return {"where": error.where, "what": error.what, "right": error.right}


@config.command()
def schema() -> None:
    """Print the JSON Schema of settings files."""
    click.echo(json.dumps(json_schema(), indent=2))
