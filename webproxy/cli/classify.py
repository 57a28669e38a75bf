"""``webproxy classify``: what would become of an exchange, and who decides.

Rule of this file: words -> heads -> the policies' judgement -> a line each. It asks the policies that serve, as they
would be asked, and connects to nothing.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import click

from webproxy.errors import ClientProtocolError, SettingsError, UpstreamProtocolError
from webproxy.policy.classify import classify as judge
from webproxy.policy.setting import TextError, written
from webproxy.policy.written import written_request, written_response
from webproxy.settings.policies import built, choose, named, settings_written

if TYPE_CHECKING:
    from collections.abc import Sequence

    from webproxy.policy.chain import Chain
    from webproxy.policy.classify import Judgement


class TwoHeads(click.Command):
    """A command whose ``-H`` means the request before ``--response``, and the answer after it."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Tell the two apart; click forgets the order of different options."""
        at = next((at for at, word in enumerate(args) if word.partition("=")[0] == "--response"), len(args))
        return super().parse_args(ctx, [*args[:at], *(_of_answer(word) for word in args[at:])])


def _of_answer(word: str) -> str:
    if not word.startswith("-H"):
        return word
    return f"--response-field={word[2:]}" if word[2:] else "--response-field"


@click.command(cls=TwoHeads, epilog="An answer without Content-Length counts as one of unknown length.")
@click.argument("method")
@click.argument("target")
@click.option("-H", "fields", multiple=True, metavar="'NAME: VALUE'", help="A field of the request.")
@click.option("--response", "status", type=click.IntRange(101, 599), help="Status of the answer; -H after it is its.")
@click.option("--response-field", "answer_fields", multiple=True, hidden=True)
@click.option("--policy", "policies", multiple=True, metavar="NAME[:KEY=VALUE,...]", help="As when serving.")
@click.option("--timeout", default="", metavar="CLASS=DURATION,...", help="As when serving.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object; limit in seconds, null for none.")
def classify(
    method: str,
    target: str,
    *,
    fields: Sequence[str],
    status: int | None,
    answer_fields: Sequence[str],
    policies: Sequence[str],
    timeout: str,
    as_json: bool,
) -> None:
    """Say which class a request gets, as in: webproxy classify POST /api/chat -H 'Accept: text/event-stream'."""
    chain = _chain(policies, timeout)
    where = f"{method} {target}"
    try:
        request = written_request(method, target, [_pair(text) for text in fields])
        response = written_response(method, status, [_pair(text) for text in answer_fields]) if status else None
    except ClientProtocolError as error:
        raise SettingsError(where, f"no policy would see this request: {error.status}, {error.detail}") from None
    except UpstreamProtocolError as error:
        raise SettingsError(f"{where} --response {status}", f"no client would see this: {error.detail}") from None
    asked, answered = judge(chain, request, response)
    click.echo(_as_json(asked, answered) if as_json else _as_text(asked, answered))


def _chain(policies: Sequence[str], timeout: str) -> Chain:
    """Make the chain that the words describe.

    :raises SettingsError: they are wrong.
    """
    where = "--policy"
    try:
        wanted = [named(text) for text in policies]
        where = "--timeout"
        limits = settings_written(timeout)
    except TextError as error:
        raise SettingsError(where, error.what, error.right) from None
    chosen, errors = choose(wanted, limits)
    if errors:
        raise errors[0]
    return built(chosen, _told)


def _told(name: str, error: Exception, _exchange_id: str) -> None:
    click.echo(f"the policy {name} failed: {error!r}", err=True)


def _pair(text: str) -> tuple[str, str]:
    """Read a field, as curl takes it.

    :raises SettingsError: it has no colon.
    """
    name, colon, value = text.partition(":")
    if not colon:
        raise SettingsError("-H", f"{text!r} is no field", "write 'Name: value'")
    return name, value.strip()


def _as_text(asked: Judgement, answered: Judgement | None) -> str:
    if answered is None:
        return _line(asked)
    return f"request:  {_line(asked)}\nresponse: {_line(answered)}"


def _line(judgement: Judgement) -> str:
    line = "class={} limit={} policy={} why={}".format(
        judgement.traffic_class, written(judgement.limit), judgement.policy, judgement.why or "-"
    )
    rejection = judgement.rejection
    if rejection is None:
        return line
    return f"{line}, but {judgement.rejected_by} rejects it: {rejection.status}, {rejection.reason}"


def _as_json(asked: Judgement, answered: Judgement | None) -> str:
    told = _told_of(answered or asked)
    if answered is not None:
        told["request"] = _told_of(asked)
    return json.dumps(told)


def _told_of(judgement: Judgement) -> dict[str, Any]:
    told: dict[str, Any] = {
        "class": judgement.traffic_class,
        "limit": None if judgement.limit == math.inf else judgement.limit,
        "policy": judgement.policy,
        "why": judgement.why,
    }
    if (rejection := judgement.rejection) is not None:
        told["rejection"] = {
            "policy": judgement.rejected_by,
            "status": rejection.status,
            "reason": rejection.reason,
            "retry_after": rejection.retry_after,
        }
    return told
