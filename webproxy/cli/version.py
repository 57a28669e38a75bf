"""``webproxy version``: what runs here, for a bug report."""

from __future__ import annotations

import platform
from importlib import metadata

import click

from webproxy import version as webproxy_version

#: The distributions that carry the traffic.
CARRIERS = ("twisted", "uvloop", "httptools", "autobahn")


@click.command()
def version() -> None:
    """Print the versions of webproxy, Python and what carries the traffic."""
    click.echo(f"webproxy {webproxy_version.described()}")
    click.echo(f"python {platform.python_version()} ({platform.python_implementation()}, {platform.platform()})")
    for name in CARRIERS:
        click.echo(f"{name} {_installed(name)}")


def _installed(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "is not installed"
