"""A run for other people's tools: a zip with tables, arrays, weights and the script that computes it again."""

import csv
import io
import zipfile
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from tutor.measure import MEASURES
from tutor.runs.evaluations import evaluation_file, pack_evaluation
from tutor.runs.io.checksums import sha256
from tutor.runs.io.formats import StoreError, explain_os_error
from tutor.runs.run import Run
from tutor.runs.store import RunStore
from tutor.sources import read_source

EVENT_COLUMNS = ("repetition", "step", "loss", "kl", "grad_norm", "learning_rate", "seconds")
REGRET_COLUMNS = ("on", "measure", "repetition", "tokens", "nats")
TEMPLATES = files("tutor.runs.export") / "zip_files"


def write_zip(store: RunStore, key: str, file: Path | io.IOBase) -> None:
    """Write the finished run `key` as a zip.

    Parameters
    ----------
    store
        Where the run and its base are kept.
    key
        Key of the run.
    file
        A path, or an open binary file.

    Raises
    ------
    StoreError
        Where the run is unknown, not finished or damaged, or the file cannot be written.
    """
    run = store.load(key)
    state = run.status.state
    if state != "done":
        raise StoreError(f"run {key} is {state}; only a finished run can be exported")
    contents = _contents(run, store)
    try:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in contents.items():
                entry = zipfile.ZipInfo(f"run-{key}/{name}")
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, data, compress_type=zipfile.ZIP_DEFLATED)
    except OSError as error:
        raise explain_os_error("write", Path(str(file)), error) from error


def _contents(run: Run, store: RunStore) -> dict[str, str | bytes]:
    """Every file of the zip, by name."""
    contents: dict[str, str | bytes] = {
        "README.md": (TEMPLATES / "README.md").read_text("utf-8").replace("{key}", run.key).replace("{label}", run.spec.label),
        "reproduce.py": (TEMPLATES / "reproduce.py").read_text("utf-8"),
        "spec.json": run.folder.read("spec.json"), "spec.toml": run.spec.to_toml(),
        "events.csv": events_csv(run.events()), "regret.csv": regret_csv(run),
        "arrays.npz": run.folder.read("arrays.npz"), "weights.safetensors": run.folder.read("weights.safetensors"),
        "summary.json": run.folder.read("summary.json"),
        evaluation_file(run.evaluation_key): pack_evaluation(run.evaluation),
    }
    if run.spec.is_tuning:
        base = store.base_of(run.spec).folder
        contents |= {"base/spec.json": base.read("spec.json"), "base/weights.safetensors": base.read("weights.safetensors")}
    sums = {name: sha256(data.encode() if isinstance(data, str) else data) for name, data in contents.items()}
    return contents | {"checksums.json": orjson.dumps(sums, option=orjson.OPT_INDENT_2)}


def events_csv(events: list[dict[str, Any]]) -> str:
    """Make a CSV table of the measurements of every step, a row each; loss and kl in nats per token, seconds of processor time."""
    return _csv(EVENT_COLUMNS, ([event.get(name) for name in EVENT_COLUMNS] for event in events))


def regret_csv(run: Run) -> str:
    """Make a CSV table of the regret curves, a row per point: source, measure, repetition, tokens seen, nats.

    Raises
    ------
    StoreError
        Where the run is not finished.
    """
    return _csv(REGRET_COLUMNS, regret_rows(run))


def regret_rows(run: Run):
    """Yield a row (source, measure, repetition, tokens, nats) for every point of every curve of `run`.

    There are none on sources without a known ideal predictor.
    """
    for i in run.summary["regret"]:
        label = read_source(run.summary["evaluated_on"][int(i)]).label
        for measure in MEASURES["regret"].curves:
            for repetition, curve in enumerate(np.atleast_2d(run.arrays[f"regret/{i}/{measure}"])):
                yield from ((label, measure, repetition, t + 1, float(value)) for t, value in enumerate(curve))


def _csv(columns: tuple[str, ...], rows) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue()
