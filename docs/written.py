"""Reference pages that the code writes: ``python -m docs.written`` writes them anew, and a test compares.

Rule of this file: what stands in a table or a call of the source is told from there, and from nowhere else; each page
says so. What the source cannot say (what to do about a message) stands in ``docs/meanings.py``.
"""

from __future__ import annotations

import ast
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from docs import router_meanings
from docs.meanings import MEANINGS
from webproxy.policy.endpoints import ENDPOINTS
from webproxy.settings.access_options import ACCESS
from webproxy.settings.environment import variable
from webproxy.settings.options import CONFIG, OPTIONS
from webproxy.settings.schema import schema
from webproxy.settings.websocket_options import WEBSOCKETS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from webproxy.settings.option import Option

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT / "docs" / "reference"
NOTE = "*This page is made from the source by `make docs`.*"
LEVELS = {"debug", "info", "warn", "error", "critical", "failure"}


def options() -> str:
    """Every option, with its variable and its default."""
    plain = [option for option in OPTIONS if option not in ACCESS and option not in WEBSOCKETS]
    parts = [("The proxy", [CONFIG, *plain]), ("Who may come in", ACCESS), ("WebSockets", WEBSOCKETS)]
    text = "\n".join(f"## {title}\n\n{''.join(map(_option, rows))}" for title, rows in parts)
    return f"""# Options: what `webproxy run` and `twistd -n webproxy` take

Each option can also be given as the variable below it and, without its dashes, as a key of a
[settings file](settings.md). An option is stronger than a variable, a variable than a file. {NOTE}

{text}"""


def _option(option: Option) -> str:
    value = f"--{option.name} {option.metavar}"
    facts = [f"Variable: `{variable(option.name)}`."]
    if option.required:
        facts.append("Must be given.")
    if option.default:
        facts.append(f"Default: `{option.default}`.")
    if option.example:
        facts.append(f"Example: `--{option.name} {option.example}`.")
    return f"### `{value}`\n\n{option.help}\n\n{' '.join(facts)}\n\n"


def settings() -> str:
    """Every key of a settings file."""
    rows = [
        (f"`{name}`", _kind(said), f"`{said['default']}`" if "default" in said else "", said["description"])
        for name, said in schema()["properties"].items()
    ]
    return f"""# Settings files: which keys there are, and of which type

TOML. An instance's file is `/etc/webproxy/instances/PORT.toml`; what stands in `/etc/webproxy/webproxy.toml` holds for
all of them, unless the instance says otherwise. Durations, sizes and networks are texts, as behind an option. A
[policy](../../policies/README.md)'s settings are a table, `[policy.NAME]`. {NOTE}

`webproxy config check` reads a file and tells everything that is wrong with it, `webproxy config schema` prints this
table as JSON Schema, for editors.

{_table(("key", "type", "default", "what it says"), rows)}"""


def _kind(said: dict[str, object]) -> str:
    """Say in words of which JSON types a value may be."""
    several = said.get("anyOf")
    if isinstance(several, list):
        return ", ".join(dict.fromkeys(_kind(one) for one in several))
    if isinstance(words := said.get("enum"), list):
        return " or ".join(f"`{word}`" for word in words)
    kinds = said["type"] if isinstance(said["type"], list) else [said["type"]]
    names = {"object": "table", "string": "text", "array": "list", "boolean": "`true` or `false`", "integer": "number"}
    return " or ".join(names.get(str(kind), str(kind)) for kind in kinds)


def endpoints() -> str:
    """The table of endpoints."""
    text = ""
    for service, rows in groupby(ENDPOINTS, lambda endpoint: endpoint.service):
        table = [
            (", ".join(row.methods), f"`{row.pattern}`", row.traffic_class, "yes" if row.generation else "")
            for row in rows
        ]
        text += f"## {service}\n\n{_table(('method', 'path', 'class', 'a GPU works'), table)}\n"
    return f"""# Endpoints: which path is of which class of traffic

What services on GPU machines are known to answer, and how long each may be silent: see [timeouts](timeouts.md) for the
classes' limits. A pattern without a slash in front also holds below a prefix; `*` is one segment, `**` any number,
`{{a,b}}` one of both. What is in no row is `DEFAULT`, unless its fields say otherwise. `webproxy classify`
asks this table and everything else that counts. {NOTE}

{text}"""


class Said(NamedTuple):
    """An answer or a message, as it stands in the source."""

    status: int
    text: str


def answers() -> str:
    """The answers that are webproxy's own."""
    rows = sorted(set(_answers()))
    return f"""# Answers of webproxy's own: what each sentence means

Most answers are the internal service's. These are not: they begin with `webproxy:` and say who must do what. Browsers
get them as a page, programs as JSON or text. What stands in braces is filled in.

{NOTE}

400 to 431 are the client's to mend, 502 to 504 the service's (or its operator's): `webproxy doctor PORT` looks for the
cause. A policy's refusal has the policy's own words.

{_table(("status", "sentence"), [(str(row.status), row.text) for row in rows])}"""


def _answers() -> Iterator[Said]:
    """Find what is answered: a status and a sentence, side by side in a call."""
    upstream = {"UpstreamRefused": 502, "UpstreamGone": 502, "UpstreamProtocolError": 502, "UpstreamTimeout": 504}
    for _, call in _calls():
        name = _name(call.func)
        if name in ("ClientProtocolError", "Answer", "answer") and len(call.args) >= 2:
            status, text = call.args[:2]
            sentence = _text(text)
            if isinstance(status, ast.Constant) and isinstance(status.value, int) and sentence.count(" ") > 1:
                yield Said(status.value, sentence.removeprefix("webproxy: ").rstrip("."))
        elif name in upstream and call.args and _text(call.args[0]).count(" ") > 1:
            yield Said(upstream[name], _text(call.args[0]).rstrip("."))


class Logged(NamedTuple):
    """A message of the log, as it stands in the source."""

    kind: str
    level: str
    text: str
    where: str


def logged(*, router: bool = False) -> list[Logged]:
    """Find every message that webproxy can log, or the router."""
    found = []
    for path, call in _calls(router=router):
        func = call.func
        if isinstance(func, ast.Attribute) and func.attr in LEVELS and _name(func.value) == "log":
            kinds = [_text(word.value) for word in call.keywords if word.arg == "kind"]
            text = _text(call.args[0]) if call.args else ""
            level = "critical" if func.attr == "failure" else func.attr
            found.append(Logged(kinds[0] if kinds else "", level, text, str(path.relative_to(ROOT))))
    return sorted(found)


def log_messages() -> str:
    """The log's messages by kind."""
    rows = [(f"`{one.kind}`", one.level, f"`{one.text}`", MEANINGS[one.kind]) for one in logged()]
    return f"""# Log messages: what each kind means, and what to do

Each message of webproxy's log has a kind, which stays when its words change: in the journal as the field
`WEBPROXY_KIND`, so that

    journalctl WEBPROXY_KIND=upstream-speaks-tls

finds all of one kind. How loud the log is says [`--log-level`](options.md). The access log is another log, and tells of
exchanges. {NOTE}

{_table(("kind", "level", "message", "what it means"), rows)}
Where the log goes: under systemd to the journal, with priority, kind, the source's file and the fields of the message
(`WEBPROXY_...`); otherwise to standard output, as text.
"""


def router_log_messages() -> str:
    """The router's own messages by kind."""
    found = logged(router=True)
    rows = [(f"`{one.kind}`", one.level, f"`{one.text}`", router_meanings.MEANINGS[one.kind]) for one in found]
    return f"""# The router's log messages: what each kind means, and what to do

As with [webproxy's](log-messages.md), of which those about connections and the event loop are the router's, too, each
message has a kind, which stays when its words change:

    journalctl -u webproxy-router WEBPROXY_KIND=machine-refused

{NOTE}

{_table(("kind", "level", "message", "what it means"), rows)}"""


def _calls(*, router: bool = False) -> Iterator[tuple[Path, ast.Call]]:
    for path in sorted((ROOT / "webproxy").rglob("*.py")):
        room = path.relative_to(ROOT).parts[1]
        if room == "router" if router else room not in ("demo", "router", "testing"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call):
                    yield path, node


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _text(node: ast.expr) -> str:
    """Give a text of the source, with what is filled in as it is called there."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(
            f"{{{ast.unparse(part.value)}}}" if isinstance(part, ast.FormattedValue) else _text(part)
            for part in node.values
        )
    return ""


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    heads = list(heads)
    lines = [heads, ["---"] * len(heads), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


#: What is written where.
PAGES = {
    "options.md": options,
    "settings.md": settings,
    "endpoints.md": endpoints,
    "log-messages.md": log_messages,
    "router-log-messages.md": router_log_messages,
    "answers.md": answers,
}


def main() -> None:
    """Write the pages."""
    for name, page in PAGES.items():
        (REFERENCE / name).write_text(page().rstrip() + "\n")


if __name__ == "__main__":
    main()
