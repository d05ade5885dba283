"""What a lesson is: steps that each show a scene and say something about it, checked against what the scene tells and can be set to.

A step says something about a scene, may set it up, and waits for one thing: an action (`until`), a number that the learner
predicts before it is shown (`guess`), or nothing but reading on. Conditions speak of facts, which are what scenes tell about
the pictures that they show.
"""

import math
from collections.abc import Iterator
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from tutor.core import parsing
from tutor.ui.stage.fact_kinds import FLAG, SHARE, WORD
from tutor.ui.stage.lesson_text import (
    Condition,
    Facts,
    Sentence,
    check_clause,
    condition_holds,
    describe_unknown,
    parse_condition,
    placeholders,
)
from tutor.ui.stage.scene import Scene
from tutor.ui.stage.scene_list import SCENES

MAX_NUMBER = 1e9

Word = Annotated[str, StringConstraints(max_length=600)]
Setting = Word | int | float | bool
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,79}$")]
Settings = Annotated[dict[Name, Setting], Field(max_length=100)]


def _scene(name: str) -> str:
    if name not in SCENES:
        raise ValueError(f"scene is {parsing.shorten_line(name, 60)!r}; it must be one of {', '.join(sorted(SCENES))}")
    return name


SceneName = Annotated[str, AfterValidator(_scene)]


class LessonPart(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LessonGuess(LessonPart):
    """A number to predict: `fact` is shown after `reveal` is set, and `low`, `high` and `close` name the learner's error."""

    ask: Sentence
    fact: Name
    reveal: Settings = {}
    unit: str = ""
    between: tuple[float, float]
    within: float = Field(gt=0)
    """How far a guess may be off and still be called close."""
    close: Sentence
    low: Sentence
    high: Sentence

    @model_validator(mode="after")
    def _asks_for_a_number_on_a_scale(self):
        low, high = self.between
        if not -MAX_NUMBER <= low < high <= MAX_NUMBER:
            raise ValueError(f"between is [{low:g}, {high:g}]; the first number must be the smaller one, and both within {MAX_NUMBER:g}")
        if self.within > high - low:
            raise ValueError(f"within is {self.within:g}; it must be smaller than the range from {low:g} to {high:g}")
        return self

    def measured(self, facts: Facts) -> float | None:
        """Return the fact to guess as the scene shows it now, or None where the scene has told no finite number under that name."""
        fact = facts.get(self.fact)
        return None if fact is None or isinstance(fact, str | list | dict) or not math.isfinite(fact) else float(fact)

    def verdict(self, guessed: float, measured: float) -> Sentence:
        """Return the feedback for a guess: `close` within the tolerance, else `low` or `high`."""
        if abs(guessed - measured) <= self.within:
            return self.close
        return self.low if guessed < measured else self.high


class LessonStep(LessonPart):
    scene: SceneName
    say: Sentence
    set: Settings = {}
    """What the scene is set to when the step opens; what is not named here is where it starts."""
    do: Sentence | None = None
    until: Condition | None = None
    done: Sentence | None = None
    guess: LessonGuess | None = None
    notes: Sentence | None = None
    """What the presenter of a lecture reads in a window of their own."""

    @model_validator(mode="after")
    def _waits_for_one_thing(self):
        if self.until and self.guess:
            raise ValueError("a step has until or guess, not both")
        if self.until and not (self.do and self.done):
            raise ValueError("a step with until needs do (what the learner shall do) and done (what is seen then)")
        return self

    @property
    def shown(self) -> Scene:
        """The scene of the step."""
        return SCENES[self.scene]

    @property
    def share(self) -> bool:
        """Whether the number to guess is a share, which is asked for and shown in per cent."""
        return self.guess is not None and self.shown.facts.get(self.guess.fact) == SHARE

    @property
    def opening(self) -> Settings:
        """All settings of the scene as the step opens."""
        return {name: one.start for name, one in self.shown.settings.items()} | self.settle(self.set)

    def settle(self, wanted: Settings) -> Settings:
        """Return settings as the scene holds them: a number of the kind with which it starts."""
        known = self.shown.settings
        return {name: type(known[name].start)(value) if known[name].between else value for name, value in wanted.items()}

    @property
    def hidden(self) -> frozenset[str]:
        """The facts that the scene must not show before the guess."""
        return frozenset({self.guess.fact} & self.shown.hides) if self.guess and not self.guess.reveal else frozenset()

    def met(self, facts: Facts) -> bool:
        """Whether the recorded facts satisfy every clause of `until`.

        Returns
        -------
        bool
            False where the step has no `until`, or where a clause names a fact that the scene has not told.
        """
        return bool(self.until) and condition_holds(self.until, facts)

    def sentences(self) -> Iterator[tuple[tuple[str | int, ...], Sentence]]:
        """Yield every sentence of the step after its path in the step, such as ("guess", "ask")."""
        parts = {("say",): self.say, ("do",): self.do, ("done",): self.done, ("notes",): self.notes}
        parts |= {("guess", name): getattr(self.guess, name) for name in ("ask", "close", "low", "high")} if self.guess else {}
        yield from ((place, sentence) for place, sentence in parts.items() if sentence)

    def mistakes(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Check the step against the facts and settings of its scene; yield for each mistake its path in the step and one sentence."""
        known = self.shown.facts
        yield from self._set_wrongly(("set",), self.set)
        for name, sign, value in parse_condition(self.until) if self.until else ():
            yield from ((("until",), said) for said in check_clause(name, sign, value, known))
        for place, sentence in self.sentences():
            yield from (((*place, at), said) for at, one in enumerate(sentence) for said in one.mistakes(known))
        if self.guess:
            yield from self._set_wrongly(("guess", "reveal"), self.guess.reveal)
            yield from self._asked_wrongly()

    def _set_wrongly(self, place: tuple[str, ...], wanted: Settings) -> Iterator[tuple[tuple[str | int, ...], str]]:
        known = self.shown.settings
        for name, value in wanted.items():
            if name not in known:
                yield (*place, name), f"the scene {self.scene} has no setting {name!r}; it has {', '.join(sorted(known)) or 'none'}"
            elif wrong := known[name].mistake(value):
                yield (*place, name), f"{name} is {parsing.shorten_line(str(value), 60)!r}; {wrong}"

    def _asked_wrongly(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        known, fact = self.shown.facts, self.guess.fact
        if fact not in known:
            yield ("guess", "fact"), describe_unknown(fact, known)
        elif known[fact] in (WORD, FLAG):
            yield ("guess", "fact"), f"{fact} is a {known[fact]}, and only numbers can be guessed"
        elif not self.guess.reveal and fact not in self.shown.hides:
            yield ("guess", "fact"), f"the scene shows {fact} at once, so the guess needs reveal: what is set up after it"
        elif not self.guess.reveal:
            for place, sentence in self.sentences():
                if place in (("say",), ("guess", "ask")) and any(name == fact for one in sentence for name, _ in placeholders(one.say)):
                    yield place, f"it holds {fact}, which the learner is to guess"


class Lesson(LessonPart):
    title: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    about: str
    place: int
    """Where it stands among the others."""
    minutes: int = Field(ge=1, le=60)
    steps: Annotated[tuple[LessonStep, ...], Field(min_length=2, max_length=100)]
    ending: Word = ""
    """What has been seen, for the card after the last step."""
    name: str = ""

    @property
    def end(self) -> Settings:
        """Settings of the last scene once the lesson is finished: those of the last step, after its guess is revealed."""
        last = self.steps[-1]
        return last.opening | last.settle(last.guess.reveal if last.guess else {})
