"""Lessons: YAML files that walk a learner through the labs, checked as a whole when they are read; a bad file names its line.

A step says something, may set up the page it happens on, and waits for one thing: an action (`until`), a number that the
learner predicts before it is shown (`guess`), or nothing but reading on. Conditions speak of facts, which are what pages tell
about the pictures that they show.
"""

import operator
import os
import re
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from tutor.disk import default_root
from tutor.places import ASSETS, PAGES

SHIPPED = ASSETS / "lessons"
EXAMPLE = """title: Two tails
about: What two tails are worth.
place: 20
minutes: 2
steps:
  - page: bayes
    say: Nothing is known of this coin.
    do: Press **Tails** twice.
    until: flips >= 2 and heads == 0
    done: Two tails, and heads are expected less.
  - page: workbench
    say: The network takes a prompt for flips as well.
"""
LARGEST = 64 * 1024
OPERATORS = {">=": operator.ge, "<=": operator.le, "==": operator.eq, "!=": operator.ne, ">": operator.gt, "<": operator.lt}
CLAUSE = re.compile(r"([a-z_]+)\s*(>=|<=|==|!=|>|<)\s*(.+)")

Facts = dict[str, Any]
Setting = str | int | float | bool | list[str]


class LessonError(ValueError):
    """A lesson that cannot be read; one sentence with the file and the line."""


def parsed(condition: str) -> list[tuple[str, str, Setting]]:
    """`name operator value`, several joined by `and`; ValueError with one sentence where it is nothing of the kind."""
    clauses = []
    for part in condition.split(" and "):
        found = CLAUSE.fullmatch(part.strip())
        if not found:
            raise ValueError(f"the condition is {part.strip()!r}; it must read like 'heads >= 3'")
        name, sign, value = found.groups()
        clauses.append((name, sign, yaml.safe_load(value)))
    return clauses


def _checked(condition: str) -> str:
    parsed(condition)
    return condition


def _page(name: str) -> str:
    if not (PAGES / f"{name}.py").is_file():
        raise ValueError(f"page is {name!r}; it must be one of {', '.join(sorted(path.stem for path in PAGES.glob('*.py')))}")
    return name


Condition = Annotated[str, AfterValidator(_checked)]
Page = Annotated[str, AfterValidator(_page)]


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Guess(Part):
    """A number to predict: `fact` is shown after `reveal` is set, and `low`, `high` and `close` name the learner's error."""

    ask: str
    fact: str
    reveal: dict[str, Setting] = {}
    unit: str = ""
    between: tuple[float, float]
    within: float = Field(gt=0)
    """How far a guess may be off and still be called close."""
    close: str
    low: str
    high: str

    def verdict(self, guessed: float, measured: float) -> str:
        """Which feedback a guess deserves."""
        if abs(guessed - measured) <= self.within:
            return self.close
        return self.low if guessed < measured else self.high


class Step(Part):
    page: Page
    say: str
    set: dict[str, Setting] = {}
    """What the page's controls are set to when the step opens."""
    do: str = ""
    until: Condition | None = None
    done: str = ""
    guess: Guess | None = None

    @model_validator(mode="after")
    def _waits_for_one_thing(self):
        if self.until and self.guess:
            raise ValueError("a step has until or guess, not both")
        if self.until and not (self.do and self.done):
            raise ValueError("a step with until needs do (what the learner shall do) and done (what is seen then)")
        return self

    def met(self, facts: Facts) -> bool:
        """Whether every clause of `until` holds of what is shown; a fact that nobody told fulfils nothing."""
        return bool(self.until) and all(_holds(facts.get(name), sign, value) for name, sign, value in parsed(self.until))


def _holds(fact: Any, sign: str, value: Setting) -> bool:
    if fact is None or isinstance(fact, str) != isinstance(value, str):
        return False
    return bool(OPERATORS[sign](fact, value))


class Lesson(Part):
    title: str
    about: str
    place: int
    """Where it stands among the others."""
    minutes: int = Field(ge=1, le=60)
    steps: Annotated[tuple[Step, ...], Field(min_length=2)]
    name: str = ""

    @property
    def end(self) -> tuple[Page, dict[str, Setting]]:
        """The page and the controls on which somebody is left who leaves early: those of the last step, all set up."""
        last = self.steps[-1]
        before = [step for step in self.steps if step.page == last.page]
        settings = {name: value for step in before for name, value in {**step.set, **(step.guess.reveal if step.guess else {})}.items()}
        return last.page, settings


def read(path: Path) -> Lesson:
    """One lesson. Raises LessonError."""
    try:
        if (size := path.stat().st_size) > LARGEST:
            raise LessonError(f"{path.name} has {size:,} bytes; a lesson has at most {LARGEST:,}")
        text = path.read_bytes()
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        return Lesson.model_validate({**(yaml.safe_load(text) or {}), "name": path.stem})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        said = first["msg"].removeprefix("Value error, ")
        raise LessonError(f"{path.name}, line {_line(root, first['loc'])}: {where}: {said[:1].lower()}{said[1:]}") from error
    except yaml.YAMLError as error:
        line = error.problem_mark.line + 1 if getattr(error, "problem_mark", None) else 1
        raise LessonError(f"{path.name}, line {line}: {getattr(error, 'problem', 'this is no YAML')}") from error
    except (OSError, TypeError) as error:
        raise LessonError(f"{path.name}: {error}") from error


def _line(node: yaml.Node | None, place: tuple) -> int:
    """The line of the deepest part of a document that lies on the way to `place`, counted from one."""
    line = node.start_mark.line + 1 if node else 1
    for name in place:
        if isinstance(node, yaml.MappingNode):
            found = next(((key, value) for key, value in node.value if key.value == str(name)), None)
            if found is None:
                break
            line, node = found[0].start_mark.line + 1, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(name, int) and name < len(node.value):
            node = node.value[name]
            line = node.start_mark.line + 1
        else:
            break
    return line


def own_folder() -> Path:
    """Where somebody's own lessons are looked for: $TUTOR_LESSONS, or `lessons` in the store of their own runs."""
    given = os.environ.get("TUTOR_LESSONS")
    return Path(given) if given else default_root() / "lessons"


def lessons(*folders: Path) -> tuple[dict[str, Lesson], tuple[str, ...]]:
    """Every lesson by name, in their order, and a sentence for each file that is none; a file that changed is read again.

    Without folders these are the shipped lessons and one's own, which take the place of a shipped one of the same name.
    """
    found, wrong = {}, []
    for path in (path for folder in folders or (SHIPPED, own_folder()) for path in sorted(folder.glob("*.yaml"))):
        one = _kept(path, _stamp(path))
        if isinstance(one, Lesson):
            found[one.name] = one
        else:
            wrong.append(one)
    return {one.name: one for one in sorted(found.values(), key=lambda one: (one.place, one.name))}, tuple(wrong)


def _stamp(path: Path) -> tuple[int, int]:
    """What is another number once a file was written again."""
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


@lru_cache(maxsize=256)
def _kept(path: Path, stamp: tuple[int, int]) -> Lesson | str:
    """A lesson as its file was at `stamp`, or the sentence that says why it is none: pages ask for all of them with every click."""
    try:
        return read(path)
    except LessonError as error:
        return str(error)
