"""How a study argues: rows of measurements, checks of a band against a bound, and the verdict that follows from them."""

import math
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Literal

import numpy as np
from jaxtyping import Float

from tutor import exact
from tutor.conventions import AFTER
from tutor.run import Run
from tutor.sources import AbstractExchangeable, AbstractSource

Outcome = Literal["holds", "fails", "undecided"]
Verdict = Literal["reproduced", "not reproduced", "inconclusive"]
QUANTILES = ("q25", "median", "q75")


@dataclass(frozen=True)
class Band:
    """A median with its quartiles; a number that was not sampled has them equal."""

    q25: float
    median: float
    q75: float
    at_least: tuple[str, ...] = ()
    """Which of the three are only lower bounds, because measuring ended before the rest was known."""

    @classmethod
    def exactly(cls, value: float) -> "Band":
        return cls(value, value, value)

    @classmethod
    def over(cls, values: Sequence[float] | Float[np.ndarray, " N"]) -> "Band":
        return cls(*(float(q) for q in np.quantile(np.asarray(values, dtype=float), (0.25, 0.5, 0.75))))

    @classmethod
    def counted(cls, values: Sequence[float] | Float[np.ndarray, " N"], end: int) -> "Band":
        """Of counts that ended at `end`: one that got no end is infinite, enters as `end`, and leaves lower bounds."""
        least, more = (cls.over(np.minimum(np.asarray(values, dtype=float), last)) for last in (end, 2 * end))
        return replace(least, at_least=tuple(name for name in QUANTILES if getattr(least, name) < getattr(more, name)))

    def at_most(self, name: str) -> float:
        """The greatest value that one of the three can have."""
        return math.inf if name in self.at_least else getattr(self, name)

    def scaled(self, factor: float, shift: float = 0.0) -> "Band":
        """The band of the values times a positive factor, and shifted."""
        return Band(self.q25 * factor + shift, self.median * factor + shift, self.q75 * factor + shift, self.at_least)

    def as_json(self) -> dict:
        return {name: getattr(self, name) for name in QUANTILES} | ({"at_least": list(self.at_least)} if self.at_least else {})


def bounded(number: str, name: str, at_least: Collection[str]) -> str:
    """One number of a band as text, with a word where `name` is among those that are only lower bounds."""
    return f"over {number}" if name in at_least else number


@dataclass(frozen=True)
class Row:
    """One line of a study: a method on a network, measured on a source, as bands after 50, 100 and 200 tokens (nats) or,
    with another `metric`, as one band."""

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
    metric: str = "regret"
    prompt_length: int | None = None
    interval: tuple[float, float] | None = None
    """Ends of a 95 % confidence interval, where there is one beside the quartiles."""

    def after(self, n: int) -> Band:
        return self.bands[AFTER.index(n)]

    def as_json(self) -> dict:
        """The form that `study --json` promises."""
        common = {
            "method": self.method,
            "body": self.body,
            "on": self.on,
            "repetitions": self.repetitions,
            "trainable": self.trainable,
            "seconds": self.seconds,
            "key": self.key,
        }
        if self.keys:
            common["keys"] = list(self.keys)
        if self.prompt_length is not None:
            common["prompt_length"] = self.prompt_length
        if self.interval is not None:
            common["interval"] = list(self.interval)
        if self.metric == "regret":
            columns = {name: [getattr(band, name) for band in self.bands] for name in QUANTILES}
            return common | {"n": list(AFTER), "regret": columns["median"], "q25": columns["q25"], "q75": columns["q75"]}
        band = self.bands[0]
        if band.at_least:
            common["at_least"] = ["value" if name == "median" else name for name in band.at_least]
        return common | {"metric": self.metric, "value": band.median, "q25": band.q25, "q75": band.q75}


@dataclass(frozen=True)
class Check:
    """One statement of a claim: a measured band must lie on one side of a bound, with the source of the bound."""

    text: str
    measured: Band
    bound: Band
    side: Literal["below", "above"]
    source: str

    @property
    def outcome(self) -> Outcome:
        """Holds or fails only where the quartile bands do not overlap, however large the numbers are that are only known from below."""
        low, high = (self.measured, self.bound) if self.side == "below" else (self.bound, self.measured)
        if low.at_most("q75") <= high.q25:
            return "holds"
        return "fails" if low.q25 > high.at_most("q75") else "undecided"

    def as_json(self) -> dict:
        return asdict(self) | {"measured": self.measured.as_json(), "bound": self.bound.as_json(), "outcome": self.outcome}


def verdict(checks: Sequence[Check]) -> Verdict:
    """Not reproduced if any check fails, inconclusive if any is undecided, else reproduced."""
    outcomes = {check.outcome for check in checks}
    return "not reproduced" if "fails" in outcomes else "inconclusive" if "undecided" in outcomes else "reproduced"


def regret_row(run: Run, on: AbstractExchangeable | None = None) -> Row:
    """Cumulative regret of a run over its repetitions on one of its evaluation sources, by default its target."""
    place, source = _place(run, on)
    curves = np.atleast_2d(run.arrays[f"regret/{place}/cumulative"])                      # (N, T)
    return _row(run, source, tuple(Band.over(curves[:, n - 1]) for n in AFTER), repetitions=len(curves))


def score_row(run: Run, on: AbstractSource | None = None, metric: str = "accuracy") -> Row:
    """A score of a run over its repetitions on one of its evaluation sources, by default its target.

    metric: "accuracy", "bleu", "slots", or "excess": nats over the ideal predictor, summed over a whole sequence.
    """
    place, source = _place(run, on)
    excess = metric == "excess"
    values = np.atleast_2d(run.arrays[f"regret/{place}/excess"])[:, -1] if excess else np.atleast_1d(run.arrays[f"{metric}/{place}"])
    return _row(run, source, (Band.over(values),), repetitions=len(values), metric=metric)


def pooled(rows: Sequence[Row]) -> Row:
    """One row of what several runs measured alike: bands over their medians, and the time that all took together."""
    bands = tuple(Band.over([band.median for band in bands]) for bands in zip(*(row.bands for row in rows), strict=True))
    seconds, keys = sum(row.seconds for row in rows), tuple(row.key for row in rows)
    return replace(rows[0], bands=bands, repetitions=len(rows), seconds=seconds, keys=keys)


def of_nothing(like: Row, **measured) -> Row:
    """A row of what was measured beside `like` with nothing trained for it."""
    return replace(like, **{"trainable": 0, "seconds": 0.0, "key": "", "keys": (), "prompt_length": None} | measured)


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
        **measured,
    )


def baseline_rows(pretrained: AbstractExchangeable, on: AbstractExchangeable) -> list[Row]:
    """The exact references that need no network."""
    curves = exact.baselines(pretrained=pretrained, on=on, length=AFTER[-1])
    return [
        Row(method=label, body="exact", on=on.label, bands=tuple(Band.exactly(float(curve[n - 1])) for n in AFTER))
        for label, curve in curves.items()
    ]


def find(rows: Sequence[Row], **wanted) -> Row:
    """The one row with these field values. KeyError names them when it is missing."""
    for row in rows:
        if all(getattr(row, name) == value for name, value in wanted.items()):
            return row
    raise KeyError(f"no row with {wanted}")
