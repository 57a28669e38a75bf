"""``webproxy completion bash|zsh|fish``: what a shell sources to complete our words.

Rule of this file: click's own scripts, under our name.
"""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

VARIABLE = "_WEBPROXY_COMPLETE"


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print what completes words in a SHELL, as in: source <(webproxy completion bash)."""
    completer = get_completion_class(shell)
    if completer is not None:
        whole = completer(ctx.find_root().command, {}, "webproxy", VARIABLE)
        click.echo(whole.source_template % whole.source_vars())
