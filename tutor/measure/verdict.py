"""From measures to one verdict in words, with the evidence that decided; every decision needs the whole interval on one side."""

from collections.abc import Callable

from tutor.measure.diagnosis_report import INCONCLUSIVE, PARTLY, RETRIEVES, SOFT_PROMPT, Measure

KEPT_MOST = 0.8
"""A wrong store that keeps four fifths of the gain leaves a fifth to retrieval at most: less than the usual spread over seeds."""
KEPT_LITTLE = 0.2
"""The same the other way round: at most a fifth of the gain is there without the right content."""
CONSTANT = 0.01
"""Variance relative to the squared norm: vectors that differ by a tenth of their length. Below, they are called constant."""
LEAST_GAIN = 1e-9
"""Nats; less is the rounding of losses, and shares of it mean nothing."""
HALF = 0.5
"""A soft prompt that cannot reach half of the gain is no account of it."""
CONTENT = ("shuffled", "other_domain")
"""Stores of real entries: only what they say is wrong. A gain that is lost is lost for want of the right content, or because the wrong one
is believed, which only somebody does who relies on what is found."""
FORM = ("zeroed", "random")
"""Stores of no entries at all: they may do harm by their form alone, so they show something only where the gain stays."""

OTHER_SEEDS = "the same for pipelines trained from other seeds: these intervals are over examples of one pipeline"
COUNTS = "pipeline_parameters and soft_prompt_parameters, for the gain per parameter"

Find = Callable[[str], Measure | None]


def decide_verdict(find: Find, stores: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """Verdict and the evidence that decided; `find` gives a measure by its key, `stores` are the names of ablated stores."""
    gain = find("gain")
    if gain.low <= LEAST_GAIN:
        sign = "lies below zero: the pipeline does harm" if gain.high < 0 else "includes zero"
        return INCONCLUSIVE, (
            f"The interval of the gain, {describe_measure(gain)}, {sign}, so there is no clear gain to explain.",
            "Shares of the gain and the gain per parameter are not computed.",
        )
    decisive = decisive_store(find, stores)
    return decide_by_vectors(find, stores) if decisive is None else decide_by_store(find, decisive)


def decisive_store(find: Find, stores: tuple[str, ...]) -> Measure | None:
    """The shuffled store, or else the other domain's; None where neither was tried."""
    return next((find(f"store_{name}") for name in CONTENT if name in stores), None)


def decide_by_store(find: Find, kept: Measure) -> tuple[str, tuple[str, ...]]:
    """The verdict where a store with wrong content was tried."""
    fact = f"{kept.name}: {describe_measure(kept)}"
    against = list_contradictions(find)
    if kept.above(KEPT_MOST):
        soft = find("soft_share")
        if soft is not None and soft.below(HALF) and not find("variance_most").below(CONSTANT):
            return INCONCLUSIVE, (
                f"{fact}, so the entries do not matter.",
                f"A soft prompt reproduces only {describe_measure(soft)} of the gain. So the context may carry the question itself, or "
                f"the soft prompt was not tuned enough.",
            )
        also = (f"A soft prompt reproduces {describe_measure(soft)} of the gain.",) if soft is not None else ()
        return SOFT_PROMPT, (f"{fact}, at least {KEPT_MOST:g}: the gain stays when every entry is wrong.", *also)
    if kept.below(KEPT_LITTLE):
        return (INCONCLUSIVE if against else RETRIEVES), (f"{fact}, at most {KEPT_LITTLE:g}: the gain needs the right entries.", *against)
    if kept.above(KEPT_LITTLE) and kept.below(KEPT_MOST):
        return (INCONCLUSIVE if against else PARTLY), (f"{fact}, between {KEPT_LITTLE:g} and {KEPT_MOST:g}: "
                                                       "one part of the gain needs the right entries, another does not.", *against)
    return INCONCLUSIVE, (f"{fact}: the interval lies across a threshold ({KEPT_LITTLE:g} or {KEPT_MOST:g}).",)


def decide_by_vectors(find: Find, stores: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The verdict where no content was replaced: what does not change with the input cannot retrieve, and no more can be shown."""
    most = find("variance_most")
    if most.below(CONSTANT):
        return SOFT_PROMPT, (
            f"Even the context vector that changes most has a relative variance of {describe_measure(most)}, at most {CONSTANT:g}: "
            "the context is the same for every input.",
        )
    for kept in (find(f"store_{name}") for name in FORM if name in stores):
        if kept.above(KEPT_MOST):
            return SOFT_PROMPT, (f"{kept.name}: {describe_measure(kept)}, at least {KEPT_MOST:g}: the gain stays without any entry.",)
    return INCONCLUSIVE, ("No store with wrong content was tried, so it is open whether the right entries matter. That the context "
                          f"vectors change (relative variance up to {describe_measure(most)}) is not enough.",)


def list_contradictions(find: Find) -> tuple[str, ...]:
    """What speaks against retrieval although the store matters."""
    found, most = [], find("variance_most")
    if most.below(CONSTANT):
        found.append(
            f"But the context vectors hardly change (relative variance at most {describe_measure(most)}), and a constant cannot retrieve."
        )
    asked = [measure for measure in (find("information"), find("hit_rate")) if measure is not None]
    if asked and all(measure.low <= measure.chance_high for measure in asked):
        found.append("But the retrieved entry tells no more about the needed entry than chance: "
                     + "; ".join(f"{measure.name} {describe_measure(measure)}" for measure in asked) + ".")
    return tuple(found)


def list_missing(find: Find, stores: tuple[str, ...], examples: int, *, counted: bool) -> tuple[str, ...]:
    """What would make the verdict firmer, most telling first; `counted`: whether it is known how many numbers were trained."""
    lacks = {"store_shuffled: losses with the store's contents shuffled, the one ablation that keeps every form": "shuffled" not in stores,
             "store_other_domain: losses with another domain's store, to confirm the shuffled one": "other_domain" not in stores,
             "soft_prompt: losses with as many tuned vectors, at the same budget": find("soft_prompt_gain") is None,
             "needed and retrieved: which entry holds the answer, and which was found": find("information") is None,
             COUNTS: not counted,
             f"more examples: {examples} make wide intervals, 300 and more are usual": examples < 300}
    return (*(text for text, lacking in lacks.items() if lacking), OTHER_SEEDS)


def describe_measure(measure: Measure) -> str:
    """A measure in one line: value, interval and unit."""
    return f"{measure.value:.3g} ({measure.low:.3g} to {measure.high:.3g}){' ' + measure.unit if measure.unit else ''}"
