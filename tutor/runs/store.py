"""Where runs are kept: the runs shipped with the project, read-only, in front of the visitor's own.

A run is found by its key, so the same specification is computed once, whoever asks, and wherever it was computed.
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tutor.core.paths import ASSETS
from tutor.runs.evaluations import EvaluationRecord
from tutor.runs.folder import RunFolder
from tutor.runs.io.disk import default_root
from tutor.runs.io.formats import StoreError, explain_os_error
from tutor.runs.run import Run
from tutor.runs.run_index import EVERYTHING, RunIndex
from tutor.runs.run_info import RunFilter, RunInfo, info_of
from tutor.runs.spec import RunSpec
from tutor.runs.store_layers import StoreLayers
from tutor.runs.store_table import curves_of, frame_of_runs, score_columns

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr


class RunStore(StoreLayers):
    """The layered store: runs shipped with the project come first, then those in `root`, the only layer that is ever written to.

    Parameters
    ----------
    root
        Folder of the user's own runs, made with the first of them; None is $TUTOR_STORE, or the platform's folder for user data.
    shipped
        Folder of the read-only runs; it need not exist.
    """

    def __init__(self, root: Path | str | None = None, *, shipped: Path = ASSETS / "runs"):
        super().__init__(Path(root).absolute() if root is not None else default_root().absolute(), shipped)
        self._index = RunIndex(self.root, shipped)

    def __repr__(self) -> str:
        return f"RunStore({str(self.root)!r})"

    def list(self, wanted: RunFilter = EVERYTHING, *, limit: int | None = None, offset: int = 0) -> Sequence[RunInfo]:
        """List the runs that fit, the latest heartbeat first; damaged runs are listed with the state "corrupt".

        The list comes from a table beside the folders, which is updated first (see tutor.runs.run_index).

        Parameters
        ----------
        wanted
            Conditions that a run must meet; the default admits every run.
        limit
            Most runs in the list; None lists them all.
        offset
            How many runs to skip at the beginning, for lists in pages.

        Raises
        ------
        StoreError
            Where a layer cannot be read.
        """
        return self._index.infos(wanted, limit=limit, offset=offset)

    def count(self, wanted: RunFilter = EVERYTHING) -> int:
        """Count the runs that fit."""
        return self._index.count(wanted)

    def tally(self, column: str, wanted: RunFilter = EVERYTHING) -> dict[str, int]:
        """Count the runs that fit by the values of one column.

        Parameters
        ----------
        column
            "network", "method", "state" or "base" (the key of a tuning's pretraining).

        Returns
        -------
        dict
            Number of runs by value, sorted by value; runs without a value are left out.
        """
        return self._index.tally(column, wanted)

    def size(self, wanted: RunFilter = EVERYTHING) -> int:
        """Size on disk (bytes) of the runs that fit."""
        return self._index.size(wanted)

    def table(self, wanted: RunFilter = EVERYTHING, *, limit: int | None = None) -> "pd.DataFrame":
        """Make a pandas DataFrame of the runs that fit, the latest heartbeat first.

        Parameters
        ----------
        wanted
            Conditions that a run must meet; the default admits every run.
        limit
            Most rows; None admits all.

        Returns
        -------
        DataFrame
            A row per run: key, label, kind, state, shipped, seconds; the fields of its specification, such as "recipe.steps"; and for a
            finished run its scores on the target, medians over repetitions: "regret.50" (nats after 50 tokens), "accuracy", ...

        Raises
        ------
        StoreError
            Where a layer cannot be read.
        """
        infos = [*self.list(wanted, limit=limit)]
        done = [info.key for info in infos if info.status.state == "done" and info.spec_text]
        found = self._index.scores(done, lambda key: json.dumps(score_columns(self.load(key))))
        return frame_of_runs(infos, {key: json.loads(text) for key, text in found.items()})

    def to_xarray(self, keys: Iterable[str]) -> "xr.Dataset":
        """Make an xarray Dataset of the regret curves of these runs.

        Parameters
        ----------
        keys
            Keys of finished runs.

        Returns
        -------
        Dataset
            instant, cumulative, excess and sampled regret (nats) with the axes run, on (the source of evaluation), repetition and tokens.

        Raises
        ------
        StoreError
            Where a run is unknown or was not measured.
        ModuleNotFoundError
            Where xarray is not installed.
        """
        return curves_of([self.load(key) for key in keys])

    def info(self, key: str) -> RunInfo:
        """Describe run `key` without loading its numbers.

        Raises
        ------
        StoreError
            Where there is no such run.
        """
        return info_of(self.get(key))

    def load(self, key: str) -> Run:
        """Load run `key`, finished or not.

        Raises
        ------
        StoreError
            Where there is no such run, or its specification is damaged.
        """
        folder = self.get(key)
        return Run(folder, folder.spec(), self)

    def base_of(self, spec: RunSpec) -> Run:
        """Load the finished pretraining from which the tuning `spec` starts.

        Raises
        ------
        StoreError
            Where that pretraining is not finished in this store.
        """
        key = spec.base().key()
        if not self.done(key):
            raise StoreError(f"run {spec.key()} needs its base, run {key}, which is not finished in this store")
        return self.load(key)

    def run(self, spec: RunSpec) -> Run:
        """Load the run of `spec`, with the numbers of the evaluation that `spec` describes.

        Raises
        ------
        StoreError
            Where there is no such run. Where it was evaluated in another way, its `summary` and `arrays` raise it when they are read.
        """
        folder = self.get(spec.key())
        return Run(folder, spec, self, spec.evaluation_key())

    def measured(self, spec: RunSpec) -> bool:
        """Whether the run of `spec` is finished and was evaluated as `spec` describes."""
        return self.done(spec.key()) and self._holder(spec.key(), spec.evaluation_key()) is not None

    def evaluation(self, key: str, evaluation_key: str) -> EvaluationRecord:
        """Load the results of evaluation `evaluation_key` of run `key`.

        Raises
        ------
        StoreError
            Where the run is unknown or was not evaluated in this way, or the results are damaged.
        """
        folder = self._holder(key, evaluation_key)
        if folder is None:
            raise StoreError(f"run {key} was not measured by evaluation {evaluation_key}; evaluate_run(spec) measures it")
        return folder.evaluation(evaluation_key)

    def keep_evaluation(self, key: str, evaluation_key: str, record: EvaluationRecord) -> None:
        """Store a later evaluation of run `key`, in its folder or, for a shipped run, below `more-evaluations` in `root`.

        Raises
        ------
        StoreError
            Where the run is unknown or the disk refuses.
        """
        folder = self.get(key)
        folder = self._beside(key) if folder.shipped else folder
        try:
            folder.path.mkdir(parents=True, exist_ok=True)
            folder.write_evaluation(evaluation_key, record)
        except OSError as error:
            raise explain_os_error("write", folder.path, error) from error

    def _beside(self, key: str) -> RunFolder:
        return RunFolder(self.root / "more-evaluations" / key)

    def _holder(self, key: str, evaluation_key: str) -> RunFolder | None:
        """Whatever keeps this evaluation of run `key`."""
        return next((folder for folder in (self.get(key), self._beside(key)) if evaluation_key in folder.evaluations()), None)

    def delete(self, key: str) -> None:
        """Delete one of the user's own runs.

        Raises
        ------
        StoreError
            Where the run is unknown, shipped, being computed, or the base of another run, or where the disk refuses.
        """
        folder = self.get(key)
        if folder.shipped:
            raise StoreError(f"run {key} is shipped with the project and cannot be deleted")
        if needed := self.list(RunFilter(base=key), limit=1):
            raise StoreError(f"run {key} is the base of run {needed[0].key}; delete that first")
        self.remove(folder)
