"""What the Priors page shows of studies of prompt vectors, and the numbers it tells of any."""

from collections.abc import Mapping, Sequence

import streamlit as st

from tutor import vectors
from tutor.figures import Picture, Score, losing, score_dots, score_map
from tutor.measure.posteriors import Standing
from tutor.studies.collapse import cell
from tutor.studies.embedding_presets import PRIORS, RATES, deep, soft
from tutor.studies.evidence import bounded
from tutor.studies.language_presets import MODEL
from tutor.studies.priors_move import EVERY_LAYER, NOTHING
from tutor.studies.transfers import STARTS, before
from tutor.studies.vectors import losses
from tutor.ui import runs

MEASURES = {
    "loss": "held-out loss (nats per token)", "bleu": "BLEU", "steps": "steps to nine tenths of the gain", "travelled": "distance travelled (radii)",
    "distance": "distance to the nearest word (radii)", "mahalanobis": "Mahalanobis distance from the words", "cosine": "cosine with the nearest word",
    "kept": "nearest to their own start (share)", "rank": "effective rank",
}
GEOMETRY = ("travelled", "distance", "mahalanobis", "cosine", "kept", "rank")
"""Of the vectors in the space of words only, also of a deep prompt, which has others."""
COLLAPSE = {
    "cosine": "cosine with the nearest word", "start": "cosine at the start", "shaped": "cosine of draws that lie as words do", "chance": "cosine in random directions",
    "distance": "distance to the nearest word (radii)", "apart": "distance of draws that lie as words do (radii)", "loss": "held-out loss (nats)", "kept": "nearest to their own start (share)",
}
MORE = {"loss": ("Held-out loss, nats", None), "bleu": ("BLEU", None), "travelled": ("Travelled, radii", "How far each vector is from where it began, on average, in the radii of the cloud.")}
"""What else can be told of vectors, with its help."""


def metrics(found: Standing, many: int, usual: str, *, word: str = "word", **more: float) -> None:
    """Where `many` vectors stand, in a row of numbers; `usual` is the Mahalanobis distance of a word, which is called `word`."""
    by_chance = {"delta_color": "off", "delta_arrow": "off", "border": True}
    with st.container(horizontal=True):
        st.metric(f"Nearest {word}, cosine", f"{found.cosine:.2f}", f"by chance {found.chance:.2f} to {found.shaped:.2f}", **by_chance,
                  help=f"By chance: vectors as long in random directions, and draws that lie as {word}s do, with their mean and covariance.")
        st.metric(f"Nearest {word}, radii away", f"{found.distance:.2f}", f"draws as {word}s lie: {found.apart:.2f}", **by_chance, help=f"A radius is how far a {word} lies from the middle of all {word}s.")
        st.metric("Mahalanobis distance", f"{found.mahalanobis:.1f}", f"{word}s: {usual}", **by_chance, help=f"How far out, in standard deviations, by the shape of the cloud of {word}s.")
        st.metric("Effective rank", found.rank if many > 1 else "–", f"of {many} vectors" if many > 1 else "one vector has none", **by_chance, help="Directions that hold 95 % of the vectors' variance.")
        for name, value in more.items():
            label, said = MORE[name]
            st.metric(label, f"{value:.3g}", border=True, height="stretch", help=said)


def say(ground: vectors.Ground, rows: vectors.Rows, **more: float) -> None:
    """The same of any vectors, which are measured first."""
    metrics(vectors.told(ground, rows), len(rows), f"{ground.usual:.1f}", **more)
    if ground.gaussian.shrunk:
        st.caption(f"The cloud has too few words for its whole covariance, which was shrunk to a sphere by {ground.gaussian.shrunk:.1%}.")


SOFT = "soft prompt"
WHERE = {SOFT: 0, "deep prompt": 0} | {f"deep prompt, into layer {n + 1}": n for n in range(1, MODEL.body.layers)}
"""Which vectors are shown: whose, and of which layer."""


def chosen(labels: Sequence[str], where: str, rate: float) -> dict[str, str]:
    """Runs by the label of their prior."""
    if where == SOFT:
        return {label: soft(PRIORS[label], rate).key() for label in labels}
    return {label: deep(PRIORS[label]).key() for label in labels}


def race(result: Mapping) -> Picture:
    """What prompts from every prior lose, step by step."""
    untuned = next(row["value"] for row in result["rows"] if row["method"] == NOTHING and row["metric"] == "loss")
    return losing({label: losses(runs.load(soft(prior).key())) for label, prior in PRIORS.items()}, level=untuned)


def dots(result: Mapping, measure: str) -> Picture:
    """One measure for every prior, of soft prompts and of deep ones; losses, which differ by a factor of a hundred, on a logarithmic axis."""
    scored = scores(result, measure)
    groups = {"soft prompt": {label: scored[label] for label in PRIORS},
              "deep prompt": {label: scored[deeply(label)] for label in PRIORS if deeply(label) in scored}}
    return score_dots({name: found for name, found in groups.items() if found}, measure=MEASURES[measure], of="prior", log=measure == "loss")


def scores(result: Mapping, measure: str) -> dict[str, Score]:
    """One measure by what was measured."""
    return {row["method"]: Score(row["value"], row["q25"], row["q75"], runs=row["repetitions"], at_least=tuple(row.get("at_least", ()))) for row in result["rows"] if row["metric"] == measure}


def deeply(label: str) -> str:
    """What a prior is called in the study where every layer has vectors of its own."""
    return f"{label}, {EVERY_LAYER}"


def speeds(result: Mapping) -> str:
    """How much the prior matters for speed and for the end, for soft and for deep prompts; follows the numbers."""
    steps, loss = scores(result, "steps"), scores(result, "loss")
    kinds = {"soft": {label: label for label in PRIORS}, "deep": {label: deeply(label) for label in PRIORS if deeply(label) in steps}}
    said, spread, times = [], {}, {}
    for kind, names in kinds.items():
        quick, slow = (pick(names, key=lambda label: steps[names[label]].value) for pick in (min, max))
        spread[kind] = steps[names[slow]].value / steps[names[quick]].value
        times[kind] = bounded(f"{spread[kind]:.1f} times", "value", steps[names[slow]].at_least)
        ends = sorted(loss[name].value for name in names.values())
        said.append(f"a **{kind}** prompt needs between {steps[names[quick]].said('value', '.3g')} steps ({quick}) and {steps[names[slow]].said('value', '.3g')} ({slow}), and loses between {ends[0]:.2g} and {ends[-1]:.2g} nats in the end")
    matters = "matters more for a deep prompt than for a soft one" if spread["deep"] > 1.5 * spread["soft"] else "matters no more for a deep prompt than for a soft one"
    return f"To nine tenths of the gain, {'; '.join(said)}. So where it starts {matters}: {times['deep']} as many steps from the slowest prior as from the quickest, against {times['soft']}."


def controls(result: Mapping) -> str:
    """What untouched draws and reordered vectors lose, where that was measured; follows the numbers."""
    before, mixed, loss = (sorted(score.value for label, score in scores(result, metric).items() if label in PRIORS) for metric in ("before", "shuffled", "loss"))
    if not before or not mixed:
        return ""
    bare, middle = scores(result, "loss")[NOTHING].value, len(loss) // 2
    idle = "Drawing alone does nothing" if before[0] > 0.8 * bare else "Drawing alone does something"
    order = "so their order is part of what they say" if mixed[middle] > 2 * loss[middle] else "so their order hardly matters"
    return (f"{idle}: untouched, the draws lose between {before[0]:.1f} and {before[-1]:.1f} nats, where the network without a prompt loses {bare:.1f}. "
            f"Tuned vectors in another order lose {mixed[middle]:.1f} in the middle of all priors in the place of {loss[middle]:.2f}, {order}.")


def told(result: Mapping) -> dict[str, float]:
    """What a lesson can compare with: the loss from the best, the worst and the far prior."""
    loss = {row["method"]: row["value"] for row in result["rows"] if row["metric"] == "loss" and row["method"] in PRIORS}
    return {"best_loss": min(loss.values()), "worst_loss": max(loss.values()), "far_loss": loss["far region"]}


def collapse(result: Mapping, measure: str) -> Picture:
    """A cell per prior and learning rate."""
    scored = scores(result, measure)
    return score_map(list(PRIORS), [f"{rate:g}" for rate in RATES], [[scored[cell(label, rate)] for rate in RATES] for label in PRIORS], across="learning rate", measure=COLLAPSE[measure])


def by_rate(result: Mapping) -> str:
    """What the learning rate decides, in a sentence that follows the numbers."""
    value = {(row["method"], row["metric"]): row["value"] for row in result["rows"]}
    middle = {rate: [sorted(value[cell(label, rate), metric] for label in PRIORS)[len(PRIORS) // 2] for metric in ("kept", "loss")] for rate in RATES}
    said = "; ".join(f"at {rate:g}, **{kept:.0%}** and a loss of {loss:.2f} nats" for rate, (kept, loss) in middle.items())
    differs = middle[RATES[0]][0] > 0.5 > middle[RATES[-1]][0]
    return f"Vectors that end nearer to their own start than to any other, in the middle of all priors: {said}." + (" So the learning rate decides whether the prior does." if differs else "")


def transfer(result: Mapping, target: str) -> Picture:
    """What a prompt loses on a task after others, or from a prior."""
    bare = next(row["value"] for row in result["rows"] if row["method"] == f"{target}, no prompt" and row["metric"] == "loss")
    return losing({name: losses(runs.load(spec.key()), before(spec)) for name, spec in STARTS[target].items()}, level=bare)
