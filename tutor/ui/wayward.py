"""Prompts that read as a sentence of somebody's choice: what a leash costs, leash by leash, and what one of a visitor's own is worth."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

import pandas as pd
import streamlit as st

from tutor.figures import Leash, Picture, Score, leash_picture
from tutor.figures.picture import listed
from tutor.methods import SoftPT
from tutor.priors import Vocabulary
from tutor.runner import one_thread_count
from tutor.sources.language import decode
from tutor.sources.language.typed import typed
from tutor.spec import RunSpec
from tutor.studies.embedding_presets import DECOYS, UNTUNED
from tutor.studies.vectors import losing, shuffled
from tutor.studies.waywardness import FREE, NOTHING, read_whole
from tutor.ui import catalog, embeddings, prompting

MEASURES = {"bleu": "BLEU", "loss": "held-out loss (nats per token)"}
LONGEST = 16
"""Words of a sentence that a prompt may have to read as."""
STRENGTH = 1.0
"""Of the leash that a visitor finds: most words are as wished then, and half of the task is still done."""
AS_GOOD, IN_PART = 0.98, 0.1
"""Shares of the gain in BLEU that a free prompt brings: from the first on as good as it (Khashabi et al. 2022), from the second on in part."""
Cells = Mapping[tuple[str, str], Mapping]


def cells(result: Mapping) -> Cells:
    """The rows of the study by what was measured, of which prompt."""
    return {(row["method"], row["metric"]): row for row in result["rows"]}


def strengths(result: Mapping) -> dict[str, list[float]]:
    """The leashes of each sentence that the result holds, loose to tight."""
    found = sorted({row["method"].rpartition(", strength ")[::2] for row in result["rows"] if ", strength " in row["method"]}, key=lambda pair: (list(DECOYS).index(pair[0]), float(pair[1])))
    return {name: [float(strength) for _, strength in pairs] for name, pairs in groupby(found, key=lambda pair: pair[0])}


def leashes(result: Mapping, measure: str) -> dict[str, list[Leash]]:
    """The same with what was measured on them; the loss of shuffled vectors where the result has it."""
    scored = cells(result)

    def score(method: str, metric: str) -> Score:
        row = scored[method, metric]
        return Score(row["value"], row["q25"], row["q75"])

    def leash(name: str, strength: float) -> Leash:
        method = f"{name}, strength {strength:g}"
        other = scored.get((method, "shuffled")) if measure == "loss" else None
        return Leash(strength, score(method, "read"), score(method, measure), other and other["value"])

    return {name: [leash(name, strength) for strength in found] for name, found in strengths(result).items()}


def drawn(result: Mapping, measure: str) -> Picture:
    """What the leash does to the reading and to the task."""
    scored, found = cells(result), leashes(result, measure)
    free = {name: scored[f"{name}, {FREE}", measure]["value"] for name in found}
    return leash_picture(found, free=free, nothing=scored[NOTHING, measure]["value"], measure=MEASURES[measure], log=measure == "loss")


CHEAP = 0.95
"""Share of the gain that is nearly all."""


def finding(result: Mapping) -> str:
    """What the study found of each sentence, in sentences that follow its numbers."""
    scored, said = cells(result), []
    for name, found in leashes(result, "bleu").items():
        free, nothing = (scored[method, "bleu"]["value"] for method in (f"{name}, {FREE}", NOTHING))
        whole = read_whole({leash.strength: leash.read.q25 for leash in found})
        held = next((leash for leash in found if leash.strength == whole), None)
        cheap = max((leash for leash in found if kept(leash.score.value, free, nothing) >= CHEAP), key=lambda leash: leash.read.value, default=None)
        if cheap is not None and cheap != held:
            said.append(f"of {name} **{cheap.read.value:.0%}** of the words are read at strength {cheap.strength:g} while nearly all of the gain is left ({min(1.0, kept(cheap.score.value, free, nothing)):.0%})")
        if held is None:
            most = max(found, key=lambda leash: leash.read.value)
            said.append(f"{name} is never read whole, at most {most.read.value:.0%} of it" if most.read.value < 1 else f"{name} is read whole now and then, but from no strength on by all repetitions")
        else:
            said.append(f"{name} is read whole from strength **{held.strength:g}** on, where **{max(0.0, kept(held.score.value, free, nothing)):.0%}** of the gain is left")
    return f"Of the BLEU that a prompt of as many vectors gains without a leash: {'; '.join(said)}."


def sentences(result: Mapping) -> str:
    """What the prompts of the study have to read as."""
    return "; ".join(f"{name}: *{DECOYS[name].removesuffix('.').strip()}*" for name in strengths(result))


def repetitions(result: Mapping) -> int:
    """How often each prompt of the study was tuned."""
    return max(row["repetitions"] for row in result["rows"])


def controls(result: Mapping) -> str:
    """What the sentences lose untuned, and what tuned vectors lose in another order, where the result says so; else nothing."""
    scored = cells(result)
    methods = [f"{name}, strength {strength:g}" for name, found in strengths(result).items() for strength in found]
    middle = {metric: [scored[method, metric]["value"] for method in methods if (method, metric) in scored] for metric in ("before", "shuffled")}
    said = [(f"the sentences untuned lose {_spread(middle['before'])}" if middle["before"] else ""), (f"tuned vectors in another order {_spread(middle['shuffled'])}" if middle["shuffled"] else "")]
    told = listed([part for part in said if part] or [""])
    return f" As controls, {told} nats per token." if told else ""


def _spread(values: list[float]) -> str:
    return " to ".join(dict.fromkeys(f"{end:.3g}" for end in (min(values), max(values))))


def kept(value: float, free: float, nothing: float) -> float:
    """Share of what a free prompt gains that this one gains; 0 is no better than no prompt."""
    return (value - nothing) / (free - nothing)


def decoy(text: str) -> tuple[int, ...]:
    """A visitor's sentence as words of the language. ValueError with one sentence where it is none."""
    return typed(text, LONGEST)


def read_as(key: str, wanted: tuple[int, ...]) -> tuple[str, int]:
    """What the vectors of a run read as (nearest words by distance), and how many of them as what was wanted."""
    ids = embeddings.nearest(key, "distance")
    return decode(ids), sum(one == other for one, other in zip(ids, wanted, strict=True))


@dataclass(frozen=True)
class Worth:
    """How a prompt reads and what it is worth: words as wished of all, and its BLEU beside that of a free prompt and of none."""

    right: int
    words: int
    bleu: float
    free: float
    nothing: float

    @property
    def sentence(self) -> str:
        """What the numbers say."""
        share, whole = kept(self.bleu, self.free, self.nothing), self.right == self.words
        reads = "It reads as you wished" if whole else f"{self.right} of {self.words} words read as you wished"
        joined = "and" if whole == (share >= AS_GOOD) else "but"
        return f"{reads}, {joined} it {_does(share)} (BLEU {self.bleu:.3g}; without a leash {self.free:.3g}, without a prompt {self.nothing:.3g})."


def _does(share: float) -> str:
    if share >= AS_GOOD:
        return "does its task as well as a prompt without a leash"
    return f"does its task {'in part' if share >= IN_PART else 'no more'}: **{max(0.0, share):.0%}** of what a prompt without a leash gains is left"


def loose(spec: RunSpec) -> RunSpec:
    """The same tuning of as many vectors that may go where they like."""
    return spec.model_copy(update={"method": SoftPT(length=spec.method.positions, prior=Vocabulary())})


def beside(result: Mapping | None, own: RunSpec) -> tuple[str, dict[str, float]] | None:
    """What a free prompt is called, and its loss and BLEU: the visitor's own of this length where it is tuned, else the study's nearest in length."""
    words = own.method.positions
    if catalog.state(own.key()) == "done":
        return f"{words} vectors without a leash", prompting.scores(own.key())
    if result is None:
        return None
    scored = cells(result)
    name = min(strengths(result), key=lambda name: abs(len(DECOYS[name].split()) - words))
    return f"{len(DECOYS[name].split())} vectors without a leash, of the study", {metric: scored[f"{name}, {FREE}", metric]["value"] for metric in MEASURES}


@st.cache_data(max_entries=64, show_spinner="Measuring the controls ...")
def losses_of(key: str, words: tuple[int, ...]) -> tuple[float, float]:
    """Held-out loss of a run's vectors in another order, and of the untouched sentence."""
    with one_thread_count():
        network, rows = embeddings.network(), embeddings.now(key)
        return losing(network, shuffled(rows, 0)), losing(network, embeddings.ground().words[list(words)])


def compared(key: str, words: tuple[int, ...], free: tuple[str, dict[str, float]] | None) -> pd.DataFrame:
    """Loss and BLEU of a visitor's prompt beside its controls."""
    order, untuned = losses_of(key, words)
    lines = {"this prompt": prompting.scores(key)} | ({free[0]: free[1]} if free else {})
    lines |= {"its vectors in another order": {"loss": order}, "the sentence untuned": {"loss": untuned}, "no prompt": prompting.scores(UNTUNED.key())}
    return pd.DataFrame([{"in front of a summary": name, "held-out loss (nats)": f"{found['loss']:.3g}", "BLEU": f"{found['bleu']:.3g}" if "bleu" in found else ""} for name, found in lines.items()])


def worth(key: str, words: tuple[int, ...], free: tuple[str, dict[str, float]]) -> Worth:
    """What a visitor's prompt is worth."""
    bleu = [scores["bleu"] for scores in (prompting.scores(key), free[1], prompting.scores(UNTUNED.key()))]
    return Worth(read_as(key, words)[1], len(words), *bleu)
