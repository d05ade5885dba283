"""What each study of list tasks found, and why: a few sentences made from its numbers, so that they cannot say anything else."""

from collections.abc import Callable, Mapping
from itertools import pairwise

from tutor.figures.picture import listed
from tutor.methods import LoRAWT
from tutor.studies import FAST, PAPER, STUDIES
from tutor.studies.compose import TEN
from tutor.studies.equal_parameters import VECTORS_PER_RANK, lora, prefix
from tutor.studies.length import named
from tutor.studies.list_presets import effort
from tutor.studies.suffix import BEFORE, BEHIND, LENGTH
from tutor.studies.universality import LENGTHS
from tutor.ui.findings import Found

DONE, NOT_DONE = 0.8, 0.2
"""Shares of lists from which on a task counts as learned, and up to which as not: the bounds of the studies' checks."""
COUNTING, COMPOSED = "Double histogram", "Ascending + add 1"


def said(name: str, result: Mapping) -> str:
    """What a study found, as a paragraph. KeyError where it tells nothing more than its table."""
    return FINDINGS[name](Found(result))


def often(share: float) -> str:
    """How often something comes out, in words."""
    return next(word for least, word in ((0.95, "nearly always"), (0.5, "most of the time"), (NOT_DONE, "now and then"), (0.0, "hardly ever")) if share >= least)


def _compose(found: Found) -> str:
    both, counted = (found.value("PrefixPT", "accuracy", on) for on in (COMPOSED, COUNTING))
    other = "is another matter" if counted < NOT_DONE <= both else "comes out as well" if counted >= DONE else "comes out"
    return (f"Sorting **and** adding one was never asked of this network, only each alone. {TEN.length} vectors per layer bring it to do both at once {often(both)}, in **{both:.0%}** of the lists. "
            f"Counting how often a digit occurs {other}: {often(counted)}, in **{counted:.0%}**. Nothing that the network knew looks at equal digits.")


def _equal_parameters(found: Found) -> str:
    kind = lora(1).rpartition(" ")[0]
    ranks = sorted(int(name.rpartition(" ")[2]) for name in found.methods() if name.startswith(kind))
    update, vectors = ({rank: found.value(called(rank), "accuracy") for rank in ranks} for called in (lora, prefix))
    shares = "; ".join(f"**{update[rank]:.0%}** of the lists for an update of rank {rank}, **{vectors[rank]:.0%}** for a prefix of {VECTORS_PER_RANK * rank} vectors{_layers(rank)}" for rank in ranks)
    return (f"To count, attention has to find **equal digits**, and the MLP has to make a number of how many there were. With as many free numbers each, a low-rank update of the MLPs and a prefix answer right: {shares}. "
            f"{_who_counts(update, vectors)} {_rank_one(update)}".strip())


def _who_counts(update: Mapping[int, float], vectors: Mapping[int, float]) -> str:
    inside, front = max(update.values()), max(vectors.values())
    if inside < DONE:
        return "The prefix learns it, and the update does not." if front >= DONE else "Neither learns it."
    if front < NOT_DONE:
        return "So small changes inside the network can do it; as many free numbers in front of it only push what is there already."
    return f"So small changes inside the network can do it; the prefix {'can as well' if front >= DONE else 'comes part of the way'}."


def _layers(rank: int) -> str:
    """In which network of ours an update of this rank is tried."""
    return next((f", in {contest.body.layers} layers" for contest in effort(FAST).contests if contest.rank == rank), "")


def _rank_one(update: Mapping[int, float]) -> str:
    """What one rank does in the authors' network, and in ours."""
    if 1 not in update:
        return ""
    study = STUDIES["equal-parameters"]
    ours, theirs = (next(spec.body for spec in study.specs(preset) if spec.is_tuning and spec.method == LoRAWT(rank=1, on="mlp")) for preset in (FAST, PAPER))
    reported, share = study.reported[lora(1), COUNTING], update[1]
    enough = "enough as well" if share >= DONE else "enough for most of the lists" if share >= 0.5 else "too little"
    return (f"**Rank one** lets the authors' network of {theirs.layers} layers and width {theirs.width} count ({reported:.0%}); in ours of {ours.layers} layers and width {ours.width} it is {enough}.")


def _universality(found: Found) -> str:
    excess = {k: found.value(named(k), "excess") for k in LENGTHS}
    steps = [f"from {fewer} to {more} vectors {_step(found, fewer, more)}" for fewer, more in pairwise(LENGTHS)]
    right = found.value(named(LENGTHS[-1]), "accuracy")
    return (f"It is proved that a Transformer can be prompted into approximating **any** function, with enough vectors. That says nothing about how many are enough, nor about how to find them. "
            f"Tuned for as long each, {listed([str(k) for k in LENGTHS])} vectors leave {listed([f'{excess[k]:.2f}' for k in LENGTHS])} nats too many: {'; '.join(steps)}. "
            f"With {LENGTHS[-1]}, **{right:.0%}** of the lists are answered right.")


def _step(found: Found, fewer: int, more: int) -> str:
    gone = 1 - found.value(named(more), "excess") / found.value(named(fewer), "excess")
    if found.lower(named(more), named(fewer), "excess"):
        return f"{gone:.0%} of them go"
    return f"there are {-gone:.0%} more of them" if found.lower(named(fewer), named(more), "excess") else "the repetitions mix, so that nobody can say which is nearer"


def _suffix(found: Found) -> str:
    left = {on: found.value(BEHIND, "excess", on) / found.value(BEFORE, "excess", on) for on in ("Descending", COMPOSED, COUNTING)}
    composed, counted = left[COMPOSED], left[COUNTING]
    much = "So to be able to look is worth much here" if max(composed, counted) < 0.5 else "So to be able to look is not yet to know what to do with it"
    return (f"A vector **before** the list cannot know it; a vector **behind** the list can look at it and pass on what it sees, to the layers above. One layer has no layers above: there, on sorting the other way, "
            f"{LENGTH} vectors behind the list stay {left['Descending']:.0%} as many nats away from the ideal predictor as {LENGTH} before it. In several layers it is **{composed:.0%}** as many on sorting and adding one, and "
            f"**{counted:.0%}** on counting; they answer {found.value(BEHIND, 'accuracy', COMPOSED):.0%} and {found.value(BEHIND, 'accuracy', COUNTING):.0%} of the lists right. {much}.")


FINDINGS: dict[str, Callable[[Found], str]] = {
    "compose": _compose, "equal-parameters": _equal_parameters, "universality": _universality, "suffix": _suffix,
}
