"""``python -m bench``: measure webproxy and its peers side by side, print tables, judge the bars.

Exit status: 0 no bar missed (though some may not have been measured), 1 one missed, 2 the command makes no sense.
"""

from __future__ import annotations

import argparse
import math
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bench import machine, markdown, plot
from bench.bars import Verdict, judge_all
from bench.endurance.hours import endure
from bench.figures import readable
from bench.growth.grow import grow
from bench.interleave import turns
from bench.peers.table import PEERS, STANDARD
from bench.publish import TITLES, publish
from bench.rows.table import ROWS
from bench.sample import Run, load, save
from bench.stage import stage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bench.sample import Sample

QUICK_ROWS = ("small_get", "sse", "download")
QUICK_PEERS = ("webproxy", "nginx", "caddy")
QUICK_SLACK = 1.5


def names(known: Mapping[str, object], text: str) -> list[str]:
    """A comma-separated list of names from a table."""
    chosen = text.split(",")
    unknown = [name for name in chosen if name not in known]
    if unknown:
        raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: there are {', '.join(known)}")
    return chosen


def arguments(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure webproxy and its peers side by side.")
    commands = parser.add_subparsers(dest="command")
    run = commands.add_parser("run", help="rows, peers and rounds as given; the default")
    quick = commands.add_parser("quick", help="three rows in two minutes, bars times 1.5")
    endure = commands.add_parser("endure", help="mixed traffic with faults, for long: does anything grow?")
    endure.add_argument("--minutes", type=float, default=60.0)
    endure.add_argument("--out", type=Path, default=Path("build/endurance"), help="where report and curves go")
    growth = commands.add_parser("grow", help="CPU and memory as connections, bodies, streams and names grow")
    growth.add_argument("--rounds", type=int, default=3)
    growth.add_argument("--seconds", type=float, default=2.0)
    growth.add_argument("--out", type=Path, default=Path("build/bench"), help="where report and curves go")
    published = commands.add_parser("publish", help="write the figures of kept runs into the documentation")
    published.add_argument("folder", type=Path, nargs="?", default=Path("build/bench"), help="where the runs' JSON is")
    figures = commands.add_parser("figures", help="what the documentation shows, measured anew: run, grow, publish")
    report = commands.add_parser("report", help="print and judge a JSON file again")
    report.add_argument("file", type=Path)
    defaults = (
        (run, ROWS, STANDARD, 5, 3.0, None),
        (quick, QUICK_ROWS, QUICK_PEERS, 3, 2.0, None),
        (figures, ROWS, STANDARD, 5, 2.0, 1),
    )
    for command, rows, peers, rounds, seconds, whole in defaults:
        command.add_argument("--rows", type=lambda text: names(ROWS, text), default=list(rows))
        command.add_argument("--peers", type=lambda text: names(PEERS, text), default=list(peers))
        command.add_argument("--rounds", type=int, default=rounds)
        command.add_argument(
            "--whole", type=int, default=whole, help="rounds with everybody; after them only what the bars need"
        )
        most = 22.0 if command is figures else math.inf
        command.add_argument("--minutes", type=float, default=most, help="begin nothing after so long")
        command.add_argument("--seconds", type=float, default=seconds, help="length of one timed measurement")
        command.add_argument("--out", type=Path, default=Path("build/bench"), help="where report and plot go")
    return parser.parse_args(argv or ["run"])


def told(sample: Sample) -> str:
    """One line of progress."""
    values = ", ".join(f"{name} {readable(value)}" for name, value in sample.values.items())
    said = values or sample.disturbance or f"FAILED: {sample.failure}"
    return f"round {sample.turn + 1} {sample.row} {sample.peer}: {said}"


def measure(options: argparse.Namespace) -> Run:
    """Make all measurements; an interrupt keeps what there is."""
    rows, peers = [ROWS[name] for name in options.rows], [PEERS[name] for name in options.peers]
    run = Run(machine.facts(peers), [])
    absent = [peer for peer in peers if not run.facts[peer.title]]
    for peer in absent:
        print(f"bench: {peer.title} is not installed, and left out", file=sys.stderr)
        peers.remove(peer)
    until = time.monotonic() + options.minutes * 60
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with stage(options.seconds) as here:
            for number, row, peer_or_none in turns(rows, peers, options.rounds, options.whole):
                if time.monotonic() > until:
                    print(f"bench: the time is over in round {number + 1}", file=sys.stderr)
                    break
                run.samples.append(here.measure(row, peer_or_none, number))
                print(told(run.samples[-1]), file=sys.stderr, flush=True)
    except KeyboardInterrupt:
        print("bench: interrupted; this is what was measured until then", file=sys.stderr)
    return run


def keep(run: Run, out: Path, text: str) -> None:
    """Write the run's report, samples and plot."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "bench.md").write_text(text)
    (out / "bench.svg").write_text(plot.picture(run, ROWS, TITLES))
    save(run, out / "bench.json")


def main(argv: Iterable[str] | None = None) -> int:
    options = arguments(sys.argv[1:] if argv is None else list(argv))
    if options.command == "endure":
        return endure(options.minutes, options.out)
    if options.command == "publish":
        print(*publish(options.folder), sep="\n")
        return 0
    if options.command == "grow":
        return grow(options.out, options.rounds, options.seconds)
    run = load(options.file) if options.command == "report" else measure(options)
    judgements = judge_all(run, ROWS, QUICK_SLACK if options.command == "quick" else 1.0)
    text = markdown.document(run, ROWS, TITLES, judgements)
    print(text)
    for judgement in judgements:
        print(judgement)
    if options.command != "report":
        keep(run, options.out, text)
    if options.command == "figures":
        grow(options.out, 1, options.seconds)
        print(*publish(options.out), sep="\n")
    return int(any(judgement.verdict is Verdict.MISSED for judgement in judgements))


if __name__ == "__main__":
    sys.exit(main())
