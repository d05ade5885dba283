"""Lessons: YAML files that lead a learner from scene to scene, checked as a whole when they are read; a bad file names its line.

A step says something about a scene, may set it up, and waits for one thing: an action (`until`), a number that the learner
predicts before it is shown (`guess`), or nothing but reading on. Conditions speak of facts, which are what scenes tell about
the pictures that they show.
"""

import math
import os
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from tutor.core import parsing
from tutor.core.paths import ASSETS
from tutor.runs.io.disk import default_root
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

SHIPPED = ASSETS / "lessons"
EXAMPLE = """title: Two tails
about: What two tails are worth.
place: 20
minutes: 2
steps:
  - scene: coin
    say: Nothing is known of this coin.
    set: {flips: "", coin: 0.2}
    do: Press **Tails** twice.
    until: flips >= 2 and heads == 0
    done: After {flips:.0f} tails it expects heads with probability {predicted:.2f}.
  - scene: prompt-map
    say: The network takes a prompt for flips as well.
    set: {prompt: TT}
"""
MAX_FILE_BYTES = 64 * 1024
MOST_FILES = 200
"""Files of a folder that are looked at, which happens with every click."""
ENDINGS = (".yaml", ".yml")
MAX_NUMBER = 1e9

Word = Annotated[str, StringConstraints(max_length=600)]
Setting = Word | int | float | bool
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,79}$")]
Settings = Annotated[dict[Name, Setting], Field(max_length=100)]


class LessonError(ValueError):
    """A lesson file that cannot be read; the message is one sentence with the file name and the line."""


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


def read_lesson(path: Path) -> Lesson:
    """Read and check one lesson file.

    Raises
    ------
    LessonError
        Where the file is no YAML, no lesson, or asks its scenes for facts or settings that they do not have.
    """
    name = parsing.shorten_line(path.name)
    if not path.stem.isprintable() or not _stays_in_an_address(path.stem):
        raise LessonError(f"{name} cannot be the name of a lesson; use letters, digits and hyphens")
    document = parsing.parse_yaml(name, parsing.read_bytes(path, MAX_FILE_BYTES, LessonError, name=name), LessonError)
    if not isinstance(document.value, dict):
        raise LessonError(f"{name}, line {document.line(())}: this is no lesson, which has title, about, place, minutes and steps")
    with parsing.as_one_sentence(name, LessonError):
        try:
            lesson = Lesson.model_validate({**document.value, "name": path.stem})
        except ValidationError as error:
            first = _first_mistake(error)
            where, said = parsing.shorten_line(".".join(map(str, first["loc"])), 80), first["msg"].removeprefix("Value error, ")
            raise LessonError(f"{name}, line {document.line(first['loc'])}: {where}: {said[:1].lower()}{said[1:]}") from error
        return _fits_its_scenes(name, lesson, document)


def _first_mistake(error: ValidationError) -> dict:
    """The mistake to name: a step that still names a page, or else the first."""
    found = error.errors()
    old = [one for one in found if one["loc"][-1] == "page" and one["type"] == "extra_forbidden"]
    return old[0] | {"msg": f"a step names a scene, not a page; scenes are {', '.join(SCENES)}"} if old else found[0]


def _stays_in_an_address(name: str) -> bool:
    """Whether the address keeps this word: it drops what reads as a number that is not finite, such as nan."""
    try:
        return math.isfinite(float(name))
    except ValueError:
        return True


def _fits_its_scenes(name: str, lesson: Lesson, document) -> Lesson:
    """The lesson, once every step has been held against what its scene tells."""
    for at, step in enumerate(lesson.steps):
        for place, said in step.mistakes():
            line = document.line(("steps", at, *place))
            raise LessonError(f"{name}, line {line}: steps.{at}.{'.'.join(map(str, place))}: {said}")
    return lesson


def own_folder() -> Path:
    """Folder of the user's own lessons: $TUTOR_LESSONS, or `lessons` in the user's store."""
    given = os.environ.get("TUTOR_LESSONS")
    return Path(given) if given else default_root() / "lessons"


def list_lessons(*folders: Path) -> tuple[dict[str, Lesson], tuple[str, ...]]:
    """List all lessons; a file is read again once it has changed.

    Parameters
    ----------
    folders
        Where to look. Without any, the shipped lessons and the user's own; an own lesson replaces a shipped one of the same name.

    Returns
    -------
    tuple
        Lessons by name, ordered by their `place`, and one sentence for each file that cannot be read.
    """
    found, wrong = {}, []
    for one in (one for folder in folders or (SHIPPED, own_folder()) for one in _in_folder(folder)):
        if isinstance(one, Lesson):
            found[one.name] = one
        else:
            wrong.append(one)
    return {one.name: one for one in sorted(found.values(), key=lambda one: (one.place, one.name))}, tuple(wrong)


def _in_folder(folder: Path) -> Iterator[Lesson | str]:
    """The lessons of a folder by name, and sentences for what is none. Hidden files are passed over; a folder that is missing is empty."""
    try:
        with parsing.as_one_sentence(str(folder), LessonError):
            there = folder.iterdir() if folder.is_dir() else ()
            paths = sorted(path for path in there if path.suffix.lower() in ENDINGS and path.name[0] != ".")
    except LessonError as error:
        yield str(error)
        return
    yield from (_kept(path, _stamp(path)) for path in paths[:MOST_FILES])
    if len(paths) > MOST_FILES:
        yield f"{parsing.shorten_line(folder)} holds {len(paths):,} lessons; the first {MOST_FILES} are read"


def _stamp(path: Path) -> tuple[int, ...]:
    """What is another number once a file was written again, or may be read now."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return ()
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size


@lru_cache(maxsize=2 * MOST_FILES)
def _kept(path: Path, stamp: tuple[int, ...]) -> Lesson | str:
    """A lesson as its file was at `stamp`, or the sentence that says why it is none: pages ask for all of them with every click."""
    try:
        return read_lesson(path)
    except LessonError as error:
        return str(error)
