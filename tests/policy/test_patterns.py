"""Tables of paths: what a pattern matches, and which of several wins."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webproxy.policy.patterns import ANY_METHOD, FEW, PatternTable, alternatives


def table(*patterns: str) -> PatternTable[str]:
    return PatternTable(("GET", pattern, pattern) for pattern in patterns)


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("/", "/"),
        ("/embeddings", "/embeddings"),
        ("/embeddings", "/embeddings/"),
        ("/embeddings", "/ollama/embeddings"),
        ("/embeddings", "/proxy/8000/embeddings"),
        ("/embeddings", "/user/alice/proxy/absolute/8000/embeddings"),
        ("/embeddings", "/openai/deployments/ada/embeddings"),
        ("/", "/upstream/qwen"),
        ("v1/embeddings", "/v1/embeddings"),
        ("v1/embeddings", "/my/own/prefix/v1/embeddings"),
        ("call/*/*", "/x/call/predict/event-7"),
        ("models/*:generate", "/models/a.b:generate"),
        ("extra-*-image", "/extra-single-image"),
        ("/files/**", "/files/a"),
        ("/files/**", "/files/a/b/c"),
        ("/files/*/content/**", "/files/f1/content/r.pdf"),
        ("/file=**", "/file="),
        ("/file=**", "/file=a"),
        ("/file=**", "/file=/tmp/a.png"),
        ("/file=**", "/proxy/7860/file=/tmp/a.png"),
        ("a/{b,c}/{d,e}", "/a/c/d"),
        ("{/,v1/}ocr", "/ocr"),
        ("{/,v1/}ocr", "/x/v1/ocr"),
        ("m/{,*/}x", "/m/x"),
        ("m/{,*/}x", "/m/y/x"),
    ],
)
def test_matches(pattern: str, path: str) -> None:
    assert table(pattern).find("GET", path) == pattern


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("/", "/a"),
        ("/embeddings", "/my/embeddings"),
        ("/embeddings", "/proxy/embeddings"),
        ("/embeddings", "/Embeddings"),
        ("/embeddings", "/embeddings/x"),
        ("/embeddings", "/embeddingsX"),
        ("v1/embeddings", "/v1x/embeddings"),
        ("v1/embeddings", "/v1/embeddings/1"),
        ("call/*", "/call"),
        ("call/*", "/call/a/b"),
        ("/files/**", "/files"),
        ("/files/**", "/my/files/a"),
        ("/file=**", "/files=a"),
        ("*:generate", "/a:generate/b"),
        ("a.b", "/axb"),
    ],
)
def test_does_not_match(pattern: str, path: str) -> None:
    assert table(pattern).find("GET", path) is None


def test_the_earliest_begin_wins() -> None:
    assert table("b/c", "a/b/c").find("GET", "/a/b/c") == "a/b/c"


def test_the_root_wins_over_anywhere() -> None:
    assert table("a/b", "/a/b").find("GET", "/a/b") == "/a/b"


def test_words_win_over_stars() -> None:
    patterns = table("a/**", "a/*", "a/b*", "a/b", "a/b/c")
    assert [patterns.find("GET", path) for path in ("/a/b", "/a/bc", "/a/c", "/a/c/d", "/a/b/c")] == [
        "a/b",
        "a/b*",
        "a/*",
        "a/**",
        "a/b/c",
    ]


def test_a_dead_end_is_left_again() -> None:
    patterns = table("a/b/c", "a/b*/d", "a/*/e", "a/**")
    assert [patterns.find("GET", f"/a/b/{last}") for last in "cdef"] == ["a/b/c", "a/b*/d", "a/*/e", "a/**"]


def test_methods() -> None:
    methods = PatternTable([("GET", "a", 1), ("POST", "a", 2), ("HEAD", "b", 3), ("GET", "b", 4), (ANY_METHOD, "a", 5)])
    assert [methods.find(method, "/a") for method in ("GET", "HEAD", "POST", "PUT")] == [1, 1, 2, 5]
    assert [methods.find(method, "/b") for method in ("GET", "HEAD", "POST")] == [4, 4, None]


def test_values_may_be_false() -> None:
    assert PatternTable([("GET", "a", 0)]).find("GET", "/a") == 0


def test_case_may_be_ignored() -> None:
    rows = [("POST", "/api/Delete", "found")]
    assert PatternTable(rows, ignore_case=True).find("POST", "/API/dELETE") == "found"
    kelvin = "/to\N{KELVIN SIGN}en"  # a "k" to whoever ignores case by Unicode's rules, as Python's re does
    assert PatternTable([("*", "token", "found")], ignore_case=True).find("GET", kelvin) == "found"
    assert PatternTable(rows).find("POST", "/api/delete") is None


def test_braces_are_written_out() -> None:
    assert list(alternatives("{/,v1/}{a,b}/*")) == ["/a/*", "/b/*", "v1/a/*", "v1/b/*"]


def test_only_the_ends_of_a_very_long_path_are_searched() -> None:
    filler = "/x" * 5000
    assert table("a/b").find("GET", filler + "/a/b") == "a/b"
    assert table("/files/**").find("GET", "/files" + filler) == "/files/**"
    assert table("/a").find("GET", "/proxy/1" * 5000 + "/a") is None


@pytest.mark.parametrize("pattern", ["a/{b", "a}", "**/a", "a/**/b", "{a,**}/b"])
def test_what_is_no_pattern(pattern: str) -> None:
    with pytest.raises(ValueError, match="is no pattern"):
        table(pattern)


def test_a_row_stands_once() -> None:
    with pytest.raises(ValueError, match="GET a/b stands in the table twice"):
        table("a/b", "{a,c}/b")


SEGMENTS = st.lists(
    st.sampled_from(
        ["", "api", "chat", "v1", "ollama", "proxy", "8000", "file=x", "file=", "models", "m:go", "zz", "API"]
    ),
    max_size=6,
)
PATTERNS = ("/api/chat", "v1/{chat,models}", "models/*:go", "/file=**", "/", "/api/**", "*:go", "chat")


@given(SEGMENTS, st.booleans())
def test_what_is_not_looked_for_would_not_be_found(segments: list[str], ignore_case: bool) -> None:
    rows = [("GET", pattern, pattern) for pattern in PATTERNS]
    table, thorough = (PatternTable(rows, ignore_case=ignore_case) for _ in range(2))
    thorough._words = Everything()
    path = "/" + "/".join(segments)
    assert table.find("GET", path) == thorough.find("GET", path)


class Everything(set[str]):
    """Has all there is in common with anything."""

    def isdisjoint(self, _other: object) -> bool:
        return False


@pytest.mark.parametrize("count", [1, FEW, FEW + 1, 40])
def test_parts_of_segments_are_found_however_many_there_are(count: int) -> None:
    found = table(*(f"*{number:02d}=*" for number in range(count)))
    last = f"*{count - 1:02d}=*"
    assert found.find("GET", f"/x/a{count - 1:02d}=b") == last
    assert found.find("GET", f"/x/a{count:02d}=b") is None
    assert found.find("GET", "/x") is None
