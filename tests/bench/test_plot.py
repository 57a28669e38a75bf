"""The picture of a run is well-formed, to scale, and says who is who."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from bench.plot import OUR_COLOUR, SPAN, picture
from bench.rows.row import Metric, Row
from bench.sample import Run, Sample

SVG = "{http://www.w3.org/2000/svg}"
ROW = Row("get", "GET < POST", (Metric("cpu_us", "CPU"),), lambda _scene: {})
TITLES = {"webproxy": "webproxy", "nginx": "nginx & friends", "caddy": "Caddy"}
RUN = Run(
    {},
    [
        Sample("get", "nginx", 0, {"cpu_us": 100.0}),
        Sample("get", "webproxy", 0, {"cpu_us": 50.0}),
        Sample("get", "caddy", 0, failure="it fell over"),
    ],
)


def drawn(run: Run) -> ET.Element:
    return ET.fromstring(picture(run, {"get": ROW}, TITLES))


def test_bars_are_as_long_as_their_figures() -> None:
    bars = [rect for rect in drawn(RUN).iter(f"{SVG}rect") if rect.get("x") != "-8"]
    assert [float(bar.get("width", "")) for bar in bars] == [SPAN / 2, SPAN]
    assert bars[0].get("fill") == OUR_COLOUR != bars[1].get("fill")


def test_names_and_figures_stand_beside_them() -> None:
    words = [text.text for text in drawn(RUN).iter(f"{SVG}text")]
    assert words == ["GET < POST: CPU", "webproxy", "50.0", "nginx & friends", "100"]


def test_nothing_is_drawn_of_nothing() -> None:
    assert not list(drawn(Run({}, [])).iter(f"{SVG}text"))
    zero = Run({}, [Sample("get", "nginx", 0, {"cpu_us": 0.0})])
    assert [text.text for text in drawn(zero).iter(f"{SVG}text")][1:] == ["nginx & friends", "0"]
