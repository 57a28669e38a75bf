from collections.abc import Iterable
from collections.abc import Set as AbstractSet

from typing_extensions import Self

class Scanner:
    def __new__(cls, names: Iterable[bytes], dropped: AbstractSet[bytes], marked: AbstractSet[bytes]) -> Self: ...
    def scan(self, block: bytes, at: int, /) -> tuple[dict[bytes, bytes], bytes, int] | None: ...
