"""What a diagnosis says: measures with their intervals and controls, a verdict in words, and both as JSON."""

from dataclasses import asdict, dataclass, fields
from typing import Any

RETRIEVES, PARTLY, SOFT_PROMPT, INCONCLUSIVE = VERDICTS = ("retrieves", "partly", "a soft prompt in disguise", "inconclusive")

VERSION = 1
STORE, SOFT_SHARE = "store_", "soft_share"
"""Keys of the shares of the gain: with an ablated store, the rest of the key is its name; and of a soft prompt."""


@dataclass(frozen=True)
class Measure:
    """A number with its 95 % bootstrap interval over examples, and the interval of its control: what chance alone would give.

    key names it for programs, name for people; `unit` is "nats" or empty for a share or a ratio.
    """

    key: str
    name: str
    unit: str
    value: float
    low: float
    high: float
    chance_low: float
    chance_high: float
    control: str

    @property
    def store(self) -> str | None:
        """The ablated store in whose place a share of the gain was kept; None of any other measure."""
        return self.key.removeprefix(STORE) if self.key.startswith(STORE) else None

    def above(self, bound: float) -> bool:
        """Is the whole interval at or above `bound`?"""
        return self.low >= bound

    def below(self, bound: float) -> bool:
        """Is the whole interval at or below `bound`?"""
        return self.high <= bound


@dataclass(frozen=True)
class Report:
    """A diagnosis: the verdict, the evidence that decided, what a firmer one lacks, and every measure."""

    verdict: str
    because: tuple[str, ...]
    missing: tuple[str, ...]
    examples: int
    measures: tuple[Measure, ...]
    vector_variances: tuple[float, ...]

    def find(self, key: str) -> Measure | None:
        """The measure called `key`, or None where the evidence did not allow it."""
        return next((measure for measure in self.measures if measure.key == key), None)

    def as_json(self) -> dict[str, Any]:
        """The report in the types of JSON; `from_json` gives it back equal."""
        return {"version": VERSION, "verdict": self.verdict, "because": list(self.because), "missing": list(self.missing),
                "examples": self.examples, "measures": [asdict(measure) for measure in self.measures],
                "vector_variances": list(self.vector_variances)}

    @classmethod
    def from_json(cls, value: Any) -> "Report":
        """The report that `as_json` wrote, possibly by way of somebody's disk. Raises ValueError where the value is none."""
        try:
            if (value["version"], value["verdict"] in VERDICTS) != (VERSION, True):
                raise ValueError(f"this diagnosis has version {value['version']} and verdict {value['verdict']}; version {VERSION} is read")
            texts = [tuple(_each(str, value[name])) for name in ("because", "missing")]
            measures = tuple(Measure(**{name: _one(KINDS[name], one) for name, one in each.items()}) for each in value["measures"])
            return cls(value["verdict"], *texts, _one(int, value["examples"]), measures, tuple(_each(float, value["vector_variances"])))
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError("this is not a diagnosis: a field is missing or has another type") from error


KINDS = {field.name: field.type for field in fields(Measure)}


def _each(kind: type, values: list) -> list:
    return [_one(kind, value) for value in values]


def _one(kind: type, value: Any) -> Any:
    """The value, which must be of its kind; JSON from elsewhere may write 1.0 as 1."""
    if not isinstance(value, (int, float) if kind is float else kind) or isinstance(value, bool):
        raise TypeError(f"{value!r} is not of type {kind.__name__}")
    return kind(value)
