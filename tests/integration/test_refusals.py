"""Who is refused at the edge, and which tests show it: a table that names only tests there are."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]

BEHIND = "integration/test_behind_the_router.py"
REGISTRATION = "integration/test_registration.py"
FRONT = "integration/test_front_refusals.py"
ROUTED = "downstream/test_routed.py"
NAMESPACES = "system/test_router_namespaces.py"

REFUSED = {
    "a stranger's PROXY header": (
        (BEHIND, "test_strangers_are_refused"),
        (ROUTED, "test_a_strangers_proxy_header_is_no_request"),
    ),
    "a router that does not say for whom it speaks": (
        (ROUTED, "test_a_router_that_does_not_say_for_whom_it_speaks_is_not_heard"),
    ),
    "forged X-Forwarded-*": ((BEHIND, "test_the_service_hears_the_truth_and_nothing_else"),),
    "a wrong, an expired or a revoked token": (
        (REGISTRATION, "test_tokens_that_are_not_good"),
        (REGISTRATION, "test_a_revoked_token_renews_nothing"),
    ),
    "someone else's name": (
        (REGISTRATION, "test_a_replay_is_refused_and_so_is_another_ones_signature"),
        ("router/test_registry.py", "test_who_is_refused"),
    ),
    "a port outside the token's range": ((REGISTRATION, "test_a_port_outside_of_the_tokens_range_is_not_even_asked"),),
    "a port that speaks TLS": ((REGISTRATION, "test_a_port_that_speaks_tls_is_refused"),),
    "an address outside --machines": (
        ("router/test_control_site.py", "test_who_is_in_no_network_of_machines_is_closed_before_tls"),
        ("router/test_service.py", "test_connections_go_only_to_networks_of_machines"),
        (NAMESPACES, "test_who_is_refused"),
    ),
    "a replayed registration": ((REGISTRATION, "test_a_replay_is_refused_and_so_is_another_ones_signature"),),
    "a register flood": (
        ("router/test_control.py", "test_a_flood_is_told_when_to_come_back_and_others_are_served"),
        ("router/test_control.py", "test_registrations_with_one_token_are_bounded"),
        ("router/test_control.py", "test_ports_are_asked_a_few_at_a_time"),
    ),
    "unknown and missing server names": (
        (FRONT, "test_unknown_names_get_an_alert_and_no_tls"),
        (FRONT, "test_a_missing_name_and_a_blocked_one"),
        (NAMESPACES, "test_who_is_refused"),
    ),
    "a stalled handshake": (
        (FRONT, "test_a_hello_that_stalls_is_given_up_and_one_that_dribbles_gets_through"),
        (FRONT, "test_a_handshake_that_stalls_is_given_up"),
    ),
    "a flood of handshakes": (
        (FRONT, "test_bounds"),
        (FRONT, "test_who_comes_too_often"),
        ("system/test_router_many.py", "test_a_flood_on_one_name_leaves_the_others_responsive"),
    ),
    "another tenant's Host": (
        (BEHIND, "test_strangers_are_refused"),
        (ROUTED, "test_another_name_on_a_connection_that_was_opened_for_this_is_answered_421"),
    ),
    "a request straight to the machine's port": (
        (BEHIND, "test_who_comes_past_the_router_is_told_where_to_go"),
        (BEHIND, "test_while_the_router_is_kept_away_the_port_is_open_to_nobody"),
        (ROUTED, "test_who_comes_past_the_router_hears_where_to_go"),
        (NAMESPACES, "test_who_is_refused"),
    ),
    "a name that an operator has switched off": (
        ("router/test_service.py", "test_a_name_that_is_switched_off_while_somebody_is_connected"),
    ),
}


@pytest.mark.parametrize("who", REFUSED)
def test_a_test_shows_it(who: str) -> None:
    for file, name in REFUSED[who]:
        there = {
            node.name
            for node in ast.walk(ast.parse((TESTS / file).read_text()))
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        }
        assert name in there, f"{file} has no {name}"
