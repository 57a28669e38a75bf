"""Every key of a TOML text is found on its line, whatever stands around it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from webproxy.settings.lines import key_lines

TEXT = '''\
internal = 8080  # [not.a.table]
"port" = 1
trust = [  # several
  "10.0.0.0/8",
  "a = 1 ]",
]
many = """
inside = 1
[neither]
"""
timeout = { long = "20m", default = '5s' }

[policy.queue]
slots = 2
[[policies]]
name = "a"
[[ policies ]]
name = "b"
a.b = 1
'''


def test_lines_of_keys() -> None:
    assert key_lines(TEXT) == {
        ("internal",): 1,
        ("port",): 2,
        ("trust",): 3,
        ("many",): 7,
        ("timeout",): 11,
        ("timeout", "long"): 11,
        ("timeout", "default"): 11,
        ("policy", "queue"): 13,
        ("policy", "queue", "slots"): 14,
        ("policies", "[0]"): 15,
        ("policies", "[0]", "name"): 16,
        ("policies", "[1]"): 17,
        ("policies", "[1]", "name"): 18,
        ("policies", "[1]", "a", "b"): 19,
    }


@given(st.text(alphabet="ab=[]{}\"'#\n .,\\1"))
def test_any_text_is_read(text: str) -> None:
    assert all(1 <= line <= text.count("\n") + 1 for line in key_lines(text).values())
