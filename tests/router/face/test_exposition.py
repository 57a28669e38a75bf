"""The router's metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client.parser import text_string_to_metric_families

from tests.router.face.pictured import Router, certificate, name
from webproxy.router.face.exposition import RouterExposition

if TYPE_CHECKING:
    from webproxy.router.face.picture import Picture


def read(picture: Picture) -> dict[str, float]:
    """What Prometheus reads, by name and labels."""
    text = RouterExposition(picture).text().decode()
    return {
        " ".join((sample.name, *sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_what_there_is_and_what_there_might_be() -> None:
    router = Router()
    router.here += [name("gone", until=5.0), name("off", blocked="x"), name("web")]
    router.front.traffic.refused["unknown name"] = 7
    router.front.traffic.handshakes = 5
    router.front.connections = 3
    seen = read(router.now(certificate(), certificate("router.internal", state="expiring", not_after=1e9)))
    assert (seen["webproxy_router_names live"], seen["webproxy_router_names away"]) == (2, 1)
    assert seen["webproxy_router_names blocked"] == 1
    assert seen["webproxy_router_certificate_not_after_seconds *.secure.example.com"] == 2e9
    assert seen["webproxy_router_certificate_not_after_seconds router.internal"] == 1e9
    states = {state: seen[f"webproxy_router_certificates {state}"] for state in ("active", "expiring", "failed")}
    assert states == {"active": 1, "expiring": 1, "failed": 0}
    assert seen["webproxy_router_alarm"] == 1
    assert seen["webproxy_router_refused_total unknown name"] == 7
    assert (seen["webproxy_router_handshakes_total"], seen["webproxy_router_connections"]) == (5, 3)
    assert seen["webproxy_router_received_bytes_total"] == seen["webproxy_router_sent_bytes_total"] == 0
    assert seen["process_open_fds"] > 0


def test_a_certificate_that_is_awaited_has_no_end() -> None:
    seen = read(Router().now(certificate(state="pending")))
    assert not [label for label in seen if label.startswith("webproxy_router_certificate_not_after")]
    assert (seen["webproxy_router_certificates pending"], seen["webproxy_router_alarm"]) == (1, 0)
