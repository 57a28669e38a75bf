"""A click command whose words are read by the grammar of ``webproxy.settings``.

Rule of this file: click shows the table of options in its help and completes its names; it does not parse them, so
that a word means the same, and is refused in the same sentence, as with ``twistd webproxy``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from webproxy.settings.options import CONFIG, OPTIONS

if TYPE_CHECKING:
    from webproxy.settings.options import Option


class WordsCommand(click.Command):
    """A command that shows ``OPTIONS`` as its own, and gets its words unparsed as the argument ``words``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Leave the words alone, unless they ask for help or a shell completes them."""
        if ctx.resilient_parsing:
            return super().parse_args(ctx, args)
        if asked := set(args).intersection(self.get_help_option_names(ctx)):
            return super().parse_args(ctx, list(asked))
        ctx.params["words"] = list(args)
        return []


def table(port: str | None = None) -> list[click.Parameter]:
    """Make click's options from the table.

    :param port: the default of ``--port``, where it has one; then there is no ``--config`` either.
    """
    if port is None:
        return [_shown(option) for option in (CONFIG, *OPTIONS)]
    return [
        _shown(replace(option, default=port, required=False) if option.name == "port" else option) for option in OPTIONS
    ]


def _shown(option: Option) -> click.Option:
    """Make what click shows of one option."""
    return click.Option(
        [f"--{option.name}"],
        metavar=option.metavar,
        help=option.help,
        default=option.default,
        show_default=option.default is not None,
        required=option.required,
        multiple=option.repeatable,
    )


def as_json(words: list[str]) -> tuple[list[str], bool]:
    """Take ``--json`` out of the words.

    :returns: the other words, and whether it was among them.
    """
    return [word for word in words if word != "--json"], "--json" in words
