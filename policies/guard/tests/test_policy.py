"""What the guard says of requests: of its lists, of the operator's, and of paths that nobody can read in one way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from webproxy.testing import PolicyConformance, judge, request
from webproxy_guard import Guard
from webproxy_guard.applications import applications
from webproxy_guard.rules import rules

if TYPE_CHECKING:
    from webproxy.policy import Policy

OLLAMA = Guard(app=applications("ollama"))


def status(guard: Policy, method: str, target: str) -> int:
    """What is answered in place of the service; 0 when the service is asked."""
    rejection = judge(guard, request(method, target)).rejection
    return 0 if rejection is None else rejection.status


class TestGuard(PolicyConformance):
    """What every policy owes the proxy."""

    def make_policy(self) -> Guard:
        return Guard(app=applications("ollama"))


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("DELETE", "/api/delete"),
        ("POST", "/API/Pull"),
        ("POST", "//api//create/"),
        ("POST", "/api/%63opy?x=1"),
        ("POST", "http://somewhere.example/api/push"),
        ("POST", "/ollama/api/pull/0"),
        ("GET", "/debug/pprof/heap"),
        ("GET", "/debug/pprof"),
        ("HEAD", "/debug/pprof/"),
        ("POST", "//a/api/pull"),
        ("DELETE", "/api;v=1/delete;x"),
        ("DELETE", "/api/delete%3Fx"),
        ("DELETE", "/api/delete%23x"),
        ("DELETE", "/api;a%3fb/delete%23"),
        ("DELETE", "/x/api/delete%3f;/x"),
        ("DELETE", "//somewhere/ollama/api/delete/0;x"),
        ("DELETE", f"/api/delete/?{'x' * 300}"),
        ("DELETE", f"/{'a/' * 200}api/delete"),
    ],
)
def test_what_is_listed_is_closed_however_it_is_written(method: str, target: str) -> None:
    assert status(OLLAMA, method, target) == 403


@pytest.mark.parametrize(
    "target",
    [
        "/api%2Fdelete",
        "/api%2fchat",
        "/api\\delete",
        "/api%5Cdelete",
        "/api/delete%00",
        "/api/delete%0A",
        "/api/%2564elete",
        "/api/%c0%ae/delete",
        "/api/%zz",
        "/api//../delete",
        "/api/%2e/../delete",
        "/..",
    ],
)
def test_what_can_be_read_in_two_ways_is_refused(target: str) -> None:
    assert status(OLLAMA, "POST", target) == 400


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("POST", "/api/chat"),
        ("GET", "/api/tags"),
        ("POST", "//v1/chat/completions"),
        ("GET", "/files/a%20name;x?next=/api/delete"),
        ("GET", "/api/deleted"),
        ("OPTIONS", "*"),
        ("GET", "/"),
    ],
)
def test_everything_else_passes(method: str, target: str) -> None:
    assert status(OLLAMA, method, target) == 0


def test_the_answer_names_the_rule() -> None:
    rejection = judge(OLLAMA, request("POST", "/Api/PULL")).rejection
    assert rejection is not None
    assert rejection.reason == "The guard closes api/pull here (ollama)."


def test_own_lists() -> None:
    guard = Guard(deny=rules("/admin/**, POST /props, GET /{a,b}/x"), allow=rules("/admin/health"))
    assert [status(guard, "GET", target) for target in ("/admin", "/ADMIN/users", "/A/x")] == [403] * 3
    assert (status(guard, "GET", "/props"), status(guard, "POST", "/proxy/8080/props")) == (0, 403)
    rejection = judge(guard, request("POST", "/props")).rejection
    assert rejection is not None
    assert rejection.reason == "The guard closes POST /props here (deny)."


def test_what_is_allowed_is_read_strictly() -> None:
    guard = Guard(app=applications("ollama"), deny=rules("/admin/**"), allow=rules("/api/pull,/admin/health"))
    assert [status(guard, "POST", target) for target in ("/api/pull", "/admin/health", "/api/pull/")] == [0] * 3
    assert [status(guard, "POST", target) for target in ("/API/pull", "//api/pull", "/admin/Health")] == [403] * 3


def test_an_encoded_slash_may_be_meant() -> None:
    guard = Guard(app=applications("comfyui"), allow=rules("/v1/models/**"))
    names = ("/api/userdata/workflows%2Fa.json", "/userdata/a%2fb%2Fc", "/v1/models/meta%2Fllama")
    assert [status(guard, "POST", name) for name in names] == [0, 0, 0]
    tricks = (
        "/api%2Fuserdata/x",
        "/api/userdata%2Fx",
        "/api/userdata/%2F..%2Fx",
        "/userdata/a%252Fb",
        "/v1%2Fmodels/a",
    )
    assert [status(guard, "POST", trick) for trick in tricks] == [400] * 5


@pytest.mark.parametrize(
    "name",
    [
        "/userdata/ComfyUI-Manager%2Fconfig.ini",
        "/api/userdata/comfyui-manager%2F%2fCONFIG.INI?overwrite=true",
        "/userdata/a.json/move/ComfyUI-Manager%2Fconfig.ini",
        "/userdata/a%2Fb.json/move/x%2FComfyUI-Manager%2Fconfig.ini;x",
    ],
)
def test_what_is_closed_is_closed_behind_encoded_slashes(name: str) -> None:
    assert status(Guard(app=applications("comfyui")), "POST", name) == 403
