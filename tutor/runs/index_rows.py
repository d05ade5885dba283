"""The columns of the table of runs: how a folder becomes a row, a row a line of a list, and a filter a condition."""

import os
import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import orjson

from tutor.core.versions import __version__
from tutor.runs.folder import RunFolder
from tutor.runs.io.formats import StoreError
from tutor.runs.run_info import RunFilter, RunInfo, described
from tutor.runs.spec import FORMAT, RunSpec
from tutor.runs.status import FINAL

OWN = ""
"""The layer of one's own runs; that of shipped ones is named by their folder."""


@dataclass(frozen=True)
class Row:
    """What the table stores of one run.

    `layer` is "" for an own run, else the folder of the shipped ones; `stamp` holds times and sizes of files, by which a change is noticed;
    `heartbeat` is in unix seconds, `size` in bytes; `owner` is the process that queued the run, as "<pid>@<host>".
    """

    layer: str
    key: str
    stamp: str
    state: str
    owner: str
    heartbeat: float
    label: str
    kind: str
    network: str
    method: str
    base: str
    words: str
    size: int
    status: str
    spec: str
    scores: str | None = None


TEXTS = ("layer", "key", "status", "spec", "scores")
"""The columns that are long; they have a table of their own, so that counting and filtering pass them by."""
COLUMNS = tuple(field.name for field in fields(Row) if field.name not in TEXTS[2:])
LINE = ("key", "label", "kind", "layer", "status", "spec")
"""What a line of a list is made of."""
ASKED = 400
"""Runs that are asked for in one question: SQLite admits some thousand parameters."""
UNFINISHED = f"state NOT IN {FINAL}"
SCHEMA = f"""
CREATE TABLE runs ({", ".join(COLUMNS)}, PRIMARY KEY (layer, key)) WITHOUT ROWID;
CREATE TABLE texts ({", ".join(TEXTS)}, PRIMARY KEY (layer, key));
CREATE INDEX newest ON runs (heartbeat DESC, key);
CREATE INDEX bases ON runs (base);
CREATE INDEX unfinished ON runs (layer) WHERE {UNFINISHED};
CREATE TABLE places (place PRIMARY KEY, stamp);
"""
VERSION = zlib.crc32(f"{SCHEMA} {FORMAT} {__version__}".encode()) & 0x7FFFFFFF
"""What a table was made by: one of another version is made anew, because labels may read differently."""


def prepared(table: sqlite3.Connection) -> sqlite3.Connection:
    """Create the columns of the table where they are missing or another version made them, and return the connection.

    All happens in one transaction, so that no other process sees half of it; a table of another version loses its rows.
    """
    def current() -> bool:
        return table.execute("PRAGMA user_version").fetchone()[0] == VERSION

    table.execute("PRAGMA mmap_size = 268435456")
    if not current():
        with table:
            table.execute("BEGIN IMMEDIATE")
            for name in ("runs", "texts", "places") if not current() else ():
                table.execute(f"DROP TABLE IF EXISTS {name}")
            for statement in filter(str.strip, SCHEMA.split(";") if not current() else ()):
                table.execute(statement)
            table.execute(f"PRAGMA user_version = {VERSION}")
    return table


def stamp_of(path: Path | str) -> str | None:
    """Times and sizes of a run's files as a text that differs after each change; None where there is no run."""
    try:
        found = os.stat(path)
        inner = os.stat(f"{path}/status.json") if not str(path).endswith(".zip") else found
    except OSError:
        return None if not os.path.isdir(path) else "no status"
    return f"{found.st_mtime_ns} {inner.st_mtime_ns} {inner.st_size}"


def row_of(folder: RunFolder, layer: str) -> Row | None:
    """Read a run and make its row; None where the run is gone.

    Parameters
    ----------
    folder
        The run.
    layer
        OWN, or the folder of the shipped runs.
    """
    stamp = stamp_of(folder.path)                  # taken before it is read, so that what changes meanwhile is noticed
    if stamp is None:
        return None
    status, spec = described(folder)
    owner = f"{status.pid}@{status.host}" if status.state == "queued" and status.pid else ""
    parts = _parts(spec) if spec else {"label": "damaged run", "kind": "pretraining", "network": "", "method": "", "base": ""}
    text = orjson.dumps(spec.model_dump(mode="json", exclude_none=True)).decode() if spec else ""
    words = " ".join([folder.key, status.state, parts["kind"], parts["label"], parts["network"], parts["method"]]).lower()
    return Row(layer, folder.key, stamp, status.state, owner, status.heartbeat, words=words, size=_size(folder),
               status=status.model_dump_json(), spec=text, **parts)


def _size(folder: RunFolder) -> int:
    try:
        return folder.size()
    except OSError:                                # a file of a running computation is gone before it was looked at
        return 0


def _parts(spec: RunSpec) -> dict[str, str]:
    if not spec.is_tuning:
        return {"label": spec.label, "kind": "pretraining", "network": spec.body.label, "method": "", "base": ""}
    return {"label": spec.label, "kind": "tuning", "network": spec.body.label, "method": spec.method.label, "base": spec.base().key()}


def select_lines(table: sqlite3.Connection, columns: Sequence[str], names: Sequence[tuple[str, str]]) -> Iterator[tuple]:
    """Read some columns of some runs (layer and key), in any order; runs that the table lacks are left out."""
    question = f"SELECT {', '.join(columns)} FROM runs JOIN texts USING (layer, key) WHERE (layer, key) IN (VALUES "
    for start in range(0, len(names), ASKED):
        some = names[start:start + ASKED]
        yield from table.execute(f"{question}{', '.join(['(?, ?)'] * len(some))})", [part for name in some for part in name])


def lines_of(table: sqlite3.Connection, names: Sequence[tuple[str, str]]) -> list[RunInfo]:
    """Make the entries of some runs (layer and key), in this order; runs that the table lacks are left out."""
    found = {(layer, key): RunInfo(key, label, kind, layer != OWN, status, spec)
             for key, label, kind, layer, status, spec in select_lines(table, LINE, names)}
    return [found[name] for name in names if name in found]


def put(table: sqlite3.Connection, rows: list[Row]) -> None:
    """Write rows into the table in place of older ones of the same runs, inside the transaction that is open."""
    for name, columns in (("runs", COLUMNS), ("texts", TEXTS)):
        values = [[getattr(row, column) for column in columns] for row in rows]
        table.executemany(f"INSERT OR REPLACE INTO {name} VALUES ({', '.join('?' * len(columns))})", values)


def conditions(wanted: RunFilter, shipped: str) -> tuple[str, list[object]]:
    """Translate a filter to SQL.

    Parameters
    ----------
    wanted
        Which runs to select.
    shipped
        The layer of the shipped runs.

    Returns
    -------
    condition
        The text after WHERE; it leaves out own runs that are also shipped.
    values
        Of its parameters, in order.

    Raises
    ------
    StoreError
        Where a field cannot be one of a specification.
    """
    # The plus keeps SQLite from going layer by layer, which would sort all of a long list for the sake of one page.
    parts, values = ["(+layer = ? OR (+layer = ? AND key NOT IN (SELECT key FROM runs WHERE layer = ?)))"], [shipped, OWN, shipped]
    for column in ("kind", "network", "method", "state", "base"):
        if value := getattr(wanted, column):
            parts.append(f"{column} = ?")
            values.append(value)
    for word in wanted.text.lower().split():
        parts.append("instr(words, ?) > 0")
        values.append(word)
    if wanted.kept:
        parts.append("+layer = ?")
        values.append(OWN if wanted.kept == "own" else shipped)
    for field, value in wanted.where:
        parts.append("EXISTS (SELECT 1 FROM texts WHERE texts.layer = runs.layer AND texts.key = runs.key"
                     " AND json_extract(nullif(spec, ''), ?) = ?)")
        values += [_path(field), value]
    return " AND ".join(parts), values


def _path(field: str) -> str:
    """The place of a field such as recipe.steps in the text of a specification. StoreError where it cannot be the name of one."""
    parts = field.split(".")
    if not all(part.isidentifier() for part in parts):
        raise StoreError(f"{field!r} is not a field of a specification")
    return "$" + "".join(f'."{part}"' for part in parts)
