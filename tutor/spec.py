"""A run's specification: everything that decides its numbers, as one frozen object with a key, and its text form.

The key is the SHA-256 of the canonical specification and a format version, so the same wish always finds the same folder.
"""

import difflib
import hashlib
import json
import tomllib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Annotated

import orjson
from pydantic import Field, ValidationError, model_validator

from tutor.conventions import Spec, one_of
from tutor.methods import METHODS
from tutor.predictors import BODIES
from tutor.predictors.placement import Placement
from tutor.priors import PRIORS
from tutor.recipe import Recipe
from tutor.retrieval import PIPELINES
from tutor.sources import PRESETS, SOURCES, AbstractSolved, AbstractSource, AnySource

FORMAT = 2
"""Raised when a change of the code, or of a default, makes the numbers of old runs incomparable."""


AnyBody = Annotated[one_of(BODIES), Field(discriminator="kind")]
AnyMethod = Annotated[one_of(METHODS | PIPELINES), Field(discriminator="kind")]


class SpecError(ValueError):
    """A specification that cannot be: one sentence with the field, the value and what is allowed."""


class Evaluation(Spec):
    """How regret is measured at the end."""

    length: int = Field(200, ge=1, le=1000, description="tokens per evaluated sequence, of sources without a length of their own")
    sequences: int = Field(512, ge=16, le=100_000, description="evaluated sequences")
    seed: int = Field(1337, ge=0, lt=2**31, description="seed of the evaluated sequences")
    stratified: bool = Field(False, description="spread the evaluated sequences evenly over the source: fewer are as exact")

    def length_on(self, source: AbstractSource) -> int:
        """Tokens per evaluated sequence of this source."""
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
    def _fits_into_the_network(self):
        longest = self.body.longest
        if longest is None:
            return self
        tuned = [self.tuning.length] if self.is_tuning else []
        read = [*self.evaluated_on, *(self.method.sources if self.is_tuning else ())]
        needed = max(self.recipe.length, *tuned, *(self.evaluation.length_on(source) for source in read))
        needed += self.method.positions if self.is_tuning else 0
        if needed > longest:
            raise ValueError(f"body.context is {longest}; it must hold the longest sequence and the prompt, {needed} positions")
        return self

    @property
    def is_tuning(self) -> bool:
        return self.method is not None

    @property
    def evaluated_on(self) -> list[AbstractSource]:
        """The target, the pretraining source, what both are related to, and the presets of the same vocabulary, each once, in order."""
        own = [source for source in (self.on, self.source) if source is not None]
        wanted = [*own, *(other for source in own for other in source.related()), *PRESETS.values()]
        return list(dict.fromkeys(source for source in wanted if source.vocab == self.source.vocab))

    @property
    def label(self) -> str:
        """A line that names this run in lists."""
        base = f"{self.body.label} {self.body.width} on {self.source.label}"
        return f"{self.method.label}: {base} -> {self.on.label}" if self.is_tuning else base

    def base(self) -> "RunSpec":
        """The pretraining that a tuning starts from (a pretraining is its own base)."""
        return RunSpec(source=self.source, body=self.body, recipe=self.recipe, evaluation=self.evaluation,
                       seeds=Seeds(pretrain=self.seeds.pretrain))

    def key(self) -> str:
        """16 hexadecimal digits of the SHA-256 of the essence and the format version, so a new field with a default renames no run."""
        return _key(self)

    def to_json(self) -> str:
        return json.dumps(self.model_dump(mode="json", exclude_none=True), indent=2)

    def to_toml(self) -> str:
        """The same as TOML, one table per part, to start a specification of one's own from."""
        return "\n".join(_table(name, part) for name, part in self.model_dump(mode="json", exclude_none=True).items())

    @classmethod
    def from_text(cls, text: str, *, toml: bool = True) -> "RunSpec":
        """Read TOML or JSON. Raises SpecError with one sentence."""
        try:
            values = tomllib.loads(text) if toml else json.loads(text)
        except (ValueError, RecursionError) as error:          # ValueError: also an integer of thousands of digits
            raise SpecError(f"the specification is not valid {'TOML' if toml else 'JSON'}: {error}") from None
        if not isinstance(values, dict):
            raise SpecError(f"the specification is {_shown(values)}; it must be an object with source, body and recipe")
        return cls.from_dict(values)

    @classmethod
    def from_dict(cls, values: dict) -> "RunSpec":
        """Validate plain data. Raises SpecError with one sentence."""
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise SpecError(sentence(error)) from None

    @classmethod
    def from_file(cls, path: Path) -> "RunSpec":
        """Read a specification file of at most 1 MB by its ending, .toml or .json. Raises SpecError with one sentence."""
        if path.suffix not in (".toml", ".json"):
            raise SpecError(f"the specification file is {path.name}; it must end in .toml or .json")
        try:
            if path.stat().st_size > 1_000_000:
                raise SpecError(f"{path.name} has {path.stat().st_size:,} bytes; a specification has at most 1,000,000")
            text = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise SpecError(f"{path} cannot be read: {error}") from None
        return cls.from_text(text, toml=path.suffix == ".toml")


@lru_cache(maxsize=4096)
def _key(spec: RunSpec) -> str:
    # A page asks for the keys of hundreds of runs, again with every click.
    canonical = orjson.dumps({"format": FORMAT, "spec": spec.essence()}, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(canonical).hexdigest()[:16]


def sentence(error: ValidationError) -> str:
    """The first problem of a pydantic error as one sentence: field, value, what is allowed."""
    first = error.errors(include_url=False)[0]
    *path, name = first["loc"] or [""]
    place = ".".join(_named(first["loc"]))
    message = first["msg"].removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(name), _fields_at(path, error.title), n=1)
        place = ".".join([*_named(path), str(name)])
        return f"{place} is not a field" + (f"; did you mean {near[0]}?" if near else "")
    if first["type"] == "union_tag_invalid":
        return f"{place}.kind is {_shown(first['ctx']['tag'])}; it must be one of {first['ctx']['expected_tags'].replace(chr(39), '')}"
    if first["type"] in ("missing", "union_tag_not_found"):
        return f"{place}{'' if first['type'] == 'missing' else '.kind'} is missing"
    if first["type"] == "value_error":
        return f"{place}: {message}" if place else message
    return f"{place} is {_shown(first['input'])}; {message[0].lower()}{message[1:]}"


def _named(path: Sequence[str | int]) -> list[str]:
    """The fields on the way to a part, without the kinds that pydantic puts behind a field that chooses among several."""
    return [str(part) for i, part in enumerate(path) if not (i and part in _KINDS and path[i - 1] in _CHOICES)]


_CHOICES = {"source", "body", "method", "on", "prior", "first", "second"}
_KINDS = {**SOURCES, **BODIES, **METHODS, **PIPELINES, **PRIORS}
_PARTS = {"recipe": Recipe, "tuning": Recipe, "evaluation": Evaluation, "seeds": Seeds, "placement": Placement}


def _fields_at(path: list[str | int], title: str) -> list[str]:
    """Fields of the part of a specification to which `path` leads, starting from the class named `title`."""
    classes = {cls.__name__: cls for cls in (RunSpec, *_PARTS.values(), *_KINDS.values())}
    parts = [classes.get(title, RunSpec)] + [(_KINDS | _PARTS)[step] for step in path if step in _KINDS | _PARTS]
    return list(parts[-1].model_fields)


def _shown(value: object) -> str:
    """A value as it fits into a sentence."""
    return " ".join(str(value).split())[:60]


def _table(name: str, part: dict) -> str:
    lines = [f"{key} = {json.dumps(value)}" for key, value in part.items() if not isinstance(value, dict)]
    nested = [_table(f"{name}.{key}", value) for key, value in part.items() if isinstance(value, dict)]
    return "\n".join([f"[{name}]", *lines, "", *nested])
