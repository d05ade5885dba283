"""A long list of runs, of which only the order is held: its lines are read from the table page by page, so it takes little memory."""

from collections.abc import Callable, Iterator, Sequence
from typing import overload

from tutor.runs.run_info import RunInfo

PAGE = 500
"""Lines that are read at once."""

Name = tuple[str, str]
"""Layer and key of a run."""


class RunList(Sequence[RunInfo]):
    """Runs in the order in which they were when the list was made; each line is as it is when it is read.

    Parameters
    ----------
    names
        Layer and key of every run.
    read
        Reads the lines of some runs, in their order, and leaves out those that are gone.
    """

    def __init__(self, names: Sequence[Name], read: Callable[[Sequence[Name]], list[RunInfo]]):
        self._names, self._read = names, read

    def __repr__(self) -> str:
        return f"RunList({len(self):,} runs)"

    def __len__(self) -> int:
        return len(self._names)

    def __iter__(self) -> Iterator[RunInfo]:
        """Iterate page by page; a run that was deleted meanwhile is left out."""
        for start in range(0, len(self._names), PAGE):
            yield from self._read(self._names[start:start + PAGE])

    @overload
    def __getitem__(self, at: int) -> RunInfo: ...
    @overload
    def __getitem__(self, at: slice) -> list[RunInfo]: ...

    def __getitem__(self, at: int | slice) -> RunInfo | list[RunInfo]:
        """Read one line, or those of a slice; IndexError beyond the end, or where the run is gone."""
        if isinstance(at, slice):
            return list(RunList(self._names[at], self._read))
        found = self._read([self._names[at]])
        if not found:
            raise IndexError(f"run {self._names[at][1]} has been deleted")
        return found[0]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None
