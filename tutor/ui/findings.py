"""What each study of the anatomy found, and why: a few sentences made from its numbers, so that they cannot say anything else."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import streamlit as st

from tutor.measure.text import Written, guessed
from tutor.sources.language.documents import TRAINED_STYLES
from tutor.sources.language.words import PERSON
from tutor.studies.language_presets import PREFIX, TABLE
from tutor.studies.low_data import SIZES
from tutor.studies.reparametrisation import RATES, WAYS
from tutor.studies.tiny_language import CHANCE
from tutor.ui import repetitions

COMPLETE = 0.98
"""Share of facts told from which on a repetition counts as one that tells them all: a slip in fifty is no guess."""
GUESSES = {"one fact guessed": ("pet",), "two facts guessed": ("pet", "town")}
"""Levels of a table: somebody who knows the new way and all facts but these."""
ALL = ("town", "job", "food", "pet")


@st.cache_data(show_spinner=False)
def guessing(kinds: tuple[str, ...]) -> Written:
    """What a table scores in which the facts of these kinds are guessed."""
    return guessed(TABLE, kinds)


def levels(metric: str) -> dict[str, float]:
    """The same under the names of GUESSES, in one measure; those that lie above zero."""
    score = {"bleu": lambda one: one.bleu, "slots": lambda one: one.slots, "accuracy": lambda one: one.exact}[metric]
    return {name: score(guessing(kinds)) for name, kinds in GUESSES.items() if metric != "accuracy" or len(kinds) == 1}


@dataclass(frozen=True)
class Found:
    """A study's result, asked by the method's name in it."""

    result: Mapping

    def value(self, method: str, metric: str = "bleu", on: str = "") -> float:
        """The median. KeyError where there is no such row."""
        return self._row(method, metric, on)["value"]

    def each(self, method: str, metric: str = "slots", on: str = "") -> tuple[float, ...]:
        """Every repetition."""
        row = self._row(method, metric, on)
        return repetitions.each(row["key"], metric, row["on"], tuple(self.result["keys"]))

    def complete(self, *methods: str, on: str = "") -> str:
        """How many repetitions of these methods tell every fact, in words."""
        values = [value for method in methods for value in self.each(method, on=on)]
        return f"{sum(value >= COMPLETE for value in values)} of {len(values)}"

    def lower(self, one: str, other: str, metric: str = "bleu", on: str = "") -> bool:
        """Whether the quartiles of one method lie below those of another, so that it is decided which has less."""
        return self._row(one, metric, on)["q75"] < self._row(other, metric, on)["q25"]

    def methods(self) -> list[str]:
        """Everything that was tried, in order."""
        return list(dict.fromkeys(row["method"] for row in self.result["rows"]))

    def _row(self, method: str, metric: str, on: str) -> dict:
        for row in self.result["rows"]:
            if (row["method"], row["metric"]) == (method, metric) and row["on"].endswith(on):
                return row
        raise KeyError(f"no {metric} of {method} in {self.result['study']}")


def said(name: str, result: Mapping) -> str:
    """What a study found, as a paragraph."""
    return FINDINGS[name](Found(result))


def _reads(found: Found) -> str:
    right, unfounded = (found.value("pretrained", "accuracy", on) for on in (": table", ": unfounded"))
    return (f"Only **tables** stay at {right:.0%}, and hardly more is possible: which of the {TRAINED_STYLES} ways is meant, nobody says. The first table of a sequence is right once in "
            f"{TRAINED_STYLES}, by luck; the second can copy the way of the first. With two to a sequence that makes {(1 + 1 / TRAINED_STYLES) / 2:.0%}. "
            f"The last bar has to be low: a fact that is not given can only be guessed ({unfounded:.0%}; chance is {CHANCE:.1%}).")


def _depth(found: Found) -> str:
    last, two, every = "last layer", "last two layers", "every layer"
    apart = "which is less" if found.lower(two, every) else "and the repetitions of both mix, so that nobody can say which is better"
    return (f"**Tables.** In the last layer alone a prefix reaches {found.value(last):.0f} BLEU; somebody who knows the new form and the name, but guesses all four facts, gets "
            f"{guessing(ALL).bleu:.0f}. In the last two layers it is {found.value(two):.0f}, {apart}. In every layer, all facts are told by {found.complete(every, on=': table')} repetitions only: {found.value(every):.0f} BLEU in the middle, and "
            f"{found.value(every, 'accuracy'):.0%} of sentences exact, whatever the verdict. **Summaries** have three facts, and there every layer makes {found.value(every, 'accuracy', ': summary'):.1%} exact, "
            f"the last two {found.value(two, 'accuracy', ': summary'):.1%}.")


def _reparametrisation(found: Found) -> str:
    bleu = {way: {rate: found.value(f"{way}, rate {rate:g}") for rate in RATES} for way in WAYS}
    best, worst = ({way: pick(rates, key=rates.get) for way, rates in bleu.items()} for pick in (max, min))
    direct, mapped = WAYS
    text = (f"Directly, the best rate is {best[direct]:g} ({bleu[direct][best[direct]]:.0f} BLEU) and the worst {worst[direct]:g} ({bleu[direct][worst[direct]]:.0f}); through the MLP "
            f"the best is {best[mapped]:g} ({bleu[mapped][best[mapped]]:.0f}) and the worst {worst[mapped]:g} ({bleu[mapped][worst[mapped]]:.0f}). ")
    if best[direct] > best[mapped] and worst[direct] < worst[mapped]:
        text += "Both are sensitive, at opposite ends: the MLP does not widen the range of good rates, it moves it to smaller ones. "
    usual = PREFIX.learning_rate
    if best[direct] != usual:
        text += f"All other prefixes on this page are tuned directly at {usual:g} ({bleu[direct][usual]:.0f} here): {best[direct]:g} might have served them better."
    return text


def _placement(found: Found) -> str:
    where = ("prefix", "infix", "around")
    deep, flat = ([found.value(f"{kind}, {name}") for name in where] for kind in ("every layer", "embedding"))
    return (f"*Prefix*: in front of the table. *Infix*: between table and text. *Around*: half here, half there. In **every layer** the medians lie between {min(deep):.0f} and {max(deep):.0f} BLEU, "
            f"and the repetitions mix. **Before the first layer only**, which the claim leaves out, the place decides: {flat[0]:.0f} in front, {flat[1]:.0f} between, {flat[2]:.0f} around. "
            "Vectors in front are worked out before the table is read; those behind it can look at it. *After* the text cannot be tried: nothing that is written would see vectors behind it.")


def _initialisation(found: Found) -> str:
    bleu = {way: found.value(way) for way in found.methods()}
    best, worst = max(bleu, key=bleu.get), min(bleu, key=bleu.get)
    others = [way for way in bleu if way != best]
    task = "words of the task"
    return (f"From {best} the median is {bleu[best]:.0f} BLEU, from {worst} {bleu[worst]:.0f}; {task} are {'better' if bleu[task] > bleu['random numbers'] + 1 else 'no better'} than random numbers "
            f"({bleu[task]:.0f} and {bleu['random numbers']:.0f}). What differs is how many facts are found before the {PREFIX.steps} steps are over: {found.complete(best)} repetitions from {best} tell them all, "
            f"from everything else {found.complete(*others)}. Three repetitions cannot say whether these words are good ones or lucky ones.")


def _low_data(found: Found) -> str:
    few, many = ([f"PrefixPT, {size} documents" for size in SIZES if keep(size)] for keep in (lambda size: size < 1000, lambda size: size >= 1000))
    weights = min(found.value(f"FullWT, {size} documents") for size in SIZES)
    times = [PREFIX.steps * PREFIX.batch / size for size in (SIZES[0], SIZES[-1])]
    return (f"All weights tuned reach {weights:.0f} BLEU from {SIZES[0]} documents on, so a prefix can at best draw level; in the paper, where they do not, it is 2.9 ahead. More documents did **not** help the prefix: with fewer than 1,000, "
            f"{found.complete(*few)} prefixes tell all facts, with more {found.complete(*many)}. Each gets {PREFIX.steps} steps of {PREFIX.batch}: of {SIZES[0]} documents each comes {times[0]:.0f} times, of {SIZES[-1]:,} "
            f"{'once' if round(times[1]) == 1 else f'{times[1]:.1f} times'}. Seeing the same ones again may be what helps; three prefixes for each size do not prove it.")


def _length(found: Found) -> str:
    short, long = ([name for name in found.methods() if keep(int(name.split()[0]))] for keep in (lambda k: k <= 8, lambda k: k > 8))
    one, two = (guessing(kinds).bleu for kinds in GUESSES.values())
    return (f"BLEU stands on stairs: near {two:.0f} two facts are guessed, near {one:.0f} one, at 100 none. With more than eight vectors {found.complete(*long)} repetitions reach the top within {PREFIX.steps} steps, "
            f"with eight or fewer {found.complete(*short)}. So there was more to gain beyond eight than the claim says: not a finer sentence, but one more fact looked up.")


FINDINGS: dict[str, Callable[[Found], str]] = {
    "tiny-language": _reads, "depth": _depth, "reparametrisation": _reparametrisation, "placement": _placement,
    "initialisation": _initialisation, "low-data": _low_data, "length": _length,
}
VALUES = len(PERSON["pet"])
"""Among how many a fact is guessed."""
