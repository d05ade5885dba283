"""Rows of a study: what was measured, on which network and source, as medians with quartiles over repetitions."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from jaxtyping import Float

from tutor.core.types import REPORTED_AFTER
from tutor.measure import exact
from tutor.runs.run import Run
from tutor.sources import AbstractExchangeable, AbstractSource
from tutor.studies.row_fields import REGRET, Fields, Value, fields_of_run, fields_of_source

QUANTILES = ("q25", "median", "q75")


@dataclass(frozen=True)
class Band:
    """A median with its quartiles; all three are equal for a number that was not sampled."""

    q25: float
    median: float
    q75: float
    at_least: tuple[str, ...] = ()
    """Which of the three are only lower bounds, because measuring ended before the rest was known."""

    @classmethod
    def exactly(cls, value: float) -> "Band":
        """Make the band of a number that was not sampled."""
        return cls(value, value, value)

    @classmethod
    def over(cls, values: Sequence[float] | Float[np.ndarray, " N"]) -> "Band":
        """Make a band of the median and quartiles of values, one per repetition."""
        return cls(*(float(q) for q in np.quantile(np.asarray(values, dtype=float), (0.25, 0.5, 0.75))))

    @classmethod
    def counted(cls, values: Sequence[float] | Float[np.ndarray, " N"], end: int) -> "Band":
        """Make a band from counts that were observed up to `end` only.

        Parameters
        ----------
        values
            One count per repetition; infinite where the event did not occur.
        end
            Last count that was observed; infinite counts enter as `end`.

        Returns
        -------
        Band
            `at_least` names the quantiles that depend on such a count and are therefore lower bounds.
        """
        least, more = (cls.over(np.minimum(np.asarray(values, dtype=float), last)) for last in (end, 2 * end))
        return replace(least, at_least=tuple(name for name in QUANTILES if getattr(least, name) < getattr(more, name)))

    def as_json(self) -> dict:
        return {name: getattr(self, name) for name in QUANTILES} | ({"at_least": list(self.at_least)} if self.at_least else {})


def format_bound(number: str, name: str, at_least: Collection[str]) -> str:
    """Return a formatted number, with "over" in front where its quantile `name` is only a lower bound."""
    return f"over {number}" if name in at_least else number


@dataclass(frozen=True)
class Row:
    """One measurement of a study: a method on a network, evaluated on a source.

    With the metric "regret" there is one band (nats) after each of 50, 100 and 200 tokens, with any other metric a single band. `method`,
    `body` and `on` are labels for tables and pictures; select rows by their `fields`, never by labels.
    """

    method: str
    body: str
    on: str
    bands: tuple[Band, ...]
    repetitions: int = 1
    trainable: int = 0
    seconds: float = 0.0
    key: str = ""
    """Of the run whose numbers, or whose vectors, were measured; the first of several. Empty where nothing was trained for the row."""
    keys: tuple[str, ...] = ()
    """Of all of them, where there are several."""
    metric: str = REGRET
    prompt_length: int | None = None
    interval: tuple[float, float] | None = None
    """Ends of a 95 % confidence interval, where there is one beside the quartiles."""
    fields: Fields = field(default_factory=dict)
    """See `tutor.studies.row_fields`; with the metric they are no other row's of the study."""

    def labelled(self, label: str, /, **fields: Value) -> "Row":
        """Return the same row under another label, with these fields added."""
        return replace(self, method=label, fields={**self.fields, **fields})

    @property
    def value(self) -> float:
        """Median of the only band; infinite where that is a lower bound. Where the metric is regret, see `after`."""
        return math.inf if "median" in self.bands[0].at_least else self.bands[0].median

    def after(self, n: int) -> float:
        """Return the median regret (nats) after n tokens; n must be one of REPORTED_AFTER."""
        return self.bands[REPORTED_AFTER.index(n)].median

    def as_json(self) -> dict:
        """Return the row in the form of `study --json`."""
        common = {
            "method": self.method,
            "body": self.body,
            "on": self.on,
            "repetitions": self.repetitions,
            "trainable": self.trainable,
            "seconds": self.seconds,
            "key": self.key,
            "fields": dict(self.fields),
        }
        if self.keys:
            common["keys"] = list(self.keys)
        if self.prompt_length is not None:
            common["prompt_length"] = self.prompt_length
        if self.interval is not None:
            common["interval"] = list(self.interval)
        if self.metric == REGRET:
            columns = {name: [getattr(band, name) for band in self.bands] for name in QUANTILES}
            return common | {"n": list(REPORTED_AFTER), "regret": columns["median"], "q25": columns["q25"], "q75": columns["q75"]}
        band = self.bands[0]
        if band.at_least:
            common["at_least"] = ["value" if name == "median" else name for name in band.at_least]
        return common | {"metric": self.metric, "value": band.median, "q25": band.q25, "q75": band.q75}


def regret_row(run: Run, on: AbstractExchangeable | None = None) -> Row:
    """Make a row of a run's cumulative regret (nats over the generator).

    Parameters
    ----------
    on
        One of the run's evaluation sources; None means its target.

    Raises
    ------
    ValueError
        Where the run was not evaluated on `on`.
    """
    place, source = _place(run, on)
    curves = np.atleast_2d(run.arrays[f"regret/{place}/cumulative"])                      # (N, T)
    return _row(run, source, tuple(Band.over(curves[:, n - 1]) for n in REPORTED_AFTER), repetitions=len(curves))


def score_row(run: Run, on: AbstractSource | None = None, metric: str = "accuracy") -> Row:
    """Make a row of one score of a run.

    Parameters
    ----------
    on
        One of the run's evaluation sources; None means its target.
    metric
        Name of a stored score, such as "accuracy", "bleu" or "slots", or "excess": nats over the ideal predictor, summed over a sequence.

    Raises
    ------
    ValueError
        Where the run was not evaluated on `on`.
    """
    place, source = _place(run, on)
    excess = metric == "excess"
    values = np.atleast_2d(run.arrays[f"regret/{place}/excess"])[:, -1] if excess else np.atleast_1d(run.arrays[f"{metric}/{place}"])
    return _row(run, source, (Band.over(values),), repetitions=len(values), metric=metric)


def pool_rows(rows: Sequence[Row]) -> Row:
    """Pool rows of one measurement over several runs: quartiles over their medians, and the sum of their seconds."""
    bands = tuple(Band.over([band.median for band in bands]) for bands in zip(*(row.bands for row in rows), strict=True))
    seconds, keys = sum(row.seconds for row in rows), tuple(row.key for row in rows)
    return replace(rows[0], bands=bands, repetitions=len(rows), seconds=seconds, keys=keys)


def untrained_row(like: Row, **measured) -> Row:
    """Make a row for something that needs no training, on the network and source of `like`.

    Parameters
    ----------
    measured
        Values of Row's attributes that replace those of `like`.
    """
    fields = {name: like.fields[name] for name in ("network", "source", "task") if name in like.fields}
    return replace(like, **{"trainable": 0, "seconds": 0.0, "key": "", "keys": (), "prompt_length": None, "fields": fields} | measured)


def _place(run: Run, on: AbstractSource | None) -> tuple[int, AbstractSource]:
    source = on or run.spec.on or run.spec.source
    return run.summary["evaluated_on"].index(source.model_dump(mode="json")), source


def _row(run: Run, source: AbstractSource, bands: tuple[Band, ...], **measured) -> Row:
    return Row(
        method=run.spec.method.label if run.spec.is_tuning else "pretrained",
        body=run.spec.body.label,
        on=source.label,
        bands=bands,
        trainable=run.summary["trainable"],
        seconds=run.summary["seconds"],
        key=run.key,
        prompt_length=getattr(run.spec.method, "length", None),
        fields=fields_of_run(run.spec, source),
        **measured,
    )


def baseline_rows(pretrained: AbstractExchangeable, on: AbstractExchangeable) -> list[Row]:
    """Make a row for each exact reference on a source (nats); the field `reference` holds its name.

    Parameters
    ----------
    pretrained
        The source that the references know.
    """
    curves = exact.baselines(pretrained=pretrained, on=on, length=REPORTED_AFTER[-1])
    return [
        Row(method=name, body="exact", on=on.label, bands=tuple(Band.exactly(float(curve[n - 1])) for n in REPORTED_AFTER),
            fields={"reference": name} | fields_of_source(on))
        for name, curve in curves.items()
    ]
