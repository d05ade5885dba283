"""What each study of list tasks found, and why: a few sentences made from its numbers, so that they cannot say anything else."""

from collections.abc import Callable, Mapping
from itertools import pairwise

from tutor.figures.picture import join_names
from tutor.methods import LoRAWT
from tutor.studies import FAST, PAPER, STUDIES
from tutor.studies.compose import COMPOSED, COUNTED, TEN
from tutor.studies.equal_parameters import VECTORS_PER_RANK
from tutor.studies.list_presets import choose_sizes
from tutor.studies.suffix import BEFORE, BEHIND, LENGTH
from tutor.studies.universality import LENGTHS
from tutor.ui.labs.prefixes.findings import StudyScores

DONE, NOT_DONE = 0.8, 0.2
"""Shares of lists from which on a task counts as learned, and up to which as not: the bounds of the studies' checks."""


def describe_finding(name: str, result: Mapping) -> str:
    """Describe in a paragraph what a study of list tasks found.

    Raises
    ------
    KeyError
        Where there is no paragraph for this study.
    """
    return FINDINGS[name](StudyScores(result))


def share_in_words(share: float) -> str:
    """Word for a share: from "hardly ever" to "nearly always"."""
    return next(word for least, word in ((0.95, "nearly always"), (0.5, "most of the time"), (NOT_DONE, "now and then"),
                                         (0.0, "hardly ever")) if share >= least)


def _compose(found: StudyScores) -> str:
    both, counted = (found.value("accuracy", task=task) for task in (COMPOSED, COUNTED))
    other = "is another matter" if counted < NOT_DONE <= both else "comes out as well" if counted >= DONE else "comes out"
    return (
        f"Sorting **and** adding one was never a task of this network, only each one alone. {TEN.length} vectors per layer bring it to do "
        f"both at once {share_in_words(both)}, in **{both:.0%}** of the lists. Counting how often a digit occurs {other}: "
        f"{share_in_words(counted)}, in "
        f"**{counted:.0%}**. No task that the network knew looks for equal digits."
    )


def _equal_parameters(found: StudyScores) -> str:
    ranks = sorted(found.values_of("rank", method="lora"))
    update, vectors = ({rank: found.value("accuracy", method=kind, rank=rank) for rank in ranks} for kind in ("lora", "prefix"))
    shares = "; ".join(f"**{update[rank]:.0%}** of the lists for an update of rank {rank}, **{vectors[rank]:.0%}** for a prefix of "
                       f"{VECTORS_PER_RANK * rank} vectors{_layers(rank)}" for rank in ranks)
    return ("To count, attention has to find **equal digits**, and the MLP has to make a number of how many there were. With as "
            f"many free numbers each, a low-rank update of the MLPs and a prefix answer right: {shares}. "
            f"{_who_counts(update, vectors)} {_rank_one(update)}".strip())


def _who_counts(update: Mapping[int, float], vectors: Mapping[int, float]) -> str:
    inside, front = max(update.values()), max(vectors.values())
    if inside < DONE:
        return "The prefix learns it, and the update does not." if front >= DONE else "Neither learns it."
    if front < NOT_DONE:
        return "So small changes inside the network learn to count; the same number of free numbers in front of it does not."
    return f"So small changes inside the network can do it; the prefix {'can as well' if front >= DONE else 'comes part of the way'}."


def _layers(rank: int) -> str:
    """In which network of ours an update of this rank is tried."""
    return next((f", in {contest.body.layers} layers" for contest in choose_sizes(FAST).contests if contest.rank == rank), "")


def _rank_one(update: Mapping[int, float]) -> str:
    """What one rank does in the authors' network, and in ours."""
    if 1 not in update:
        return ""
    study = STUDIES["equal-parameters"]
    ours, theirs = (next(spec.body for spec in study.specs(preset) if spec.is_tuning and spec.method == LoRAWT(rank=1, on="mlp"))
                    for preset in (FAST, PAPER))
    reported = next(one.value for one in study.reported if one.fields == {"method": "lora", "rank": 1})
    share = update[1]
    enough = "enough as well" if share >= DONE else "enough for most of the lists" if share >= 0.5 else "too little"
    return (f"**Rank one** lets the authors' network of {theirs.layers} layers and width {theirs.width} count ({reported:.0%}); in ours "
            f"of {ours.layers} layers and width {ours.width} it is {enough}.")


def _universality(found: StudyScores) -> str:
    excess = {k: found.value("excess", length=k) for k in LENGTHS}
    steps = [f"from {fewer} to {more} vectors {_step(found, fewer, more)}" for fewer, more in pairwise(LENGTHS)]
    right = found.value("accuracy", length=LENGTHS[-1])
    return (
        "It is proved that a Transformer can be prompted into approximating **any** function, with enough vectors. The proof does not "
        f"say how many are enough or how to find them. Tuned for as long each, {join_names([str(k) for k in LENGTHS])} vectors "
        f"leave {join_names([f'{excess[k]:.2f}' for k in LENGTHS])} nats too many: {'; '.join(steps)}. With {LENGTHS[-1]}, "
        f"**{right:.0%}** of the lists are answered right."
    )


def _step(found: StudyScores, fewer: int, more: int) -> str:
    few, many = {"length": fewer}, {"length": more}
    gone = 1 - found.value("excess", **many) / found.value("excess", **few)
    if found.lower(many, few, "excess"):
        return f"{gone:.0%} of them go"
    if found.lower(few, many, "excess"):
        return f"there are {-gone:.0%} more of them"
    return "the repetitions overlap, so it is open which is nearer"


def _suffix(found: StudyScores) -> str:
    left = {task: found.value("excess", place=BEHIND, task=task) / found.value("excess", place=BEFORE, task=task)
            for task in ("descending", COMPOSED, COUNTED)}
    composed, counted = left[COMPOSED], left[COUNTED]
    right = [found.value("accuracy", place=BEHIND, task=task) for task in (COMPOSED, COUNTED)]
    able, unable = "So being able to look at the list helps much here", "So being able to look at the list is not enough"
    return ("A vector **before** the list cannot know it; a vector **behind** the list can look at it and pass on what it sees, to the "
            "layers above. One layer has no layers above: there, on sorting the other way, "
            f"{LENGTH} vectors behind the list stay {left['descending']:.0%} as many nats away from the ideal predictor as {LENGTH} "
            f"before it. In several layers it is **{composed:.0%}** as many on sorting and adding one, and "
            f"**{counted:.0%}** on counting; they answer {right[0]:.0%} and {right[1]:.0%} of the lists right. "
            f"{able if max(composed, counted) < 0.5 else unable}.")


FINDINGS: dict[str, Callable[[StudyScores], str]] = {
    "compose": _compose, "equal-parameters": _equal_parameters, "universality": _universality, "suffix": _suffix,
}
