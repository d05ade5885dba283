"""Sentences of lessons that follow the numbers on the screen: `{worth_tails:.0f}` in a text, and texts that appear where a condition holds.

A sentence is one text, or several of which the first appears that may: its condition holds, and the scene has told all its facts.
"""

import math
import operator
import re
from collections.abc import Iterator, Mapping
from string import Formatter
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from tutor.core import parsing
from tutor.ui.stage.fact_kinds import FLAG, WORD, Kinds

Facts = Mapping[str, Any]
Value = str | int | float | bool

OPERATORS = {">=": operator.ge, "<=": operator.le, "==": operator.eq, "!=": operator.ne, ">": operator.gt, "<": operator.lt}
NAME = re.compile(r"[a-z_][a-z0-9_]*")
CLAUSE = re.compile(rf"({NAME.pattern})\s*(>=|<=|==|!=|>|<)\s*(.+)")
FORMAT = re.compile(r"[+,]?(\.\d)?[dfge%]?")
"""The formats of numbers that a sentence may ask for: signs, thousands, at most nine digits; nothing that fills the page."""
MOST_CLAUSES = 10
SAMPLE = {WORD: "word"}
"""What a format is tried on; a number where nothing else is said."""


class ConditionError(ValueError):
    """The value in a condition cannot be parsed; the message is one sentence."""


def parse_condition(condition: str) -> list[tuple[str, str, Value]]:
    """Parse a condition such as `heads >= 3 and state == done` into clauses (name, operator, value).

    Raises
    ------
    ValueError
        Where a clause has another form, compares words by size, or there are more than MOST_CLAUSES of them.
    """
    clauses = [_clause(part.strip()) for part in condition.split(" and ")]
    if len(clauses) > MOST_CLAUSES:
        raise ValueError(f"the condition has {len(clauses)} clauses; it may have {MOST_CLAUSES}")
    return clauses


def _clause(text: str) -> tuple[str, str, Value]:
    found = CLAUSE.fullmatch(text)
    if not found:
        raise ValueError(f"the condition is {parsing.shorten_line(text, 60)!r}; it must read like 'heads >= 3'")
    name, sign, written = found.groups()
    value = parsing.parse_yaml(f"the value of {name}", written, ConditionError).value
    if not isinstance(value, Value) or (isinstance(value, float) and not math.isfinite(value)):
        raise ValueError(f"{name} is compared with {parsing.shorten_line(written, 60)}, which is no number and no word")
    if isinstance(value, str | bool) and sign not in ("==", "!="):
        raise ValueError(f"{name} {sign} {parsing.shorten_line(written, 60)} compares words by size; words are compared with == and !=")
    return name, sign, value


def condition_holds(condition: str, facts: Facts) -> bool:
    """Whether the facts satisfy every clause of a condition; a clause about a missing fact is not satisfied."""
    return all(_holds(facts.get(name), sign, value) for name, sign, value in parse_condition(condition))


def _holds(fact: Any, sign: str, value: Value) -> bool:
    if fact is None or isinstance(fact, str) != isinstance(value, str):
        return False
    return bool(OPERATORS[sign](fact, value))


def _checked(condition: str) -> str:
    parse_condition(condition)
    return condition


def placeholders(text: str) -> list[tuple[str, str]]:
    """List the placeholders of a text, each as (fact, format); `{{` stands for a literal brace.

    Raises
    ------
    ValueError
        Where a brace is unbalanced or encloses anything but `{fact}` or `{fact:format}`.
    """
    try:
        parts = [(name, form or "", how) for _, name, form, how in Formatter().parse(text) if name is not None]
    except ValueError as error:
        raise ValueError(f"a brace is open or closed too often ({error}); write {{{{ for a brace that is meant as such") from error
    for name, form, how in parts:
        if not NAME.fullmatch(name) or how or "{" in form:
            raise ValueError(f"'{{{name}' is no fact of a scene; a fact reads like {{heads}} or {{predicted:.0%}}, "
                             "and {{ is a brace that is meant as such")
    return [(name, form) for name, form, _ in parts]


def _text(text: str) -> str:
    placeholders(text)
    return text


Condition = Annotated[str, AfterValidator(_checked)]
Text = Annotated[str, AfterValidator(_text)]


class ConditionalText(BaseModel):
    """A text that is shown only while its condition holds."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    condition: Condition | None = Field(None, alias="if")
    say: Text

    def filled(self, facts: Facts) -> str | None:
        """Fill the placeholders with facts; None where the condition fails or a fact is missing or not finite."""
        if self.condition is not None and not condition_holds(self.condition, facts):
            return None
        if any(not _told(facts.get(name)) for name, _ in placeholders(self.say)):
            return None
        return self.say.format_map(facts)

    def mistakes(self, known: Kinds) -> Iterator[str]:
        """Check the text against the facts that its scene tells (`known`); yield one sentence per mistake."""
        for name, sign, value in parse_condition(self.condition) if self.condition else ():
            yield from check_clause(name, sign, value, known)
        for name, form in placeholders(self.say):
            if name not in known:
                yield describe_unknown(name, known)
            elif known[name] == FLAG:
                yield f"{name} is true or false and cannot be shown; ask for it under if"
            elif not _fits(form, SAMPLE.get(known[name], 0.5)):
                yield f"{name} is a {known[name]}, which the format {form!r} does not fit; a number takes .2f or .0%, a word none"


def check_clause(name: str, sign: str, value: Value, known: Kinds) -> Iterator[str]:
    """Check one clause of a condition against the facts that a scene tells (`known`); yield one sentence per mistake."""
    if name not in known:
        yield describe_unknown(name, known)
    elif (known[name] == WORD) != isinstance(value, str):
        yield f"{name} is a {known[name]} and is compared with {value!r}"
    elif known[name] == FLAG and not (isinstance(value, bool) and sign in ("==", "!=")):
        yield f"{name} is true or false; it is asked for like '{name} == true'"


def describe_unknown(name: str, known: Kinds) -> str:
    """Say that a scene tells no fact of this name, and list those that it tells."""
    return f"the scene tells no fact {name!r}; it tells {', '.join(sorted(known)) or 'none'}"


def _fits(form: str, sample: Value) -> bool:
    if not FORMAT.fullmatch(form):
        return False
    try:
        return bool(format(sample, form))
    except ValueError:
        return False


def _told(fact: Any) -> bool:
    return fact is not None and not (isinstance(fact, float) and not math.isfinite(fact))


def _listed(given: Any) -> Any:
    if isinstance(given, str):
        return [{"say": given}]
    return [given] if isinstance(given, Mapping | ConditionalText) else given


Sentence = Annotated[tuple[ConditionalText, ...], BeforeValidator(_listed), Field(min_length=1)]
"""One text, one text with a condition, or a list of these, in their order."""


def choose_text(sentence: tuple[ConditionalText, ...], facts: Facts) -> str:
    """Return the first alternative whose condition holds and whose facts are all known, filled in; "" where there is none."""
    return next((text for one in sentence if (text := one.filled(facts)) is not None), "")
