"""A run as Markdown, whole."""

from __future__ import annotations

from bench.bars import Bar, judge
from bench.markdown import document, row_table, table
from bench.rows.row import Metric, Row
from bench.sample import DIRECT, Run, Sample

ROW = Row(
    "get",
    "Small GET",
    (Metric("cpu_us", "CPU, µs"), Metric("added_ms", "added, ms", above_direct="lag_ms")),
    lambda _scene: {},
)
TITLES = {"webproxy": "webproxy", "nginx": "nginx", "caddy": "Caddy", DIRECT: "without a proxy"}
RUN = Run(
    {"processor": "2 x Fast"},
    [
        Sample("get", "nginx", 0, {"cpu_us": 20.0, "lag_ms": 3.0}, others=0.1),
        Sample("get", "webproxy", 0, {"cpu_us": 30.0, "lag_ms": 2.0}, others=0.5),
        Sample("get", DIRECT, 0, {"lag_ms": 1.0}, others=0.1),
        Sample("get", "caddy", 0, failure="it fell over"),
        Sample("get", "caddy", 1, disturbance="the service was late"),
        Sample("get", "webproxy", 1, {"cpu_us": 50.0, "lag_ms": 4.0}),
        Sample("get", "nginx", 1, {"cpu_us": 20.0, "lag_ms": 3.0}),
        Sample("get", DIRECT, 1, {"lag_ms": 1.0}),
    ],
)
EXPECTED = """# Bench

* processor: 2 x Fast

2 rounds, peers interleaved. Other programs used 0% of the machine (at most 50%) meanwhile. {note}

## Bars

| bar | limit | measured | verdict |
| --- | ---: | ---: | ---: |
| Small GET: CPU, µs | at most 2.00 x nginx | 2.00 (1.50 to 2.50) | reached |

## Small GET

|  | CPU, µs | webproxy / peer | added, ms |
| --- | ---: | ---: | ---: |
| webproxy | 40.0 (30.0 to 50.0) |  | 2.00 (1.00 to 3.00) |
| nginx | 20.0 (20.0 to 20.0) | 2.00 | 2.00 (2.00 to 2.00) |
| Caddy | - |  | - |
| without a proxy | - |  | - |

* Caddy failed: it fell over
* Caddy, a round that does not count: the service was late
"""


def test_a_table() -> None:
    assert table(["a", "b"], [["1", "2"]]) == "| a | b |\n| --- | ---: |\n| 1 | 2 |"


def test_the_report_holds_facts_bars_rows_and_failures() -> None:
    from bench.markdown import NOTE

    judgement = judge(RUN, Bar("get", "cpu_us", "nginx", 2.0), ROW)
    assert document(RUN, {"get": ROW}, TITLES, [judgement]) == EXPECTED.format(note=NOTE)


def test_a_busy_machine_is_told() -> None:
    run = Run({}, [Sample("get", "nginx", 0, {"cpu_us": 20.0}, others=0.8)])
    assert "used 80% of the machine (at most 80%) meanwhile, **which disturbs these figures**." in document(
        run, {"get": ROW}, TITLES, []
    )


def test_rows_that_were_not_measured_are_not_shown() -> None:
    other = Row("post", "POST", ROW.metrics, lambda _scene: {})
    assert "POST" not in document(RUN, {"get": ROW, "post": other}, TITLES, [])


def test_there_is_no_ratio_where_it_says_nothing() -> None:
    growth = Row("get", "Small GET", (Metric("cpu_us", "growth", compared=False),), lambda _scene: {})
    assert "| nginx | 20.0 (20.0 to 20.0) |\n" in row_table(RUN, growth, TITLES)


def test_without_webproxy_there_are_no_ratios() -> None:
    run = Run({}, [sample for sample in RUN.samples if sample.peer != "webproxy"])
    assert "| nginx | 20.0 (20.0 to 20.0) |  |" in row_table(run, ROW, TITLES)
