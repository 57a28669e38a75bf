"""The endpoint table: what services on GPU machines answer at which path, and how long they may be silent.

Rule of this file: one row a fact, from the services' own sources; :mod:`webproxy.policy.patterns` says how a row is
written. Rows say what differs from an ordinary answer: who is not listed is DEFAULT. ``generation`` marks work that
occupies a GPU for as long as the exchange lasts, and that sends no byte until it is done unless it streams. What only
starts work, or watches it, is not marked: event feeds, heartbeats, downloads, model loading.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from webproxy.policy.patterns import PatternTable

if TYPE_CHECKING:
    from collections.abc import Iterator

TABLE: Final = """
# OpenAI's API, as vLLM, llama.cpp, LM Studio, LiteLLM, TGI, SGLang, Ollama and Open WebUI offer it
POST             chat/completions                                    LONG generation
POST             chat/completions/{control,render}                   LONG
POST             {/,v0/,v1/}completions                              LONG generation
POST             {/,v1/}completions/render                           LONG
POST             {engines,deployments}/*/completions                 LONG generation
POST             {/,v0/,v1/}embeddings                               LONG generation
POST             {engines,deployments}/*/embeddings                  LONG generation
POST             {/,v1/}responses                                    LONG generation
GET,DELETE       {/,v1/}responses/*                                  LONG
POST             {/,v1/}responses/*/cancel                           LONG
GET              {/,v1/}responses/*/input_items                      LONG
*                {/,v1/}responses/input_tokens                       DEFAULT
POST             images/{generations,edits,variations}               LONG generation
POST             audio/{transcriptions,translations,speech}          LONG generation
POST             {/,v1/}videos                                       LONG generation
GET              {/,v1/}videos/*                                     LONG
POST             {/,v1/}videos/*/remix                               LONG generation
POST             {/,v1/}moderations                                  LONG generation
POST             {/,v1/}threads/*/runs                               LONG generation
GET,POST         {/,v1/}batches                                      LONG
POST             {/,v1/}fine_tuning/jobs                             LONG
GET              {/,v1/}{files,videos}/*/content                     DOWNLOAD
GET              {/,v1/}{vector_stores,containers}/*/files/*/content DOWNLOAD
POST             {/,v1/,v2/}{rerank,re-rank,reranking,re-ranking}    LONG generation

# vLLM: tasks that are not OpenAI's
POST             {/,v1/}{score,classify,pooling}                     LONG generation
POST             v2/embed                                            LONG generation
POST             /generative_scoring                                 LONG generation
POST             inference/v1/generate                               LONG generation

# LiteLLM
POST             {/,v1/}ocr                                          LONG generation
POST             {/,v1/}rag/{ingest,query}                           LONG
POST             {/,v1beta/}interactions                             LONG generation
POST             a2a/*/message/{send,stream}                         LONG generation

# Anthropic's API; count_tokens and batches answer at once
POST             {/,v1/,api/}messages                                LONG generation
POST             api/message                                         LONG generation

# Gemini's and Vertex AI's APIs, LiteLLM's too: the model's name may hold a slash
POST             models/{,*/}*:{generateContent,streamGenerateContent} LONG generation
POST             models/{,*/}*:{embedContent,batchEmbedContents}     LONG generation
POST             models/{,*/}*:{rawPredict,streamRawPredict}         LONG generation

# Ollama; Open WebUI appends the number of a server
POST             api/{generate,chat,embed,embeddings}                LONG generation
POST             ollama/api/{generate,chat,embed,embeddings}/*       LONG generation
POST             api/{pull,push,create,copy}                         LONG
POST             ollama/api/{pull,push,create,copy}/*                LONG
POST             api/blobs/*                                         LONG

# llama.cpp: its own API, the router's models, resumable streams, saved slots
POST             /{completion,infill,embedding}                      LONG generation
POST             /models                                             LONG
POST             {/,v1/}models/{load,unload,download}                LONG
GET              /models/sse                                         LONG
GET,DELETE       v1/stream/*                                         LONG
POST             /slots/*                                            LONG

# TGI, TEI, SageMaker, KServe and Triton
POST             /                                                   LONG generation
POST             /{generate,generate_stream,invocations,vertex}      LONG generation
POST             /{embed,embed_all,embed_sparse,similarity,predict}  LONG generation
POST             v2/models/*/{infer,generate,generate_stream}        LONG generation
POST             v2/models/*/versions/*/{infer,generate}             LONG generation

# LM Studio
POST             api/v1/chat                                         LONG generation

# KoboldCpp
POST             api/{v1,latest}/generate                            LONG generation
POST             api/extra/generate/stream                           LONG generation

# Open WebUI: the rest of it lies in the rows above
POST             api/chat/completed                                  LONG
POST             api/chat/actions/*                                  LONG
POST             api/v1/tasks/*/completions                          LONG generation
GET              api/v1/files/*/process/status                       LONG
POST             api/v1/retrieval/process/**                         LONG
POST             api/v1/knowledge/*/file/{add,update}                LONG
POST             api/v1/knowledge/*/files/batch/add                  LONG
GET              api/v1/files/*/content/**                           DOWNLOAD
GET              api/v1/utils/db/download                            DOWNLOAD
GET              /cache/**                                           DOWNLOAD

# Gradio 3 to 5: joining and calling answer at once, the work is watched elsewhere
POST             queue/join                                          LONG
GET              queue/data                                          LONG
POST             {/,gradio_api/}call/*                               LONG
POST             {/,gradio_api/}call/v2/*                            LONG
GET              {/,gradio_api/}call/*/*                             LONG
GET              {/,gradio_api/}call/v2/*/*                          LONG
POST             {/,gradio_api/}run/*                                LONG generation
POST             {gradio_api/api/*,api/predict}                      LONG generation
GET              {/,gradio_api/}heartbeat/*                          LONG
GET              {/,gradio_api/}{upload_progress,dev/reload}         LONG
POST             {/,gradio_api/}{component_server,process_recording} LONG
GET              {/,gradio_api/}{file=**,file/**,proxy=**}           DOWNLOAD
GET              stream/*/*/*/{playlist-file,*.ts,*.aac}             DOWNLOAD

# A1111 and Forge: minutes of silence, then megabytes of JSON
POST             sdapi/v1/{txt2img,img2img,interrogate}              LONG generation
POST             sdapi/v1/extra-{single-image,batch-images}          LONG generation
POST             sdapi/v1/train/*                                    LONG generation
POST             sdapi/v1/create/*                                   LONG
POST             sdapi/v1/{refresh,reload,unload}-checkpoint         LONG
POST             sdapi/v1/{refresh-checkpoints,refresh-vae,options}  LONG

# ComfyUI: POST /prompt answers at once, progress comes over the WebSocket
GET              {/,api/}view                                        DOWNLOAD

# whisper.cpp, whisper-asr-webservice
POST             /{inference,asr,detect-language}                    LONG generation
POST             /load                                               LONG

# MCP: streamable HTTP and the older SSE transport
*                /mcp                                                LONG
*                {/mcp,gradio_api/mcp}/**                            LONG
GET              /sse                                                LONG
POST             /message                                            LONG

# Jupyter, Streamlit
GET              /{files,nbconvert,view}/**                          DOWNLOAD
GET              {/media,app/static}/**                              DOWNLOAD
"""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A row of the table.

    :param methods: those it is about; ``*`` for any.
    :param pattern: the path, as it stands in the table.
    :param traffic_class: name of its class.
    :param generation: whether a GPU works for as long as the exchange lasts.
    :param service: whose it is: the heading above the row.
    """

    methods: tuple[str, ...]
    pattern: str
    traffic_class: str
    generation: bool
    service: str


def _read(table: str) -> Iterator[Endpoint]:
    """Read the table above."""
    service = ""
    for line in table.splitlines():
        if line.startswith("#"):
            service = line.strip("# ")
        elif line:
            methods, pattern, traffic_class, *mark = line.split()
            yield Endpoint(tuple(methods.split(",")), pattern, traffic_class, mark == ["generation"], service)


ENDPOINTS: Final = tuple(_read(TABLE))

_BY_PATH: Final = PatternTable(
    (method, endpoint.pattern, endpoint) for endpoint in ENDPOINTS for method in endpoint.methods
)


def find_endpoint(method: str, path: str) -> Endpoint | None:
    """Say what the table knows about a method and a path.

    :param path: as policies see it: decoded, resolved, without query.
    """
    return _remembered(method, path) if len(path) <= 256 else find_endpoint_anew(method, path)


find_endpoint_anew: Final = _BY_PATH.find
"""The same without remembering: 0.6 us less for a path that will not come again."""

# 0.1 us instead of 2 to 10 for a path that comes again; at most 2048 of 256 characters, and no query.
_remembered: Final = lru_cache(maxsize=2048)(find_endpoint_anew)
