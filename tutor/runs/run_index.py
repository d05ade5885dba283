"""A table of all runs beside their folders, so that a long list is not read folder by folder; the folders stay the truth.

The table is SQLite in `<store>/index/runs.sqlite`, or in memory where the store cannot be written. It is brought up to date before every
answer: new and deleted folders are found when the folder of the store has changed, runs that are not finished are looked at every time,
and so are all runs that an answer of at most `CHECKED` lines shows. In longer answers the line of a finished run is believed.
"""

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

from tutor.core import parsing
from tutor.runs.folder import RunFolder
from tutor.runs.index_rows import OWN, UNFINISHED, conditions, lines_of, prepared, put, row_of, select_lines, stamp_of
from tutor.runs.io.formats import StoreError
from tutor.runs.io.processes import has_ended
from tutor.runs.run_info import RunFilter, RunInfo
from tutor.runs.run_list import RunList
from tutor.runs.run_places import folders_in, packs_in, place_stamp
from tutor.runs.status import ACTIVE

CHECKED = 1000
"""Lines of an answer that are compared with their folders, finished runs included."""
BATCH = 500
"""Runs that are read between two transactions."""
KEPT = 256
"""Short answers that are kept."""
PATIENCE = 10.0
"""Seconds that another process may hold the table."""
SETTLED = 2_000_000_000
"""Nanoseconds after which a change of a folder cannot hide behind an equal time."""
EVERYTHING = RunFilter()

log = logging.getLogger(__name__)
Answer = TypeVar("Answer")


class RunIndex:
    """The table of all runs, for several processes and threads at once; a shipped run hides an own run of the same key.

    Parameters
    ----------
    own
        The folder of the user's own runs, which also holds the table.
    shipped
        The folder of the runs that came with the project.
    """

    def __init__(self, own: Path, shipped: Path):
        self.own, self.shipped, self._layer = own, shipped, str(shipped)
        self._lock, self._connection, self._in_memory = threading.RLock(), None, False
        self._version, self._known = (), {}

    @property
    def path(self) -> Path:
        """Where the table is stored."""
        return self.own / "index" / "runs.sqlite"

    def infos(self, wanted: RunFilter = EVERYTHING, *, limit: int | None = None, offset: int = 0) -> Sequence[RunInfo]:
        """List the runs that fit, the latest heartbeat first.

        Parameters
        ----------
        wanted
            Conditions that a run must meet; the default admits every run.
        limit
            Most runs in the list; None lists them all.
        offset
            How many runs to skip at the beginning.

        Returns
        -------
        Sequence
            Of at most `CHECKED` runs their lines, compared with their folders; of more the order, and each line as it is read.

        Raises
        ------
        StoreError
            Where a folder of runs cannot be read.
        """
        condition, values = conditions(wanted, self._layer)
        question = f"SELECT layer, key FROM runs WHERE {condition} ORDER BY heartbeat DESC, key LIMIT ? OFFSET ?"
        asked = [*values, -1 if limit is None else limit, offset]

        def ask(table: sqlite3.Connection) -> Sequence[RunInfo]:
            names = table.execute(question, asked).fetchall()
            if len(names) > CHECKED:
                return RunList(names, self._lines)
            if self._renew(table, self._moved(table, names)):
                names = table.execute(question, asked).fetchall()
            return lines_of(table, names)

        return self._answer(ask)

    def _lines(self, names: Sequence[tuple[str, str]]) -> list[RunInfo]:
        """The lines of some runs, as the table has them; a finished run is believed."""
        return self._answer(lambda table: lines_of(table, names), renew=False)

    def count(self, wanted: RunFilter = EVERYTHING) -> int:
        """Count the runs that fit."""
        condition, values = conditions(wanted, self._layer)
        return self._numbers(f"SELECT count(*) FROM runs WHERE {condition}", values)[0][0]

    def size(self, wanted: RunFilter = EVERYTHING) -> int:
        """Size on disk (bytes) of the runs that fit."""
        condition, values = conditions(wanted, self._layer)
        return int(self._numbers(f"SELECT total(size) FROM runs WHERE {condition}", values)[0][0])

    def tally(self, column: str, wanted: RunFilter = EVERYTHING) -> dict[str, int]:
        """Count the runs that fit by their value of "network", "method", "state" or "base", sorted by value; empty values are left out."""
        condition, values = conditions(wanted, self._layer)
        question = f"SELECT {column}, count(*) FROM runs WHERE {condition} AND {column} != '' GROUP BY 1 ORDER BY 1"
        return dict(self._numbers(question, values))

    def _numbers(self, question: str, values: list[object]) -> list[tuple]:
        """A short answer about all runs, kept until any row changes: a page asks for the same ones with every click."""
        def ask(table: sqlite3.Connection) -> list[tuple]:
            version = (*table.execute("PRAGMA data_version").fetchone(), table.total_changes, id(table))
            if version != self._version or len(self._known) > KEPT:
                self._version, self._known = version, {}
            asked = question, tuple(values)
            if asked not in self._known:
                self._known[asked] = table.execute(question, values).fetchall()
            return self._known[asked]

        return self._answer(ask)

    def scores(self, keys: Iterable[str], read: Callable[[str], str]) -> dict[str, str]:
        """Look up the scores of finished runs, and read and keep those that the table lacks.

        Parameters
        ----------
        keys
            Keys of finished runs.
        read
            Makes the JSON text of the scores of one run.

        Returns
        -------
        dict
            JSON texts by key.
        """
        def ask(table: sqlite3.Connection) -> dict[str, str]:
            known = dict(table.execute("SELECT key, scores FROM texts WHERE scores IS NOT NULL AND layer IN (?, ?)", [self._layer, OWN]))
            found = {key: known.get(key) or read(key) for key in keys}
            new = [(text, key) for key, text in found.items() if key not in known]
            with table:
                table.executemany("UPDATE texts SET scores = ? WHERE key = ?", new)
            return found

        return self._answer(ask)

    def _answer(self, ask: Callable[[sqlite3.Connection], Answer], *, renew: bool = True) -> Answer:
        """What `ask` makes of the table, brought up to date before if `renew`.

        A damaged table is made anew, and where none can be kept it is made in memory.
        """
        with self._lock:
            for _ in range(3):
                try:
                    table = self._opened()
                    if renew:
                        self._refresh(table)
                    return ask(table)
                except sqlite3.OperationalError as error:
                    self._set_aside(f"cannot be used ({error}); runs are listed without it", in_memory=True)
                except sqlite3.DatabaseError as error:
                    self._set_aside(f"is damaged ({error}) and is made anew", in_memory=False)
                    self.path.unlink(missing_ok=True)
        raise StoreError(f"the list of runs in {self.own} cannot be made; delete {self.path} and try again")

    def _set_aside(self, why: str, *, in_memory: bool) -> None:
        log.warning("%s %s", self.path, why)
        self.close()
        self._in_memory = in_memory

    def close(self) -> None:
        """Close the file of the table; the next question opens it again."""
        with self._lock:
            if self._connection:
                self._connection.close()
            self._connection = None

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None or (self._in_memory is None and self.own.is_dir()):
            self._connection = self._connect()
        return self._connection

    def _connect(self) -> sqlite3.Connection:
        place = ":memory:"
        if not self._in_memory:
            try:
                if self.own.is_dir():              # a store that nobody has written to is not made by looking at it
                    self.path.parent.mkdir(exist_ok=True)
                    place = str(self.path)
                self._in_memory = False if place != ":memory:" else None
            except OSError:
                self._in_memory = True
        return prepared(sqlite3.connect(place, timeout=PATIENCE, check_same_thread=False))

    def _refresh(self, table: sqlite3.Connection) -> None:
        self._scan(table, self._layer, self.shipped)
        self._scan(table, OWN, self.own)
        self._renew(table, self._unfinished(table))

    def _unfinished(self, table: sqlite3.Connection) -> list[tuple[str, str]]:
        """Own runs that may have gone on, or whose program has ended, since they were put into the table."""
        rows = table.execute(f"SELECT key, stamp, state, owner FROM runs WHERE layer = ? AND {UNFINISHED}", [OWN]).fetchall()
        left = {owner for owner in {row[3] for row in rows} - {""} if has_ended(int(owner.split("@")[0]), owner.split("@", 1)[1])}
        return [(OWN, key) for key, stamp, state, owner in rows
                if state in (*ACTIVE, "corrupt") or owner in left or stamp_of(f"{self.own}/{key}") != stamp]

    def _moved(self, table: sqlite3.Connection, names: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """Of some runs (layer and key), those that changed on the disk since they were put into the table."""
        packs = packs_in(self.shipped)
        known = {(layer, key): stamp for layer, key, stamp in select_lines(table, ("layer", "key", "stamp"), names)}
        return [name for name in names if stamp_of(self._folder(*name, packs).path) != known.get(name)]

    def _scan(self, table: sqlite3.Connection, layer: str, folder: Path) -> None:
        """Find runs that came or went, where the folders of a layer have changed since that was done."""
        packs = layer != OWN
        with parsing.as_one_sentence(str(folder), StoreError):
            now, (newest, stamp) = time.time_ns(), place_stamp(folder, packs=packs)
        if table.execute("SELECT 1 FROM places WHERE place = ? AND stamp = ?", [layer, stamp]).fetchone():
            return
        known = dict(table.execute("SELECT key, stamp FROM runs WHERE layer = ?", [layer]))
        with parsing.as_one_sentence(str(folder), StoreError):
            there = folders_in(folder) | (packs_in(folder) if packs else {})
        moved = [key for key in known.keys() & there.keys() if packs and stamp_of(there[key]) != known[key]]
        self._renew(table, [(layer, key) for key in [*(known.keys() ^ there.keys()), *moved]])
        if now - newest > SETTLED:
            with table:
                table.execute("INSERT OR REPLACE INTO places VALUES (?, ?)", [layer, stamp])

    def _renew(self, table: sqlite3.Connection, runs: list[tuple[str, str]]) -> bool:
        """Read these runs (layer and key) again and put their rows into the table; whether there were any."""
        packs = packs_in(self.shipped)
        for start in range(0, len(runs), BATCH):
            some = runs[start:start + BATCH]
            rows = [row_of(self._folder(layer, key, packs), layer) for layer, key in some]
            with table:
                for name in ("runs", "texts"):
                    table.executemany(f"DELETE FROM {name} WHERE layer = ? AND key = ?", some)
                put(table, [row for row in rows if row])
        return bool(runs)

    def _folder(self, layer: str, key: str, packs: dict[str, Path]) -> RunFolder:
        return RunFolder(self.own / key) if layer == OWN else RunFolder(packs.get(key, self.shipped / key), shipped=True)
