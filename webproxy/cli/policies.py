"""``webproxy policies``: which policies are installed; ``webproxy policies show NAME``: what one can be told.

Rule of this file: the list is read from metadata and imports nothing; only ``show`` imports, and only what it shows.
What ``policies install`` does has a file of its own.
"""

from __future__ import annotations

import inspect
import json
from typing import TYPE_CHECKING

import click

from webproxy.cli.install import install
from webproxy.policy.timeout import SUMMARY, TimeoutPolicy
from webproxy.settings.policies import installed, load

if TYPE_CHECKING:
    from webproxy.policy import Policy


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array.")
@click.pass_context
def policies(ctx: click.Context, *, as_json: bool) -> None:
    """List the policies that are installed; --policy NAME uses one."""
    if ctx.invoked_subcommand is not None:
        return
    found = installed()
    if as_json:
        click.echo(json.dumps([one._asdict() for one in found]))
        return
    width = max((len(one.name) for one in found), default=0)
    for one in found:
        click.echo(f"{one.name:<{width}}  {one.distribution}  ({one.value})")


@policies.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def show(name: str, *, as_json: bool) -> None:
    """Import a policy, and show its settings."""
    policy = load(name, f"policies show {name}")
    if as_json:
        click.echo(json.dumps(_told_of(name, policy)))
        return
    if summary := _summary(policy):
        click.echo(summary)
    click.echo(f"When it fails: {'503' if policy.fail_closed else 'the request goes on without it'}.")
    click.echo(f"Write it: {_example(name, policy)}")
    for setting in policy.settings:
        default = "must be given" if setting.default is None else f"default {setting.default or 'empty'}"
        click.echo(f"  {setting.name}: {setting.help} ({default})")


def _told_of(name: str, policy: type[Policy]) -> dict[str, object]:
    settings = [{"name": one.name, "default": one.default, "help": one.help} for one in policy.settings]
    return {"name": name, "summary": _summary(policy), "fail_closed": policy.fail_closed, "settings": settings}


def _summary(policy: type[Policy]) -> str:
    """Give the first line of the class's documentation; nothing if it has none of its own."""
    own = SUMMARY if policy is TimeoutPolicy else policy.__doc__ or ""
    return inspect.cleandoc(own).partition("\n")[0]


def _example(name: str, policy: type[Policy]) -> str:
    """Say how it is named, with the settings it has."""
    told = ",".join(f"{one.name}={'...' if one.default is None else one.default}" for one in policy.settings)
    if policy is TimeoutPolicy:
        return f"--timeout {told}"
    return f"--policy {name}:{told}" if told else f"--policy {name}"


policies.add_command(install)
