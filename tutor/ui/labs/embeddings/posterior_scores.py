"""What the Priors page shows of studies of prompt vectors, and the numbers it tells of any."""

from collections.abc import Mapping, Sequence

import streamlit as st

from tutor.analysis import prompt_vectors
from tutor.figures import Picture, Score, score_dots, score_map, tuning_loss_curves
from tutor.measure.prompt_geometry import TokenGeometry
from tutor.studies.embedding_presets import PRIORS, RATES, deep_spec, soft_spec
from tutor.studies.language_presets import MODEL
from tutor.studies.measured_rows import format_bound
from tutor.studies.row_fields import Value, find, select
from tutor.studies.transfers import NOTHING, STARTS, made_of, steps_before
from tutor.studies.vector_scores import smoothed_losses
from tutor.ui.shell import url_state, visitor_runs

MEASURES = {
    "loss": "held-out loss (nats per token)", "bleu": "BLEU", "steps": "steps to nine tenths of the gain",
    "travelled": "distance travelled (radii)",
    "distance": "distance to the nearest word (radii)", "mahalanobis": "Mahalanobis distance from the words",
    "cosine": "cosine with the nearest word",
    "kept": "nearest to their own start (share)", "rank": "effective rank",
}
GEOMETRY = ("travelled", "distance", "mahalanobis", "cosine", "kept", "rank")
"""Of the vectors in the space of words only, also of a deep prompt, which has others."""
COLLAPSE = {
    "cosine": "cosine with the nearest word", "start": "cosine at the start", "shaped": "cosine of draws that lie as words do",
    "chance": "cosine in random directions",
    "distance": "distance to the nearest word (radii)", "apart": "distance of draws that lie as words do (radii)",
    "loss": "held-out loss (nats)", "kept": "nearest to their own start (share)",
}
MORE = {"loss": ("Held-out loss, nats", None), "bleu": ("BLEU", None),
        "travelled": ("Travelled, radii", "How far a vector is from its start, on average; one radius is the typical distance of a word "
                                          "from the middle.")}
"""What else can be told of vectors, with its help."""


def draw_metrics(found: TokenGeometry, many: int, usual: str, *, word: str = "word", **more: float) -> None:
    """Draw the geometry of vectors among the words as a row of numbers.

    Parameters
    ----------
    many
        Number of vectors.
    usual
        Mahalanobis distance of a typical word, as text.
    word
        What a word is called: "word" or "token".
    more
        Further numbers, by their names in MORE.
    """
    by_chance = {"delta_color": "off", "delta_arrow": "off", "border": True}
    with st.container(horizontal=True):
        st.metric(f"Nearest {word}, cosine", f"{found.cosine:.2f}", f"by chance {found.chance:.2f} to {found.shaped:.2f}", **by_chance,
                  help=f"By chance: vectors of the same length in random directions, and draws from the cloud of {word}s, with its mean "
                       f"and covariance.")
        st.metric(f"Nearest {word}, radii away", f"{found.distance:.2f}", f"draws from the cloud: {found.apart:.2f}", **by_chance,
                  help=f"A radius is how far a {word} lies from the middle of all {word}s.")
        st.metric("Mahalanobis distance", f"{found.mahalanobis:.1f}", f"{word}s: {usual}", **by_chance,
                  help=f"How far out, in standard deviations, by the shape of the cloud of {word}s.")
        st.metric("Effective rank", found.rank if many > 1 else "–", f"of {many} vectors" if many > 1 else "one vector has none",
                  **by_chance, help="Directions that hold 95 % of the vectors' variance.")
        for name, value in more.items():
            label, said = MORE[name]
            st.metric(label, f"{value:.3g}", border=True, height="stretch", help=said)


def show_measured(ground: prompt_vectors.WordSpace, rows: prompt_vectors.Rows, **more: float) -> None:
    """Measure vectors and draw their geometry as `draw_metrics` does; `more` goes there."""
    draw_metrics(prompt_vectors.measure_vectors(ground, rows), len(rows), f"{ground.usual:.1f}", **more)
    if ground.gaussian.shrunk:
        st.caption(f"The cloud has too few words for a full covariance, so it was shrunk towards a sphere by {ground.gaussian.shrunk:.1%}.")


SOFT = "soft prompt"
WHERE = {SOFT: 0, "deep prompt": 0} | {f"deep prompt, into layer {n + 1}": n for n in range(1, MODEL.body.layers)}
"""Which vectors are shown: whose, and of which layer."""


def choose_runs(labels: Sequence[str], where: str, rate: float) -> dict[str, str]:
    """Keys of the study's runs by the label of their prior.

    Parameters
    ----------
    where
        A key of WHERE: soft or deep prompts.
    rate
        Learning rate of soft prompts.
    """
    if where == SOFT:
        return {label: soft_spec(PRIORS[label], rate).key() for label in labels}
    return {label: deep_spec(PRIORS[label]).key() for label in labels}


def draw_losses(result: Mapping) -> Picture:
    """Draw the training loss of the study's soft prompts from every prior."""
    untuned = find(result["rows"], method="none", metric="loss")["value"]
    return tuning_loss_curves(
        {label: smoothed_losses(visitor_runs.load_run(soft_spec(prior).key())) for label, prior in PRIORS.items()}, level=untuned
    )


def draw_measure(result: Mapping, measure: str) -> Picture:
    """Draw one measure for every prior, of soft and of deep prompts; losses on a logarithmic axis."""
    groups = {"soft prompt": list_scores(result, measure, method="soft"), "deep prompt": list_scores(result, measure, method="deep")}
    return score_dots({name: found for name, found in groups.items() if found}, measure=MEASURES[measure], of="prior",
                      log=measure == "loss")


def score(row: Mapping) -> Score:
    """Make the score of a study's row for pictures and tables."""
    return Score(row["value"], row["q25"], row["q75"], runs=row["repetitions"], at_least=tuple(row.get("at_least", ())))


def list_scores(result: Mapping, measure: str, **fields: Value) -> dict[str, Score]:
    """Scores in one measure by prior label, of the rows with these fields; priors without such a row are left out."""
    by_kind = {row["fields"].get("prior"): score(row) for row in select(result["rows"], metric=measure, **fields)}
    return {label: by_kind[prior.kind] for label, prior in PRIORS.items() if prior.kind in by_kind}


def describe_speeds(result: Mapping) -> str:
    """Describe how much the prior matters for the number of steps and for the final loss, of soft and of deep prompts."""
    said, spread, times = [], {}, {}
    for kind in ("soft", "deep"):
        steps, loss = list_scores(result, "steps", method=kind), list_scores(result, "loss", method=kind)
        quick, slow = (pick(steps, key=lambda label: steps[label].value) for pick in (min, max))
        spread[kind] = steps[slow].value / steps[quick].value
        times[kind] = format_bound(f"{spread[kind]:.1f} times", "value", steps[slow].at_least)
        ends = sorted(one.value for one in loss.values())
        said.append(f"a **{kind}** prompt needs between {steps[quick].said('value', '.3g')} steps ({quick}) and "
                    f"{steps[slow].said('value', '.3g')} ({slow}), and loses between {ends[0]:.2g} and {ends[-1]:.2g} nats in the end")
    matters = f"matters {'more' if spread['deep'] > 1.5 * spread['soft'] else 'no more'} for a deep prompt than for a soft one"
    return (f"To win nine tenths of the gain, {'; '.join(said)}. So where it starts {matters}: {times['deep']} as many steps from the "
            f"slowest prior as from the quickest, against {times['soft']}.")


def describe_controls(result: Mapping) -> str:
    """Describe the losses of untuned draws and of shuffled vectors; "" where they were not measured."""
    before, mixed, loss = (sorted(one.value for one in list_scores(result, metric, method="soft").values())
                           for metric in ("before", "shuffled", "loss"))
    if not before or not mixed:
        return ""
    bare, middle = find(result["rows"], method="none", metric="loss")["value"], len(loss) // 2
    idle = "Drawing alone does nothing" if before[0] > 0.8 * bare else "Drawing alone does something"
    order = "so their order matters" if mixed[middle] > 2 * loss[middle] else "so their order hardly matters"
    return (f"{idle}: without tuning, the draws lose between {before[0]:.1f} and {before[-1]:.1f} nats, where the network without a prompt "
            f"loses {bare:.1f}. Tuned vectors in another order lose {mixed[middle]:.1f} (median of all priors) instead of "
            f"{loss[middle]:.2f}, {order}.")


def prior_loss_facts(result: Mapping) -> dict[str, float]:
    """Facts for lessons: the losses of soft prompts from the best, the worst and the far prior."""
    loss = {row["fields"]["prior"]: row["value"] for row in select(result["rows"], metric="loss", method="soft")}
    return {"best_loss": min(loss.values()), "worst_loss": max(loss.values()), "far_loss": loss["far"]}


def choose_collapse(result: Mapping) -> str:
    """Draw the choice of a measure for the collapse map, among those that the result has."""
    measured = {row["metric"] for row in result["rows"]}
    return url_state.choose_option(
        "Show", [name for name in COLLAPSE if name in measured], "priors_collapse", named=COLLAPSE.get, width=360
    )


def draw_collapse(result: Mapping, measure: str) -> Picture:
    """Draw one measure for every prior and learning rate."""
    scored = {rate: list_scores(result, measure, rate=rate) for rate in RATES}
    return score_map(list(PRIORS), [f"{rate:g}" for rate in RATES], [[scored[rate][label] for rate in RATES] for label in PRIORS],
                     across="learning rate", measure=COLLAPSE[measure], share=measure == "kept")


def describe_rates(result: Mapping) -> str:
    """Describe in a sentence how the learning rate decides whether vectors stay near their own starts."""
    middle = {rate: [sorted(one.value for one in list_scores(result, metric, rate=rate).values())[len(PRIORS) // 2]
                     for metric in ("kept", "loss")] for rate in RATES}
    said = "; ".join(f"at {rate:g}, **{kept:.0%}** and a loss of {loss:.2f} nats" for rate, (kept, loss) in middle.items())
    differs = middle[RATES[0]][0] > 0.5 > middle[RATES[-1]][0]
    return f"Vectors that end nearer to their own start than to any other, in the middle of all priors: {said}." + (
        " So the learning rate decides whether the start matters." if differs else ""
    )


def draw_transfer(result: Mapping, target: str) -> Picture:
    """Draw the training loss on a task of prompts that start from other tasks' prompts or from a prior."""
    bare = find(result["rows"], target=target, start=NOTHING, metric="loss")["value"]
    return tuning_loss_curves(
        {name: smoothed_losses(visitor_runs.load_run(spec.key()), steps_before(spec)) for name, spec in STARTS[target].items()},
        level=bare,
        like=made_of(target),
    )
