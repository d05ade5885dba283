"""Prompts that read as a sentence of somebody's choice: what the pull to its words costs, and what a visitor's own is worth."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from tutor.core.threads import fix_threads
from tutor.figures import AnchorScore, Picture, Score, anchor_picture
from tutor.figures.picture import join_names
from tutor.methods import SoftPT
from tutor.methods.priors import Vocabulary
from tutor.runs.spec import RunSpec
from tutor.sources.language import decode
from tutor.sources.language.typed import parse_words
from tutor.studies.embedding_presets import DECOYS, UNTUNED
from tutor.studies.row_fields import find, select
from tutor.studies.vector_scores import held_out_loss_behind, shuffle_rows
from tutor.studies.waywardness import weakest_full_anchor
from tutor.ui.labs.embeddings import live_tuning, tuned_vectors
from tutor.ui.run_views import catalog

MEASURES = {"bleu": "BLEU", "loss": "held-out loss (nats per token)"}
MAX_WORDS = 16
"""Words of a sentence that a prompt may have to read as."""
STRENGTH = 1.0
"""Of the pull that a visitor finds: most words are as wished then, and half of the task is still done."""
AS_GOOD, IN_PART = 0.98, 0.1
"""Shares of the gain in BLEU that a free prompt brings: from the first on as good as it (Khashabi et al. 2022), from the second on in
part."""


def list_strengths(result: Mapping) -> dict[str, list[float]]:
    """Anchor strengths in a result, by sentence, in ascending order."""
    found = {name: {row["fields"].get("strength") for row in select(result["rows"], decoy=name)} - {None} for name in DECOYS}
    return {name: sorted(several) for name, several in found.items() if several}


def score_strengths(result: Mapping, measure: str) -> dict[str, list[AnchorScore]]:
    """Scores at each of these strengths, by sentence; with the measure "loss" also that of shuffled vectors, where the result has it."""
    def score(metric: str, **setting: str | float) -> Score:
        row = find(result["rows"], metric=metric, **setting)
        return Score(row["value"], row["q25"], row["q75"])

    def scored(name: str, strength: float) -> AnchorScore:
        setting = {"decoy": name, "strength": strength}
        other = [row["value"] for row in select(result["rows"], metric="shuffled", **setting)] if measure == "loss" else []
        return AnchorScore(strength, score("read", **setting), score(measure, **setting), other[0] if other else None)

    return {name: [scored(name, strength) for strength in found] for name, found in list_strengths(result).items()}


def free_of(result: Mapping, name: str, measure: str) -> float:
    """Score of the soft prompt without an anchor that has as many vectors as the sentence `name` has words."""
    return find(result["rows"], decoy=name, strength=None, metric=measure)["value"]


def nothing_of(result: Mapping, measure: str) -> float:
    """Score of the network without a prompt."""
    return find(result["rows"], method=UNTUNED.method.kind, metric=measure)["value"]


def draw_tradeoff(result: Mapping, measure: str) -> Picture:
    """Draw how many words read as wished against the score on the task, by anchor strength."""
    found = score_strengths(result, measure)
    free = {name: free_of(result, name, measure) for name in found}
    return anchor_picture(found, free=free, nothing=nothing_of(result, measure), measure=MEASURES[measure], log=measure == "loss")


CHEAP = 0.95
"""Share of the gain that is nearly all."""


def describe_tradeoff(result: Mapping) -> str:
    """Describe, for each sentence, the strength at which it is read in full and the share of the gain that is left there."""
    said, nothing = [], nothing_of(result, "bleu")
    for name, found in score_strengths(result, "bleu").items():
        free = free_of(result, name, "bleu")
        whole = weakest_full_anchor({one.strength: one.read.q25 for one in found})
        held = next((one for one in found if one.strength == whole), None)
        cheap = max(
            (one for one in found if share_of_gain(one.score.value, free, nothing) >= CHEAP),
            key=lambda one: one.read.value,
            default=None,
        )
        if cheap is not None and cheap != held:
            said.append(f"of {name} **{cheap.read.value:.0%}** of the words are read at strength {cheap.strength:g} while nearly all of "
                        f"the gain stays ({min(1.0, share_of_gain(cheap.score.value, free, nothing)):.0%})")
        if held is None:
            most = max(found, key=lambda one: one.read.value)
            said.append(f"{name} is never read whole, at most {most.read.value:.0%} of it"
                        if most.read.value < 1 else f"{name} is read whole now and then, but from no strength on by all repetitions")
        else:
            said.append(f"{name} is read whole from strength **{held.strength:g}** on, where "
                        f"**{max(0.0, share_of_gain(held.score.value, free, nothing)):.0%}** of the gain is left")
    return f"Of the BLEU that a prompt of as many vectors gains without the pull: {'; '.join(said)}."


def cheap_facts(result: Mapping) -> dict[str, float]:
    """Facts for lessons: the largest share of a sentence that prompts read as (`read`) which keep at least the share CHEAP of the gain."""
    nothing = nothing_of(result, "bleu")
    cheap = [one for name, found in score_strengths(result, "bleu").items() for one in found
             if share_of_gain(one.score.value, free_of(result, name, "bleu"), nothing) >= CHEAP]
    return {"read": max((one.read.value for one in cheap), default=0.0), "kept": CHEAP}


def list_decoys(result: Mapping) -> str:
    """List the sentences that the prompts of the study must read as, with their names."""
    return "; ".join(f"{name}: *{DECOYS[name].removesuffix('.').strip()}*" for name in list_strengths(result))


def count_repetitions(result: Mapping) -> int:
    """Number of repetitions of each prompt in the study."""
    return max(row["repetitions"] for row in result["rows"])


def describe_controls(result: Mapping) -> str:
    """Describe the losses of the untuned sentences and of shuffled vectors; "" where the result has neither."""
    settings = [{"decoy": name, "strength": strength} for name, found in list_strengths(result).items() for strength in found]
    middle = {metric: [row["value"] for setting in settings for row in select(result["rows"], metric=metric, **setting)]
              for metric in ("before", "shuffled")}
    said = [(f"the sentences untuned lose {_spread(middle['before'])}" if middle["before"] else ""),
            (f"tuned vectors in another order {_spread(middle['shuffled'])}" if middle["shuffled"] else "")]
    told = join_names([part for part in said if part] or [""])
    return f" As controls, {told} nats per token." if told else ""


def _spread(values: list[float]) -> str:
    return " to ".join(dict.fromkeys(f"{end:.3g}" for end in (min(values), max(values))))


def share_of_gain(value: float, free: float, nothing: float) -> float:
    """Share of an unanchored prompt's gain that `value` reaches; 0 is no better than no prompt."""
    return (value - nothing) / (free - nothing)


def parse_decoy(text: str) -> tuple[int, ...]:
    """Parse a visitor's sentence into word ids.

    Raises
    ------
    ValueError
        Where a word is not in the language, or there are none or more than MAX_WORDS.
    """
    return parse_words(text, MAX_WORDS)


def read_vectors(key: str, wanted: tuple[int, ...]) -> tuple[str, int]:
    """Return the words nearest to a run's vectors (by distance), and how many of them are the wanted ones at their positions."""
    ids = tuned_vectors.nearest_word_ids(key, "distance")
    return decode(ids), sum(one == other for one, other in zip(ids, wanted, strict=True))


@dataclass(frozen=True)
class AnchoredScore:
    """How many words of a prompt read as wished, and its BLEU beside that of an unanchored prompt and of none."""

    right: int
    words: int
    bleu: float
    free: float
    nothing: float

    @property
    def sentence(self) -> str:
        """The scores in a sentence."""
        share, whole = share_of_gain(self.bleu, self.free, self.nothing), self.right == self.words
        reads = "It reads as you wished" if whole else f"{self.right} of {self.words} words read as you wished"
        joined = "and" if whole == (share >= AS_GOOD) else "but"
        return (f"{reads}, {joined} it {_does(share)} (BLEU {self.bleu:.3g}; without the pull {self.free:.3g}, without a prompt "
                f"{self.nothing:.3g}).")


def _does(share: float) -> str:
    if share >= AS_GOOD:
        return "does its task as well as a prompt without the pull"
    return (f"does its task {'in part' if share >= IN_PART else 'no more'}: **{max(0.0, share):.0%}** of what a prompt without the pull "
            "gains is left")


def free_spec(spec: RunSpec) -> RunSpec:
    """Return the same tuning without an anchor, with as many vectors."""
    return spec.model_copy(update={"method": SoftPT(length=spec.method.positions, prior=Vocabulary())})


def find_free_prompt(result: Mapping | None, own: RunSpec) -> tuple[str, dict[str, float]] | None:
    """Find an unanchored prompt to compare a visitor's prompt with.

    Parameters
    ----------
    result
        The study's result; None where it is not computed.
    own
        The visitor's own unanchored tuning, preferred if finished; otherwise the study's prompt with the closest length is used.

    Returns
    -------
    tuple or None
        Label, and loss and BLEU; None where there is no such prompt.
    """
    words = own.method.positions
    if catalog.run_state(own.key()) == "done":
        return f"{words} vectors without the pull", live_tuning.load_scores(own.key())
    if result is None:
        return None
    name = min(list_strengths(result), key=lambda name: abs(len(DECOYS[name].split()) - words))
    label = f"{len(DECOYS[name].split())} vectors without the pull, of the study"
    return label, {metric: free_of(result, name, metric) for metric in MEASURES}


@st.cache_data(max_entries=64, show_spinner="Measuring the controls ...")
def control_losses(key: str, words: tuple[int, ...]) -> tuple[float, float]:
    """Held-out losses (nats per token) of a run's vectors in random order, and of the sentence's own embeddings."""
    with fix_threads():
        network, rows = tuned_vectors.load_network(), tuned_vectors.current_vectors(key)
        return held_out_loss_behind(network, shuffle_rows(rows, 0)), held_out_loss_behind(
            network, tuned_vectors.word_space().words[list(words)]
        )


def tabulate_controls(key: str, words: tuple[int, ...], free: tuple[str, dict[str, float]] | None) -> pd.DataFrame:
    """Make a table of loss and BLEU of a visitor's prompt and its controls."""
    order, untuned = control_losses(key, words)
    lines = {"this prompt": live_tuning.load_scores(key)} | ({free[0]: free[1]} if free else {})
    lines |= {"its vectors in another order": {"loss": order}, "the sentence untuned": {"loss": untuned},
              "no prompt": live_tuning.load_scores(UNTUNED.key())}
    return pd.DataFrame([{"in front of a summary": name, "held-out loss (nats)": f"{found['loss']:.3g}",
                          "BLEU": f"{found['bleu']:.3g}" if "bleu" in found else ""} for name, found in lines.items()])


def score_prompt(key: str, words: tuple[int, ...], free: tuple[str, dict[str, float]]) -> AnchoredScore:
    """Score a visitor's prompt against an unanchored one and none."""
    bleu = [scores["bleu"] for scores in (live_tuning.load_scores(key), free[1], live_tuning.load_scores(UNTUNED.key()))]
    return AnchoredScore(read_vectors(key, words)[1], len(words), *bleu)
