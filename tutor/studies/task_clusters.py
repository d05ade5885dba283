"""Where the language model keeps its tasks: sums far from language, stories, questions and gaps together, beyond what words give away."""

from collections.abc import Iterator, Mapping, Sequence

from tutor.measure import clusters, jumps
from tutor.measure.clusters import AMONG, READINGS, TO_SUMS
from tutor.measure.separation import Sampled
from tutor.predictors import Predictor
from tutor.rng import stream
from tutor.run import initial
from tutor.studies.base import AbstractStudy
from tutor.studies.evidence import Band, Check, Row, find
from tutor.studies.language_presets import MODEL
from tutor.studies.presets import Preset

EACH, DRAWS = 200, 500
"""Texts of each task, and bootstrap samples of them."""
STORIES = 200
LAYERS = range(1, MODEL.body.layers + 1)
TRAINED, UNTRAINED, SHUFFLED, BAG = "trained", "untrained", "shuffled labels", "bag of embeddings"
APART, TOGETHER = "language | sums", "stories | questions | gaps"
CUT = "Kaufman & Rousseeuw 1990: above 0.5 a reasonable structure, up to 0.25 none to speak of"
BEYOND = "ours: separation counts only beyond what the architecture and the words bring"


class TaskClusters(AbstractStudy):
    name = "task-clusters"
    title = "Distant tasks apart, related tasks together"
    claim = ("Inside the language model distant tasks (language and sums) lie apart and related tasks (stories, questions, gaps) lie "
             "together, in every layer, by more than the words alone explain.")
    source = "Sedov et al. 2024, Figs. 5 and 12: in LLaMA 3.2 1B and T5, SQuAD and C4 share a cluster, arithmetic is far on all layers"
    metric = "silhouette"
    lab = "clusters"

    def specs(self, preset: Preset):
        return [MODEL]

    def rows(self, preset: Preset, load):
        trained, untrained = load(MODEL).predictor, initial(MODEL).requires_grad_(False)
        rows = []
        for reading in READINGS:
            for name, found in separations(trained, untrained, reading).items():
                rows += [_row(name, f"{of}, {reading}", metric, one) for (metric, of), one in found.items()]
        return rows + [_row(f"{name}, layer {layer}" if layer else name, "steps of stories", "jump", one)
                       for name, layer, one in jumped(trained, untrained)]

    def checks(self, rows: Sequence[Row]):
        checks = []
        for layer in LAYERS:
            def band(metric: str, of: str, method: str = "", layer: int = layer) -> Band:
                return find(rows, metric=metric, on=f"{of}, mean", method=method or f"{TRAINED}, layer {layer}").bands[0]

            apart, idle = band("silhouette", APART), band("silhouette", APART, f"{UNTRAINED}, layer {layer}")
            checks += [
                Check(f"layer {layer}: language and sums are two clusters", apart, Band.exactly(0.5), "above", CUT),
                Check(f"layer {layer}: more so than in the untrained network", apart, idle, "above", BEYOND),
                Check(f"layer {layer}: more so than in a bag of embeddings", apart, band("silhouette", APART, BAG), "above", BEYOND),
                Check(f"layer {layer}: stories, questions and gaps are one cluster", band("silhouette", TOGETHER), Band.exactly(0.25),
                      "below", CUT),
                Check(f"layer {layer}: sums are farther from any of them than they are from each other", band("distance", TO_SUMS),
                      band("distance", AMONG), "above", self.source),
            ]
        return checks


def separations(trained: Predictor, untrained: Predictor, reading: clusters.Reading) -> Mapping[str, Mapping[tuple[str, str], Sampled]]:
    """Every measure of separation, by the network or control and the layer that it was measured in."""
    texts = clusters.texts(EACH, reading)
    shuffled = stream(0, "labels").permutation(texts.labels)
    of = {name: clusters.text_vectors(network, texts.tokens, reading) for name, network in ((TRAINED, trained), (UNTRAINED, untrained))}
    found = {f"{name}, layer {layer}": clusters.separation(vectors[layer], texts.labels, draws=DRAWS)
             for name, vectors in of.items() for layer in LAYERS}
    found |= {f"{SHUFFLED}, layer {layer}": clusters.separation(of[TRAINED][layer], shuffled, draws=DRAWS) for layer in LAYERS}
    return found | {BAG: clusters.separation(clusters.bag(trained, texts.tokens), texts.labels, draws=DRAWS)}


def jumped(trained: Predictor, untrained: Predictor) -> Iterator[tuple[str, int, Sampled]]:
    """Mean steps of stories: as given and as the network goes on, the untrained network's, and of embeddings alone (layer 0)."""
    tokens, cloud = jumps.stories(STORIES), clusters.texts(EACH // 4).tokens
    around, idle = (jumps.word_states(network, cloud).states for network in (trained, untrained))
    found = {"given": jumps.story_steps(trained, tokens, around),
             "generated": jumps.story_steps(trained, jumps.retold(trained, tokens), around),
             "given, untrained": jumps.story_steps(untrained, tokens, idle)}
    for name, steps in found.items():
        yield from ((name, layer, steps.mean(layer, DRAWS)) for layer in LAYERS)
    yield "given, embeddings alone", 0, jumps.embedding_steps(trained, tokens, cloud).mean(0, DRAWS)


def _row(method: str, on: str, metric: str, one: Sampled) -> Row:
    low, high = one.between(0.25, 0.75)
    return Row(method=method, body=MODEL.body.label, on=on, bands=(Band(low, one.value, high),), metric=metric,
               repetitions=STORIES if metric == "jump" else EACH, interval=one.interval)
