"""What applications answer that nobody should be asked from outside.

Rule of this file: a row is a method and the endpoints it asks, from the application's own sources, under the reason why
they are closed. Patterns are those of :class:`webproxy.policy.PatternTable`; ``x/**`` is ``x``, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from webproxy.policy import TextError, listed
from webproxy_guard.rules import ANY_METHOD, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

NONE = "none"
"""What is written when only the operator's own lists are to be used."""

LISTS = """
[ollama]
# Go's profiler: memory, goroutines, the command line, and a CPU profile for as long as somebody asks for one
* debug/pprof/**
# delete the models, fill the disk with others, publish what is here
* api/delete api/pull api/push api/create api/copy
* ollama/api/delete/* ollama/api/pull/* ollama/api/push/* ollama/api/create/* ollama/api/copy/*
POST api/blobs/**
# the account on ollama.com that this server is signed in with, and fetching pages through it
* api/me api/signout api/user/keys/**
* api/experimental/**

[vllm]
# VLLM_SERVER_DEV_MODE: run anything in the engine, put it to sleep, drop its caches
* /collective_rpc /sleep /wake_up /is_sleeping /server_info
* /reset_prefix_cache /reset_mm_cache /reset_encoder_cache
# stop the service for everybody, or give it other weights; no key is asked for
* /pause /resume /is_paused /abort_requests /scale_elastic_ep /is_scaling_elastic_ep
* /init_weight_transfer_engine /update_weights /start_weight_update /start_draft_weight_update /finish_weight_update
* /update_weight_version /weight_info /weight_checker /get_world_size
* {/,v1/}load_lora_adapter {/,v1/}unload_lora_adapter
# the profiler, and the chat template
* /start_profile /stop_profile /tokenizer_info
# generates without asking for the key, which /v1 asks for
* /invocations

[sglang]
# other weights, and reading them; no key is asked for unless an admin key is set
* /update_weights* /init_weights_* /destroy_weights_update_group /send_weights_to_remote_instance /update_weight_version
* /get_weights_by_name /weights_checker /remote_instance_transfer_engine_info /get_remote_instance_transfer_engine_info
* /load_lora_adapter* /unload_lora_adapter
# stop the service for everybody, or slow it down
* /pause_generation /continue_generation /abort_request /slow_down /freeze_gc
* /release_memory_occupation /resume_memory_occupation /flush_cache /clear_hicache_storage_backend /hicache/**
# profiler, records, log: they write to the disk
* /start_profile /stop_profile /*_expert_distribution_record /configure_logging /set_trace_level
* /add_external_corpus /remove_external_corpus /list_external_corpora

[llama.cpp]
# requests to any address from inside, and tools that read files and run commands
* /cors-proxy/** /tools/**
# settings for everybody, adapters, other people's prompts, files in the folder of saved slots
POST /props
POST /lora-adapters
* /slots/**
# the router: load, unload, download and delete models
POST /models {/,v1/}models/load {/,v1/}models/unload {/,v1/}models/download
DELETE {/,v1/}models/**

[lm-studio]
POST api/v1/models/load api/v1/models/unload api/v1/models/download

[koboldcpp]
# load another configuration, save and restore states; searching the web from here
* api/admin/** api/extra/websearch

[text-generation-webui]
POST v1/internal/model/load v1/internal/model/unload v1/internal/lora/load v1/internal/lora/unload
POST v1/internal/stop-generation

[triton]
# other models, the server's memory, its log
* v2/repository/** v2/systemsharedmemory/** v2/cudasharedmemory/** v2/trace/** v2/models/*/trace/** v2/logging

[a1111]
# end it, restart it
* sdapi/v1/server-kill sdapi/v1/server-restart sdapi/v1/server-stop
# settings for everybody, folders among them
POST sdapi/v1/options
* sdapi/v1/unload-checkpoint sdapi/v1/reload-checkpoint sdapi/v1/create/** sdapi/v1/train/**
# paths, environment, and the command line with its passwords
* sdapi/v1/cmd-flags internal/sysinfo internal/sysinfo-download internal/profile-startup

[comfyui]
# unload models, stop other people's work
POST {/,api/}free {/,api/}interrupt
# log and folders
* {/,api/}internal/**
# ComfyUI-Manager installs code and restarts; some of it answers to GET
* manager/** customnode/** snapshot/** externalmodel/** comfyui_manager/**
# the Manager's settings, among them what it may install, lie where users store their files
* ComfyUI-Manager/config.ini
POST ComfyUI-Manager/** __manager/**
DELETE ComfyUI-Manager/** __manager/**
# the name of a user's file is one segment, with its slashes encoded
%2F userdata/**

[jupyter]
# a shell, every other port of the machine, the end
* terminals/websocket/** api/terminals/**
* proxy/** absproxy/**
POST api/shutdown

[open-webui]
# who signs up first is the administrator
POST api/v1/auths/signup
# all settings with their keys, and the whole database
* api/v1/configs/export api/v1/configs/import api/v1/utils/db/**
"""

SLASHES = "%2F"
"""In the place of the method: below these paths, encoded slashes are meant."""


class Lists(NamedTuple):
    """What is known of the applications that are served.

    :ivar closed: their endpoints that are closed.
    :ivar slashes: below which paths an encoded slash is no trick.
    """

    closed: tuple[Rule, ...] = ()
    slashes: tuple[Rule, ...] = ()


def _read(lists: str) -> Iterator[Rule]:
    """Read the lists above."""
    owner = ""
    for line in lists.splitlines():
        if line.startswith("["):
            owner = line.strip("[]")
        elif line and not line.startswith("#"):
            method, *patterns = line.split()
            yield from (Rule(method, pattern, owner) for pattern in patterns)


RULES = tuple(_read(LISTS))

APPLICATIONS = tuple(dict.fromkeys(rule.owner for rule in RULES))
"""The names that ``app=`` knows."""


def applications(text: str) -> Lists:
    """Read names of applications: ``ollama,open-webui``; ``none`` for none of them.

    :raises TextError: not a known name, or none at all.
    """
    names = listed(text)
    known = f"it is one or more of {', '.join(APPLICATIONS)}, or none"
    if not names:
        raise TextError("no application is named", known)
    for name in names:
        if name not in APPLICATIONS and names != (NONE,):
            raise TextError(f"{name!r} is not known", known)
    rules = [rule for rule in RULES if rule.owner in names]
    closed = tuple(rule for rule in rules if rule.method != SLASHES)
    return Lists(closed, tuple(rule._replace(method=ANY_METHOD) for rule in rules if rule.method == SLASHES))
