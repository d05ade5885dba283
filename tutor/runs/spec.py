"""A run's specification: everything that decides its numbers, as one frozen object with its keys, and its text form.

A key is the SHA-256 of a canonical text and a format version. The key of a run covers its training alone, so the same training always
finds the same folder; how it is measured at the end, and on what, has a key of its own.
"""

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Annotated

import orjson
from pydantic import Field, model_validator

from tutor.core import parsing
from tutor.core.spec_errors import SpecError, show_value
from tutor.core.types import Spec, union_of
from tutor.methods import METHODS
from tutor.methods.retrieval import PIPELINES
from tutor.predictors import BODIES, PRETRAINED
from tutor.sources import PRESETS, AbstractSolved, AbstractSource, AnySource
from tutor.training.recipe import Recipe

FORMAT = 3
"""Raised when a change of the code, or of a default, makes the numbers of old runs incomparable."""
MAX_FILE_BYTES = 1_000_000
"""Bytes of a specification file."""


AnyBody = Annotated[union_of(BODIES | PRETRAINED), Field(discriminator="kind")]
AnyMethod = Annotated[union_of(METHODS | PIPELINES), Field(discriminator="kind")]


class Evaluation(Spec):
    """How a trained network is measured at the end of its run."""

    length: int = Field(200, ge=1, le=1000, description="tokens per evaluated sequence, of sources without a length of their own")
    sequences: int = Field(512, ge=16, le=100_000, description="evaluated sequences")
    seed: int = Field(1337, ge=0, lt=2**31, description="seed of the evaluated sequences")
    stratified: bool = Field(False, description="spread the evaluated sequences evenly over the source: fewer are as exact")

    def length_on(self, source: AbstractSource) -> int:
        """Tokens per evaluated sequence of this source: its natural length where it has one, else `length`."""
        return source.natural_length or self.length


class Seeds(Spec):
    """Where randomness starts; repetition r of a tuning uses the seed tune + r."""

    pretrain: int = Field(0, ge=0, lt=2**31, description="seed of initial weights and pretraining data")
    tune: int = Field(0, ge=0, lt=2**31, description="seed of the first repetition's prompt and data")
    repetitions: int = Field(1, ge=1, le=100, description="independent repetitions of the tuning")


class RunSpec(Spec):
    """One run: pretrain `body` on `source` with `recipe`; with a method, also tune it to `on` with the recipe `tuning`."""

    source: AnySource
    body: AnyBody
    recipe: Recipe
    method: AnyMethod | None = None
    on: AnySource | None = None
    tuning: Recipe | None = None
    evaluation: Evaluation = Evaluation()
    seeds: Seeds = Seeds()

    @model_validator(mode="before")
    @classmethod
    def _seed_is_shorthand(cls, values):
        if not isinstance(values, dict) or "seed" not in values:
            return values
        if "seeds" in values:
            raise ValueError("seed and seeds are both given; seed is shorthand for seeds.pretrain, give one of them")
        return {name: value for name, value in values.items() if name != "seed"} | {"seeds": {"pretrain": values["seed"]}}

    @model_validator(mode="after")
    def _parts_fit(self):
        given = {name for name in ("method", "on", "tuning") if getattr(self, name) is not None}
        if given and given != {"method", "on", "tuning"}:
            raise ValueError(f"{', '.join(sorted(given))} given without {', '.join(sorted({'method', 'on', 'tuning'} - given))}; "
                             "a tuning needs all three, a pretraining none")
        if self.is_tuning:
            if self.on.vocab != self.source.vocab:
                raise ValueError(f"on has {self.on.vocab} symbols and source has {self.source.vocab}; both must have the same")
            self.method.check(self.body, self.source.vocab)
            self.method.check_target(self.on)
        return self

    @model_validator(mode="after")
    def _targets_are_known(self):
        trained = [("recipe", self.source, self.recipe), ("tuning", self.on, self.tuning)]
        trained += [("tuning", source, self.tuning) for source in (self.method.sources if self.is_tuning else ())]
        for name, source, recipe in trained:
            if recipe is not None and recipe.targets != "sampled" and not isinstance(source, AbstractSolved):
                raise ValueError(f"{name}.targets is {recipe.targets}; the ideal predictor of {source.label} is not known, "
                                 "so it must be sampled")
        return self

    @model_validator(mode="after")
    def _nothing_is_pretrained_twice(self):
        if self.body.pretrained and self.recipe.steps:
            raise ValueError(f"recipe.steps is {self.recipe.steps}; the model is pretrained already, so it must be 0; "
                             "a tuning such as FullWT trains it further")
        return self

    @model_validator(mode="after")
    def _fits_into_the_network(self):
        longest = self.body.longest
        if longest is None:
            return self
        tuned = [self.tuning.length] if self.is_tuning else []
        read = [*self.evaluated_on, *(self.method.sources if self.is_tuning else ())]
        trained = [] if self.body.pretrained else [self.recipe.length]
        needed = max([*trained, *tuned, *(self.evaluation.length_on(source) for source in read)])
        needed += self.method.positions if self.is_tuning else 0
        if needed > longest:
            raise ValueError(f"body.context is {longest}; it must hold the longest sequence and the prompt, {needed} positions")
        return self

    @property
    def is_tuning(self) -> bool:
        """Whether the run tunes a pretrained network; else it is a pretraining."""
        return self.method is not None

    @property
    def lab(self) -> str:
        """The lab to which the run belongs: that of the source it is tuned to, else of the one it is pretrained on."""
        return (self.on or self.source).lab

    @property
    def evaluated_on(self) -> list[AbstractSource]:
        """The sources of the evaluation: target, pretraining source, sources related to these, and presets of the same vocabulary.

        Each occurs once; the target of the run is the first.
        """
        own = [source for source in (self.on, self.source) if source is not None]
        wanted = [*own, *(other for source in own for other in source.related()), *PRESETS.values()]
        return list(dict.fromkeys(source for source in wanted if source.vocab == self.source.vocab))

    @property
    def label(self) -> str:
        """A one-line name of the run for lists."""
        base = f"{self.body.name} on {self.source.label}"
        return f"{self.method.label}: {base} -> {self.on.label}" if self.is_tuning else base

    def base(self) -> "RunSpec":
        """The specification of the pretraining from which a tuning starts; a pretraining is its own base."""
        return RunSpec(source=self.source, body=self.body, recipe=self.recipe, evaluation=self.evaluation,
                       seeds=Seeds(pretrain=self.seeds.pretrain))

    def key(self) -> str:
        """Key of the training, 16 hexadecimal digits; the evaluation does not change it, nor does a new field at its default."""
        return _training_key(self)

    def evaluation_key(self) -> str:
        """Key of the evaluation, 16 hexadecimal digits that cover the training, `evaluation` and every source in `evaluated_on`."""
        return _evaluation_key(self)

    def to_json(self) -> str:
        """Write the specification as JSON; fields that are None are left out."""
        return json.dumps(self.model_dump(mode="json", exclude_none=True), indent=2)

    def to_toml(self) -> str:
        """Write the specification as TOML with one table per part, as a start for a new one; fields that are None are left out."""
        return "\n".join(_table(name, part) for name, part in self.model_dump(mode="json", exclude_none=True).items())

    @classmethod
    def from_text(cls, text: str | bytes, *, toml: bool = True, name: str = "the specification") -> "RunSpec":
        """Read a specification from TOML or JSON.

        Parameters
        ----------
        text
            As text, or as bytes in any Unicode encoding.
        toml
            TOML where True, else JSON.
        name
            How messages call the text.

        Raises
        ------
        SpecError
            With one sentence, where the text cannot be parsed or a field does not hold what it may.
        """
        values = (parsing.parse_toml if toml else parsing.parse_json)(name, text, SpecError)
        if not isinstance(values, dict):
            raise SpecError(f"{name} is {show_value(values)}; it must be an object with source, body and recipe")
        return cls.from_dict(values)

    @classmethod
    def from_dict(cls, values: dict) -> "RunSpec":
        """Make a specification from plain data, such as parsed JSON.

        Raises
        ------
        SpecError
            With one sentence, where a field does not hold what it may.
        """
        with parsing.as_one_sentence("the specification", SpecError):
            return cls.model_validate(values)

    @classmethod
    def from_file(cls, path: Path) -> "RunSpec":
        """Read a specification from a file of at most 1 MB that ends in .toml or .json.

        Raises
        ------
        SpecError
            With one sentence, where the file cannot be read or parsed, or a field does not hold what it may.
        """
        name, ending = parsing.shorten_line(path.name), path.suffix.lower()
        if ending not in (".toml", ".json"):
            raise SpecError(f"the specification file is {name}; it must end in .toml or .json")
        return cls.from_text(parsing.read_bytes(path, MAX_FILE_BYTES, SpecError, name=name), toml=ending == ".toml", name=name)


@lru_cache(maxsize=4096)
def _training_key(spec: RunSpec) -> str:
    # A page asks for the keys of hundreds of runs, again with every click.
    return _digest({"spec": {name: value for name, value in spec.essence().items() if name != "evaluation"}})


@lru_cache(maxsize=4096)
def _evaluation_key(spec: RunSpec) -> str:
    return _digest({"run": spec.key(), "evaluation": spec.evaluation.essence(), "on": [source.essence() for source in spec.evaluated_on]})


def _digest(parts: dict) -> str:
    """16 hexadecimal digits of the SHA-256 of plain data and the format version."""
    return hashlib.sha256(orjson.dumps({"format": FORMAT} | parts, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]


def _table(name: str, part: dict) -> str:
    lines = [f"{key} = {json.dumps(value)}" for key, value in part.items() if not isinstance(value, dict)]
    nested = [_table(f"{name}.{key}", value) for key, value in part.items() if isinstance(value, dict)]
    return "\n".join([f"[{name}]", *lines, "", *nested])
