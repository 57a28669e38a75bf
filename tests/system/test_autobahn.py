"""All Autobahn cases, the large and the compressed ones among them, with a summary (run with -s to read it)."""

from __future__ import annotations

from collections import Counter

from tests.integration.autobahn import verdicts


def test_every_case_behind_the_proxy_is_as_directly() -> None:
    found = verdicts(patience=900.0)
    for way, cases in found._asdict().items():
        print(way, len(cases), dict(Counter("/".join(verdict) for verdict in cases.values())))  # noqa: T201 - the summary
    assert len(found.direct) > 500
    assert found.worse(found.tunnel) == {}
    assert found.worse(found.frames) == {}
