"""Of each application's list: what it closes, and what users of the application need, which it leaves open."""

from __future__ import annotations

import pytest

from webproxy.policy import TextError
from webproxy.testing import judge, request
from webproxy_guard import Guard
from webproxy_guard.applications import APPLICATIONS, RULES, Lists, applications

TRIED = """
ollama                 closed  DELETE /api/delete
ollama                 closed  GET /debug/pprof/profile
ollama                 closed  POST /ollama/api/create/1
ollama                 open    POST /api/chat
ollama                 open    GET /api/tags
ollama                 open    HEAD /api/blobs/sha256:00
vllm                   closed  POST /collective_rpc
vllm                   closed  POST /v1/load_lora_adapter
vllm                   closed  POST /Sleep
vllm                   open    POST /v1/completions
vllm                   open    GET /load
sglang                 closed  POST /update_weights_from_disk
sglang                 closed  GET /flush_cache
sglang                 closed  PUT /hicache/storage-backend
sglang                 open    POST /generate
sglang                 open    GET /get_model_info
llama.cpp              closed  POST /props
llama.cpp              closed  GET /cors-proxy
llama.cpp              closed  POST /slots/0
llama.cpp              closed  DELETE /models
llama.cpp              open    GET /props
llama.cpp              open    POST /completion
llama.cpp              open    GET /v1/models
lm-studio              closed  POST /api/v1/models/load
lm-studio              open    GET /api/v1/models
lm-studio              open    POST /api/v1/chat
koboldcpp              closed  POST /api/admin/reload_config
koboldcpp              open    POST /api/v1/generate
text-generation-webui  closed  POST /v1/internal/model/load
text-generation-webui  open    POST /v1/internal/encode
triton                 closed  POST /v2/repository/models/x/load
triton                 closed  POST /v2/models/x/trace/setting
triton                 open    POST /v2/models/x/infer
a1111                  closed  POST /sdapi/v1/server-kill
a1111                  closed  GET /internal/sysinfo
a1111                  open    POST /sdapi/v1/txt2img
a1111                  open    GET /sdapi/v1/options
a1111                  open    POST /internal/progress
comfyui                closed  GET /manager/reboot
comfyui                closed  POST /api/v2/manager/queue/install
comfyui                closed  POST /api/free
comfyui                closed  GET /internal/logs
comfyui                open    POST /api/prompt
comfyui                open    GET /ws
comfyui                open    GET /extensions/ComfyUI-Manager/js/start.js
comfyui                open    POST /api/userdata/workflows%2Fa.json
jupyter                closed  GET /user/a/terminals/websocket/1
jupyter                closed  POST /lab/api/terminals
jupyter                closed  GET /proxy/22/
jupyter                open    GET /api/contents/a%20b
jupyter                open    GET /api/kernels/0/channels
open-webui             closed  POST /api/v1/auths/signup
open-webui             closed  GET /api/v1/utils/db/download
open-webui             open    POST /api/v1/auths/signin
open-webui             open    POST /api/chat/completions
"""


def rows() -> list[tuple[str, str, str, str]]:
    return [(name, state, method, target) for name, state, method, target in map(str.split, TRIED.strip().splitlines())]


@pytest.mark.parametrize(("name", "state", "method", "target"), rows())
def test_an_application(name: str, state: str, method: str, target: str) -> None:
    rejection = judge(Guard(app=applications(name)), request(method, target)).rejection
    assert (rejection is not None) == (state == "closed")
    assert rejection is None or f"({name})" in rejection.reason


def test_every_application_is_tried() -> None:
    tried = {(name, state) for name, state, _, _ in rows()}
    assert tried == {(name, state) for name in APPLICATIONS for state in ("open", "closed")}


def test_names() -> None:
    assert applications("none") == Lists((), ())
    assert {rule.owner for rule in applications("ollama,vllm").closed} == {"ollama", "vllm"}
    everything = applications(",".join(APPLICATIONS))
    assert len(everything.closed) + len(everything.slashes) == len(RULES)
    Guard(app=everything)


@pytest.mark.parametrize("text", ["", "olama", "ollama,none"])
def test_what_is_no_application(text: str) -> None:
    with pytest.raises(TextError, match="it is one or more of"):
        applications(text)
