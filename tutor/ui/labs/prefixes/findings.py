"""What each study of the anatomy found, and why: a few sentences made from its numbers, so that they cannot say anything else."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import streamlit as st

from tutor.measure.generation import GeneratedTexts, guess_facts
from tutor.runs.io.disk import StoreError
from tutor.sources.language.documents import TRAINED_STYLES
from tutor.sources.language.words import PERSON
from tutor.studies.depth import EVERY
from tutor.studies.language_presets import PREFIX, SUMMARY, TABLE
from tutor.studies.length import LENGTHS
from tutor.studies.low_data import SIZES
from tutor.studies.placement import EMBEDDING, WHERE
from tutor.studies.placement import EVERY as EVERY_LAYER
from tutor.studies.reparametrisation import RATES, WAYS
from tutor.studies.row_fields import Value, find, select
from tutor.studies.tiny_language import CHANCE, UNFOUNDED
from tutor.ui.run_views import repetitions

COMPLETE = 0.98
"""Share of facts told from which on a repetition counts as one that tells them all: a slip in fifty is no guess."""
GUESSES = {"one fact guessed": ("pet",), "two facts guessed": ("pet", "town")}
"""Levels of a table: somebody who knows the new way and all facts but these."""
ALL = ("town", "job", "food", "pet")


@st.cache_data(show_spinner=False)
def score_guesses(kinds: tuple[str, ...]) -> GeneratedTexts:
    """Scores of tables told correctly except that the facts of these kinds are guessed."""
    return guess_facts(TABLE, kinds)


def guess_levels(metric: str) -> dict[str, float]:
    """Score in one measure for each entry of GUESSES; levels near zero are left out."""
    score = {"bleu": lambda one: one.bleu, "slots": lambda one: one.slots, "accuracy": lambda one: one.exact}[metric]
    return {name: score(score_guesses(kinds)) for name, kinds in GUESSES.items() if metric != "accuracy" or len(kinds) == 1}


@dataclass(frozen=True)
class StudyScores:
    """A study's result, queried by the fields of its rows; the queries raise StoreError where there is no such row."""

    result: Mapping

    def value(self, metric: str = "bleu", **fields: Value) -> float:
        """Median of the row with these fields."""
        return self._row(metric, fields)["value"]

    def each(self, metric: str = "slots", **fields: Value) -> tuple[float, ...]:
        """Values of the single repetitions of the row with these fields."""
        return repetitions.behind(self._row(metric, fields), metric, self.result["keys"])

    def complete(self, *asked: Mapping[str, Value]) -> str:
        """Count the repetitions that tell every fact, over all rows asked for: "3 of 9"."""
        values = [value for fields in asked for value in self.each(**fields)]
        return f"{sum(value >= COMPLETE for value in values)} of {len(values)}"

    def lower(self, one: Mapping[str, Value], other: Mapping[str, Value], metric: str = "bleu") -> bool:
        """Whether the quartile range of one row lies entirely below that of the other."""
        return self._row(metric, one)["q75"] < self._row(metric, other)["q25"]

    def values_of(self, name: str, **fields: Value) -> list[Value]:
        """Values of the field `name` in the rows with these other fields, each once and in order."""
        return list(dict.fromkeys(row["fields"][name] for row in select(self.result["rows"], **fields) if name in row["fields"]))

    def _row(self, metric: str, fields: Mapping[str, Value]) -> dict:
        try:
            return find(self.result["rows"], metric=metric, **fields)
        except KeyError as error:
            raise StoreError(f"the results of {self.result['study']} have {error.args[0]}; compute the study again") from None


def describe_finding(name: str, result: Mapping) -> str:
    """Describe in a paragraph what a study found; `name` is a key of FINDINGS."""
    return FINDINGS[name](StudyScores(result))


def _reads(found: StudyScores) -> str:
    right, unfounded = (found.value("accuracy", task=source.tasks[0]) for source in (TABLE, UNFOUNDED))
    return (f"Only **tables** stay at {right:.0%}, and hardly more is possible: nothing tells the network which of the {TRAINED_STYLES} "
            f"ways is meant. "
            f"The first table of a sequence is right once in {TRAINED_STYLES}, by luck; the second can copy the way of the first. With "
            f"two to a sequence that makes {(1 + 1 / TRAINED_STYLES) / 2:.0%}. The last bar has to be low: a fact that is not given can "
            f"only be guessed ({unfounded:.0%}; chance is {CHANCE:.1%}).")


def _depth(found: StudyScores) -> str:
    last, two, every = ({"layers": layers, "task": TABLE.tasks[0]} for layers in (1, 2, EVERY))
    last_of_summaries, all_of_summaries = (found.value("accuracy", layers=layers, task=SUMMARY.tasks[0]) for layers in (2, EVERY))
    apart = "which is less" if found.lower(two, every) else "and the repetitions overlap, so it is open which is better"
    return (
        f"**Tables.** In the last layer alone a prefix reaches {found.value(**last):.0f} BLEU. The right form and name with all "
        f"four facts guessed give {score_guesses(ALL).bleu:.0f}. In the last two layers it is {found.value(**two):.0f}, {apart}. In every "
        f"layer, only {found.complete(every)} repetitions tell all facts: the median is {found.value(**every):.0f} BLEU, and "
        f"{found.value('accuracy', **every):.0%} of the sentences are exact. **Summaries** have three facts: with a prefix in every layer "
        f"{all_of_summaries:.1%} are exact, in the last two {last_of_summaries:.1%}."
    )


def _reparametrisation(found: StudyScores) -> str:
    bleu = {way: {rate: found.value(way=way, rate=rate) for rate in RATES} for way in WAYS}
    best, worst = ({way: pick(rates, key=rates.get) for way, rates in bleu.items()} for pick in (max, min))
    direct, mapped = WAYS
    text = (f"Directly, the best rate is {best[direct]:g} ({bleu[direct][best[direct]]:.0f} BLEU) and the worst {worst[direct]:g} "
            f"({bleu[direct][worst[direct]]:.0f}); through the MLP the best is {best[mapped]:g} ({bleu[mapped][best[mapped]]:.0f}) and "
            f"the worst {worst[mapped]:g} ({bleu[mapped][worst[mapped]]:.0f}). ")
    if best[direct] > best[mapped] and worst[direct] < worst[mapped]:
        text += "Both are sensitive, at opposite ends: the MLP does not widen the range of good rates, it moves it to smaller ones. "
    usual = PREFIX.learning_rate
    if best[direct] != usual:
        text += (f"All other prefixes on this page are tuned directly at {usual:g} ({bleu[direct][usual]:.0f} here): {best[direct]:g} "
                 "might have served them better.")
    return text


def _placement(found: StudyScores) -> str:
    deep, flat = ([found.value(depth=depth, place=place) for place in WHERE] for depth in (EVERY_LAYER, EMBEDDING))
    return ("*Prefix*: in front of the table. *Infix*: between table and text. *Around*: half here, half there. In **every layer** the "
            f"medians lie between {min(deep):.0f} and {max(deep):.0f} BLEU, and the repetitions mix. **Before the first layer only**, "
            f"which the claim leaves out, the place decides: {flat[0]:.0f} in front, {flat[1]:.0f} between, {flat[2]:.0f} around. Vectors "
            "in front are worked out before the table is read; those behind it can look at it. *After* the text cannot be tried: nothing "
            "that is written would see vectors behind it.")


def _initialisation(found: StudyScores) -> str:
    bleu = {start: found.value(start=start) for start in found.values_of("start")}
    best, worst = max(bleu, key=bleu.get), min(bleu, key=bleu.get)
    others = [way for way in bleu if way != best]
    task = "words of the task"
    return (f"From {best} the median is {bleu[best]:.0f} BLEU, from {worst} {bleu[worst]:.0f}; {task} are "
            f"{'better' if bleu[task] > bleu['random numbers'] + 1 else 'no better'} than random numbers ({bleu[task]:.0f} and "
            f"{bleu['random numbers']:.0f}). What differs is how many facts are found before the {PREFIX.steps} steps are over: "
            f"{found.complete({'start': best})} repetitions from {best} tell them all, from everything else "
            f"{found.complete(*({'start': start} for start in others))}. Three repetitions cannot say whether these words are good ones "
            "or lucky ones.")


def _low_data(found: StudyScores) -> str:
    few, many = ([{"method": "prefix", "documents": size} for size in SIZES if keep(size)]
                 for keep in (lambda size: size < 1000, lambda size: size >= 1000))
    weights = min(found.value(method="full", documents=size) for size in SIZES)
    times = [PREFIX.steps * PREFIX.batch / size for size in (SIZES[0], SIZES[-1])]
    return (f"All weights tuned reach {weights:.0f} BLEU from {SIZES[0]} documents on, so a prefix can at best draw level; in the paper, "
            "where they do not, it is 2.9 ahead. More documents did **not** help the prefix: with fewer than 1,000, "
            f"{found.complete(*few)} prefixes tell all facts, with more {found.complete(*many)}. Each gets {PREFIX.steps} steps of "
            f"{PREFIX.batch}: of {SIZES[0]} documents each comes {times[0]:.0f} times, of {SIZES[-1]:,} "
            f"{'once' if round(times[1]) == 1 else f'{times[1]:.1f} times'}. Seeing the same ones again may be what helps; three prefixes "
            "for each size do not prove it.")


def _length(found: StudyScores) -> str:
    short, long = ([{"length": k} for k in LENGTHS if keep(k)] for keep in (lambda k: k <= 8, lambda k: k > 8))
    one, two = (score_guesses(kinds).bleu for kinds in GUESSES.values())
    return (f"BLEU stands on stairs: near {two:.0f} two facts are guessed, near {one:.0f} one, at 100 none. With more than eight vectors "
            f"{found.complete(*long)} repetitions reach the top within {PREFIX.steps} steps, with eight or fewer "
            f"{found.complete(*short)}. So there was more to gain beyond eight than the claim says: not a finer sentence, but one more "
            "fact looked up.")


FINDINGS: dict[str, Callable[[StudyScores], str]] = {
    "tiny-language": _reads, "depth": _depth, "reparametrisation": _reparametrisation, "placement": _placement,
    "initialisation": _initialisation, "low-data": _low_data, "length": _length,
}
VALUES = len(PERSON["pet"])
"""Among how many a fact is guessed."""
