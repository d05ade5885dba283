"""Does a retrieval pipeline retrieve, or has it learned a soft prompt? Measures with intervals and controls, and one verdict.

In the spirit of "Your Retriever Is Just Doing Prompt Tuning" (MultiBob): ablate the store, watch the context vectors, tune a soft prompt.
Every measure is a mean over examples or a ratio of two, so one bootstrap of examples serves all of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from tutor.core.rng import stream
from tutor.measure import dependence, verdict
from tutor.measure.diagnosis_report import Measure, Report
from tutor.measure.efficiency import times_as_efficient
from tutor.measure.evidence import Evidence

DRAWS = 1_000
BLOCK_NUMBERS = 2**22
"""Numbers of one block of bootstrap weights."""
MIN_DENOMINATOR_SHARE = 1e-9
"""Part of its mean that a denominator must have in a draw."""
GUESSING = float(np.log(1e6))
"""Loss (nats per token) of a uniform guess among a million words; no vocabulary is larger."""
TINIEST = np.finfo(float).tiny
SIGNS = "the two losses of every example swapped by lot"
ENTRIES = "the entries of every vector shuffled"
PAIRS = "questions paired with what was retrieved for others"


def diagnose(evidence: Evidence, seed: int = 0) -> Report:
    """Decide from losses and vectors whether a retrieval pipeline retrieves or is a soft prompt in disguise.

    Parameters
    ----------
    evidence
        Losses [N] in nats and, where they are there, vectors and retrieved entries of the same N examples.
    seed
        Of the bootstrap and of every control.

    Returns
    -------
    Report
        Every measure that the evidence allows with its 95 % interval, and the verdict; the thresholds stand in
        `tutor.measure.verdict`.
    """
    measures = {measure.key: measure for part in (measure_losses, measure_vectors, measure_retrieval) for measure in part(evidence, seed)}
    stores = tuple(evidence.stores)
    word, because = verdict.decide_verdict(measures.get, stores)
    examples = len(evidence.no_context)
    shares = tuple(relative_variance(evidence.contexts[:, k]) for k in range(evidence.contexts.shape[1]))
    counted = None not in (evidence.pipeline_parameters, evidence.soft_prompt_parameters)
    lacks = (*list_doubts(evidence), *verdict.list_missing(measures.get, stores, examples, counted=counted))
    return Report(word, because, lacks, examples, tuple(measures.values()), shares)


def list_doubts(evidence: Evidence) -> tuple[str, ...]:
    """What the numbers themselves make one ask."""
    usual = float(np.median(evidence.no_context))
    if usual <= GUESSING:
        return ()
    return (f"losses in nats per token: half of no_context is above {usual:.3g}, which is worse than guessing among a million words "
            f"({GUESSING:.3g}); are these perplexities, or sums over tokens?",)


@dataclass(frozen=True)
class BootstrapMeans:
    """Means of per-example columns over all examples and over bootstrap draws."""

    columns: Mapping[str, Float[np.ndarray, " N"]]
    draws: Mapping[str, Float[np.ndarray, " R"]]

    def ratio(self, above: str, below: str | None = None, *, times: float = 1.0) -> tuple[float, float, float]:
        """Mean, or ratio of two means, with its 95 % percentile interval; draws without a denominator are left out."""
        value, drawn = self.columns[above].mean(), self.draws[above]
        if below is not None:
            whole = max(self.columns[below].mean(), TINIEST)
            use, value = self.draws[below] > MIN_DENOMINATOR_SHARE * whole, value / whole
            drawn = drawn[use] / self.draws[below][use] if use.any() else np.zeros(1)
        low, high = np.quantile(drawn, (0.025, 0.975))
        return float(times * value), float(times * low), float(times * high)


def resample_means(columns: Mapping[str, Float[np.ndarray, " N"]], seed: int) -> BootstrapMeans:
    """A bootstrap over examples; every column sees the same draws."""
    table = np.stack(list(columns.values()), axis=1)
    n, rng = len(table), stream(seed, "bootstrap")

    def counts(rows: int) -> np.ndarray:
        drawn = rng.integers(n, size=(rows, n)) + n * np.arange(rows)[:, None]
        return np.bincount(drawn.ravel(), minlength=rows * n).reshape(rows, n)

    means = np.concatenate([counts(rows) @ table / n for rows in split_draws(DRAWS, n)])
    return BootstrapMeans(columns, dict(zip(columns, means.T, strict=True)))


def split_draws(draws: int, n: int) -> list[int]:
    """Numbers of draws of n examples that are held at once."""
    size = min(draws, max(1, BLOCK_NUMBERS // n))
    return [min(size, draws - first) for first in range(0, draws, size)]


def measure_losses(evidence: Evidence, seed: int) -> list[Measure]:
    """Gain of the pipeline and of the soft prompt; where the pipeline gains, the shares of it and the gain per parameter."""
    plain = evidence.no_context.astype(np.float64)
    given = {"gain": evidence.pipeline, **{f"store_{name}": loss for name, loss in evidence.stores.items()}}
    given |= {} if evidence.soft_prompt is None else {"soft_prompt_gain": evidence.soft_prompt}
    means = resample_means({key: plain - loss for key, loss in given.items()}, seed)
    chance = swap_losses(means.columns, seed)
    found = [Measure("gain", "Gain of the pipeline", "nats", *means.ratio("gain"), *chance["gain"], SIGNS)]
    if evidence.soft_prompt is not None:
        found.append(Measure("soft_prompt_gain", "Gain of the soft prompt", "nats", *means.ratio("soft_prompt_gain"),
                             *chance["soft_prompt_gain"], SIGNS))
    return [*found, *measure_shares(evidence, means, chance)] if found[0].low > verdict.LEAST_GAIN else found


def measure_shares(evidence: Evidence, means: BootstrapMeans, chance: Mapping[str, tuple[float, float]]) -> list[Measure]:
    """Of the pipeline's gain, what stays with each ablated store and what a soft prompt reproduces."""
    gain = float(means.columns["gain"].mean())
    named = {f"store_{name}": (f"store_{name}", f"Share of the gain kept with the {name.replace('_', ' ')} store")
             for name in sorted(evidence.stores)}
    if evidence.soft_prompt is not None:
        named["soft_share"] = ("soft_prompt_gain", "Share of the gain that a soft prompt reproduces")
    found = []
    for key, (column, name) in named.items():
        low, high = chance[column]
        found.append(Measure(key, name, "", *means.ratio(column, "gain"), low / gain, high / gain, SIGNS))
    counts = evidence.pipeline_parameters, evidence.soft_prompt_parameters
    if evidence.soft_prompt is None or None in counts:
        return found
    times, soft = times_as_efficient(1.0, counts[0], 1.0, counts[1]), found[-1]
    ratio = means.ratio("soft_prompt_gain", "gain", times=times)
    return [*found, Measure("times_as_efficient", "Gain per parameter of the soft prompt, in that of the pipeline", "", *ratio,
                            times * soft.chance_low, times * soft.chance_high, SIGNS)]


def swap_losses(columns: Mapping[str, Float[np.ndarray, " N"]], seed: int) -> dict[str, tuple[float, float]]:
    """Interval of each mean difference if the two losses of an example were interchangeable: random signs."""
    table, rng = np.stack(list(columns.values()), axis=1), stream(seed, "signs")
    n = len(table)
    means = np.concatenate([(2.0 * rng.integers(2, size=(rows, n), dtype=np.int8) - 1) @ table / n for rows in split_draws(DRAWS, n)])
    return {name: tuple(ends) for name, ends in zip(columns, np.quantile(means, (0.025, 0.975), axis=0).T.tolist(), strict=True)}


def measure_vectors(evidence: Evidence, seed: int) -> list[Measure]:
    """Relative variance and pairwise cosine of the context vectors, of the one that changes most, and of the queries."""
    count = evidence.contexts.shape[1]
    each = [dependence.measure_spread(evidence.contexts[:, k]) for k in range(count)]
    most = max(range(count), key=lambda k: each[k][0].mean() / max(each[k][1].mean(), TINIEST))
    pooled = tuple(np.mean(part, axis=0) for part in zip(*each, strict=True))
    cosines = [2 * dependence.cosines_to_others(evidence.contexts[:, k]) for k in range(count)]
    blank = [dependence.shuffle_entries(evidence.contexts[:, k], seed) for k in range(count)]
    columns = {"apart": pooled[0], "size": pooled[1], "apart_most": each[most][0], "size_most": each[most][1]}
    means = resample_means(columns | {"cosine": np.mean(cosines, axis=0)}, seed)
    unrelated = [[part.mean() for part in dependence.measure_spread(one)] for one in blank]
    pooled_blank = float(np.sum(unrelated, axis=0)[0] / max(np.sum(unrelated, axis=0)[1], TINIEST))
    most_blank = float(unrelated[most][0] / max(unrelated[most][1], TINIEST))
    cosine_blank = float(np.mean([dependence.cosines_to_others(one).mean() for one in blank]))
    found = [Measure("variance", "Relative variance of the context vectors", "", *means.ratio("apart", "size"),
                     pooled_blank, pooled_blank, ENTRIES),
             Measure("variance_most", f"Relative variance of vector {most + 1}, which changes most", "",
                     *means.ratio("apart_most", "size_most"), most_blank, most_blank, ENTRIES),
             Measure("cosine", "Mean cosine of context vectors of two inputs", "", *halve_interval(means.ratio("cosine")),
                     cosine_blank, cosine_blank, ENTRIES)]
    if evidence.queries is not None:
        blank_queries = relative_variance(dependence.shuffle_entries(evidence.queries, seed))
        of = resample_means(dict(zip(("apart", "size"), dependence.measure_spread(evidence.queries), strict=True)), seed)
        found.append(Measure("query_variance", "Relative variance of the queries", "", *of.ratio("apart", "size"),
                             blank_queries, blank_queries, ENTRIES))
    return found


def halve_interval(doubled: tuple[float, float, float]) -> tuple[float, float, float]:
    """A mean over pairs varies, to first order, as twice the mean of one side does: the value is halved, its distances are kept."""
    value, low, high = doubled
    return value / 2, low - value / 2, high - value / 2


def relative_variance(vectors_of_inputs: np.ndarray) -> float:
    """Relative variance of one vector over inputs: its variance in its mean squared norm."""
    apart, size = dependence.measure_spread(vectors_of_inputs)
    return float(apart.mean() / max(size.mean(), TINIEST))


def measure_retrieval(evidence: Evidence, seed: int) -> list[Measure]:
    """Mutual information between the needed entry and the first one retrieved, and how often the needed one is among them."""
    if evidence.needed is None or evidence.retrieved is None:
        return []
    needed, retrieved = (given.reshape(len(given), -1) for given in (evidence.needed, evidence.retrieved))
    means = resample_means({"information": dependence.local_information(needed[:, 0], retrieved[:, 0]),
                       "hits": dependence.hits(needed, retrieved)}, seed)
    by_chance = [np.quantile(drawn, (0.025, 0.975)).tolist() for drawn in (
        dependence.shuffled_information(needed[:, 0], retrieved[:, 0], seed), dependence.shuffled_hits(needed, retrieved, seed))]
    return [Measure("information", "Mutual information of needed and retrieved entry", "nats", *means.ratio("information"),
                    *by_chance[0], PAIRS),
            Measure("hit_rate", "Share of questions whose entry is among those retrieved", "", *means.ratio("hits"), *by_chance[1], PAIRS)]
