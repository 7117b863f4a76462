"""A column of a big table as an array: read like a list, kept and written without an object per row."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, overload

import numpy as np

if TYPE_CHECKING:
    import pyarrow


@dataclass(frozen=True, eq=False)
class Packed(Sequence[Any]):
    """values: an array of whole numbers; with `words` they are indices into those."""

    values: Any
    words: Sequence[str] | None = None

    def __len__(self) -> int:
        return len(self.values)

    @overload
    def __getitem__(self, n: int) -> Any: ...
    @overload
    def __getitem__(self, n: slice) -> "Packed": ...
    def __getitem__(self, n: int | slice) -> Any:
        if isinstance(n, slice):
            return Packed(self.values[n], self.words)
        value = self.values[n].item()
        return value if self.words is None else self.words[value]

    def __iter__(self) -> Iterator[Any]:
        values = self.values.tolist()
        return iter(values) if self.words is None else map(self.words.__getitem__, values)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    def arrow(self) -> "pyarrow.Array":
        """The column as pyarrow has it."""
        import pyarrow

        if self.words is None:
            return pyarrow.array(self.values)
        indices = pyarrow.array(self.values.astype(np.int32, copy=False))
        return pyarrow.DictionaryArray.from_arrays(indices, pyarrow.array(list(self.words), type="string"))
