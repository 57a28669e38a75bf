"""Which contents are large, and which are streams: extensions of file names, and media types.

Rule of this file: sets of words and the two questions they answer. What follows from an answer is ``timeout``'s.
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

#: What people download for minutes. Of media only sound and film: a page shows its pictures at once.
FILES: Final = {
    "weights": "safetensors gguf ggml ckpt pt pth bin onnx engine plan tflite mlmodel keras joblib pkl llamafile",
    "data sets": "npz npy h5 hdf5 parquet arrow feather csv tsv jsonl ndjson sqlite db tfrecord mat fits las laz ply",
    "archives": "zip tar tgz gz bz2 tbz2 xz txz zst lz4 br 7z rar",
    "sound and film": "mp4 m4v mkv webm mov avi mpg mpeg wav flac mp3 m4a ogg opus aac",
    "packages": "deb rpm whl apk jar dmg pkg exe msi crate gem conda snap flatpak appimage",
    "disk images": "iso img qcow2 vmdk vdi vhd vhdx raw squashfs",
}
FILE_EXTENSIONS: Final = frozenset(extension for kind in FILES.values() for extension in kind.split())

Kind: TypeAlias = Literal["byteranges", "stream", "binary", "other"]

#: Types whose bodies come piece by piece, with silence between the pieces.
STREAMS: Final = frozenset(
    (
        "application/json-lines",
        "application/json-seq",  # RFC 7464
        "application/jsonl",
        "application/jsonlines",
        "application/ndjson",
        "application/stream+json",
        "application/vnd.amazon.eventstream",
        "application/x-json-stream",
        "application/x-jsonlines",
        "application/x-ndjson",  # Ollama
        "multipart/x-mixed-replace",  # cameras
        "text/event-stream",
    ),
)

#: Subtypes of application/ that are files, when they are large.
BINARY: Final = {
    "archives": "zip gzip x-gzip x-tar x-gtar x-bzip2 x-xz x-7z-compressed zstd x-zstd x-rar-compressed java-archive",
    "data": "octet-stream pdf wasm x-hdf x-hdf5 x-numpy x-parquet x-pytorch x-safetensors x-sqlite3",
    "packages": "x-debian-package x-iso9660-image x-msdownload x-rpm",
}
BINARIES: Final = frozenset(f"application/{subtype}" for kind in BINARY.values() for subtype in kind.split())
BINARY_FAMILIES: Final = ("audio/", "video/", "image/", "model/", "font/")
TEXT_SUFFIXES: Final = ("+json", "+xml", "+yaml")  # RFC 6839: image/svg+xml, application/vnd.api+json


def file_like(path: str) -> bool:
    """Whether the last segment of a path ends like the name of a large file."""
    if "." not in path:
        return False
    name, dot, extension = path[path.rfind("/") + 1 :].rpartition(".")
    return bool(name and dot) and extension.lower() in FILE_EXTENSIONS


class _Kinds(dict[bytes, "Kind"]):
    """What Content-Types announce, remembered: a service has a dozen, and each costs 0.03 us instead of 0.8."""

    def __missing__(self, content_type: bytes) -> Kind:
        kind = kind_of(content_type)
        if len(content_type) <= 128 and len(self) < 256:
            self[content_type] = kind
        return kind


def kind_of(content_type: bytes) -> Kind:
    """Say what a Content-Type announces; its parameters and its case do not matter (RFC 9110 §8.3.1)."""
    media_type = content_type.partition(b";")[0].strip(b" \t").lower().decode("latin-1")
    if media_type == "multipart/byteranges":  # RFC 9110 §14.6
        return "byteranges"
    if media_type in STREAMS or media_type.startswith("application/grpc"):
        return "stream"
    if media_type.endswith(TEXT_SUFFIXES):
        return "other"
    if media_type in BINARIES or media_type.startswith((*BINARY_FAMILIES, "application/vnd.")):
        return "binary"
    return "other"


#: :func:`kind_of` of each Content-Type that one looks up.
KINDS: Final = _Kinds()
