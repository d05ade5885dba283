"""Where the language model keeps its tasks: sums far from language, stories, questions and gaps together, beyond what words give away."""

from collections.abc import Iterator, Mapping, Sequence

from tutor.core.rng import stream
from tutor.measure import cluster_scores, step_sizes
from tutor.measure.cluster_scores import AMONG, READINGS, TO_SUMS
from tutor.measure.separation import BootstrapValue
from tutor.predictors import Predictor
from tutor.runs.run import build_initial
from tutor.studies.checks import Change, Check, Plan
from tutor.studies.language_presets import MODEL, MODELS, model_spec
from tutor.studies.measured_rows import Band, Row
from tutor.studies.presets import Preset
from tutor.studies.row_fields import Value, find
from tutor.studies.study import AbstractStudy

TEXTS_PER_TASK, DRAWS = 200, 500
"""Texts of each task, and bootstrap samples of them."""
STORIES = 200
LAYERS = range(1, MODEL.body.layers + 1)
TRAINED, UNTRAINED, SHUFFLED, BAG = "trained", "untrained", "shuffled labels", "bag of embeddings"
"""Whose states, or which control: values of the field `states`; where these have layers, the field `layer` says which."""
APART, TOGETHER = "language | sums", "stories | questions | gaps"
CUT = "Kaufman & Rousseeuw 1990: above 0.5 a reasonable structure, up to 0.25 none to speak of"
BEYOND = "ours: separation counts only beyond what the architecture and the words bring"


class TaskClusters(AbstractStudy):
    name = "task-clusters"
    title = "Distant tasks apart, related tasks together"
    in_short = "distant tasks lie apart inside a network, related ones together"
    claim = ("Inside the language model distant tasks (language and sums) lie apart and related tasks (stories, questions, gaps) lie "
             "together, in every layer, by more than the words alone explain.")
    source = "Sedov et al. 2024, Figs. 5 and 12: in LLaMA 3.2 1B and T5, SQuAD and C4 share a cluster, arithmetic is far on all layers"
    metric = "silhouette"
    lab = "clusters"
    plan = Plan(
        primary="in the layer where it is least so, sums are still farther from stories, questions and gaps than any of these from each "
                "other; a statement of ranks needs no margin",
        scope="six language models of three layers, means over the states of a text",
        looks=(len(MODELS),),
        first_seed=MODELS.start,
        budget="the six language models, which all studies on words share, 420 core minutes; beside them 10",
    )
    ledger = (
        Change("2026-11-26", "distances of centroids count degrees of freedom, and each label's own spread is taken off",
               before="not reproduced"),
        Change("2026-11-30", "the statement of ranks that the source makes decides, not absolute silhouettes; five checks over all layers "
                             "instead of fifteen; six language models instead of one", before="not reproduced"),
    )

    def specs(self, preset: Preset):
        return [model_spec(preset)]

    def rows(self, preset: Preset, load):
        model, draws = model_spec(preset), DRAWS if not preset.replicates else 1
        trained, untrained = load(model).predictor, build_initial(model).requires_grad_(False)
        rows = []
        for reading in preset.choose(READINGS, ("mean",)):
            for (states, layer), found in measure_layers(trained, untrained, reading, draws).items():
                rows += [_row(metric, one, states=states, layer=layer, of=of, reading=reading) for (metric, of), one in found.items()]
        if preset.replicates:
            return rows
        return rows + jump_rows(trained, untrained)

    def checks(self, rows: Sequence[Row]):
        def value(metric: str, of: str, states: str = TRAINED, layer: int | None = None) -> float:
            return find(rows, metric=metric, of=of, reading="mean", states=states, layer=layer).value

        ranked = [value("distance", TO_SUMS, layer=layer) / value("distance", AMONG, layer=layer) for layer in LAYERS]
        apart = {layer: value("silhouette", APART, layer=layer) for layer in LAYERS}
        together = [value("silhouette", TOGETHER, layer=layer) for layer in LAYERS]
        idle, bag = {layer: value("silhouette", APART, UNTRAINED, layer) for layer in LAYERS}, value("silhouette", APART, BAG)
        of = "of silhouette"
        return [
            Check("in every layer sums are farther from stories, questions and gaps than any of these from each other", min(ranked),
                  self.source, low=1.0, unit="of that distance", role="primary"),
            Check("in every layer language and sums are more apart than in the untrained network",
                  min(apart[layer] - idle[layer] for layer in LAYERS), BEYOND, low=0.0, unit=of),
            Check("in every layer language and sums are more apart than in a bag of embeddings", min(apart.values()) - bag, BEYOND, low=0.0,
                  unit=of),
            Check("in every layer language and sums are two clusters", min(apart.values()), CUT, low=0.5, unit=of),
            Check("in every layer stories, questions and gaps are one cluster", max(together), CUT, high=0.25, unit=of),
        ]


Separations = Mapping[tuple[str, int | None], Mapping[tuple[str, str], BootstrapValue]]


def measure_layers(trained: Predictor, untrained: Predictor, reading: cluster_scores.TextReading, draws: int = DRAWS) -> Separations:
    """Measure how well texts of different tasks separate, by (network or control, layer), with so many bootstrap samples of them."""
    texts = cluster_scores.sample_texts(TEXTS_PER_TASK, reading)
    shuffled = stream(0, "labels").permutation(texts.labels)
    networks = {TRAINED: trained, UNTRAINED: untrained}
    of = {name: cluster_scores.text_vectors(network, texts.tokens, reading) for name, network in networks.items()}
    found = {(name, layer): cluster_scores.measure_separation(vectors[layer], texts.labels, draws=draws)
             for name, vectors in of.items() for layer in LAYERS}
    found |= {(SHUFFLED, layer): cluster_scores.measure_separation(of[TRAINED][layer], shuffled, draws=draws) for layer in LAYERS}
    return found | {
        (BAG, None): cluster_scores.measure_separation(cluster_scores.bag_of_embeddings(trained, texts.tokens), texts.labels, draws=draws)
    }


def measure_jumps(trained: Predictor, untrained: Predictor) -> Iterator[tuple[str, int | None, BootstrapValue]]:
    """Yield the mean step between states of stories, by label and layer.

    Labels cover given and generated text, the untrained network, and embeddings alone, for which the layer is None.
    """
    tokens, cloud = step_sizes.sample_stories(STORIES), cluster_scores.sample_texts(TEXTS_PER_TASK // 4).tokens
    around, idle = (step_sizes.word_states(network, cloud).states for network in (trained, untrained))
    found = {"given": step_sizes.story_steps(trained, tokens, around),
             "generated": step_sizes.story_steps(trained, step_sizes.continue_stories(trained, tokens), around),
             "given, untrained": step_sizes.story_steps(untrained, tokens, idle)}
    for name, steps in found.items():
        yield from ((name, layer, steps.mean(layer, DRAWS)) for layer in LAYERS)
    yield "given, embeddings alone", None, step_sizes.embedding_steps(trained, tokens, cloud).mean(0, DRAWS)


def jump_rows(trained: Predictor, untrained: Predictor) -> list[Row]:
    """Make the rows about the mean step between states of stories, which the study of localised stories reads as well."""
    return [_row("jump", one, states=states, layer=layer, of="steps of stories")
            for states, layer, one in measure_jumps(trained, untrained)]


def _row(metric: str, one: BootstrapValue, **fields: Value) -> Row:
    """A row about `states`, in a `layer` where they have layers, `of` some tasks, in one `reading` of texts."""
    low, high = one.between(0.25, 0.75)
    states, layer, of, reading = (fields.get(name) for name in ("states", "layer", "of", "reading"))
    return Row(
        method=f"{states}" if layer is None else f"{states}, layer {layer}",
        body=MODEL.body.label,
        on=f"{of}, {reading}" if reading else f"{of}",
        bands=(Band(low, one.value, high),),
        metric=metric,
        repetitions=STORIES if metric == "jump" else TEXTS_PER_TASK,
        interval=one.interval,
        fields={"network": MODEL.body.kind} | fields,
    )
