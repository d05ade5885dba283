"""Do a model's states of labelled texts lie together by their label: the measures of the Clusters page on any model and any texts."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np
from jaxtyping import Float, Integer

from tutor.core.rng import stream
from tutor.llm.causal_model import OwnModel
from tutor.llm.model_location import ModelError
from tutor.measure.separation import BootstrapValue, centroid_distances, draw_resamples, probe_accuracies, silhouettes

LABELS, MIN_TEXTS_PER_LABEL, MAX_TEXTS = (2, 4), 4, 80
"""Labels that are told apart, the fewest texts of one, and the most texts."""
LONGEST_LABEL = 30                                # characters
DRAWS, DEALS = 300, 100
"""Bootstrap samples of the texts, and times that labels are dealt out anew."""


@dataclass(frozen=True)
class LabelledGroups:
    """N labelled texts in a model: per layer one vector each (0: what enters the first), and a bag of embeddings as the control."""

    names: list[str]
    labels: Integer[np.ndarray, " N"]
    layers: list[Float[np.ndarray, "N _"]]
    bag: Float[np.ndarray, "N D"]

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Every two labels."""
        return list(combinations(self.names, 2))

    @cached_property
    def measured(self) -> Mapping[str, list[Mapping[str, BootstrapValue]]]:
        """`measure_separation` layer by layer, of the model and of labels that are dealt out anew."""
        return {"this model": [measure_separation(rows, self.labels) for rows in self.layers],
                "shuffled labels": [measure_chance(rows, self.labels) for rows in self.layers]}

    @cached_property
    def words(self) -> Mapping[str, BootstrapValue]:
        """`measure_separation` of the bag of embeddings."""
        return measure_separation(self.bag, self.labels)


def read_groups(model: OwnModel, text: str) -> LabelledGroups:
    """Read labelled texts with a model: one vector per text and layer.

    The vector of a text is the mean of its states behind all tokens but the first, whose state is often many times longer.

    Parameters
    ----------
    text
        Lines of the form "label: text".

    Raises
    ------
    ModelError
        Where there are none, too few or too many lines or labels.
    """
    said = parse_labelled(text)
    names = list(dict.fromkeys(label for label, _ in said))
    read = [model.tokens(sentence) for _, sentence in said]
    states = [[layer[min(1, len(layer) - 1):].mean(0).double().numpy() for layer in model.states(ids)] for ids in read]
    bags = [model.activations(sentence).mean(0).double().numpy() for _, sentence in said]
    labels = np.array([names.index(label) for label, _ in said])
    return LabelledGroups(names, labels, [np.stack(layer) for layer in zip(*states, strict=True)], np.stack(bags))


def parse_labelled(text: str) -> list[tuple[str, str]]:
    """The label and the text of every line that is not empty. ModelError as in `read_groups`."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    parts = [tuple(part.strip() for part in line.partition(":")[::2]) for line in lines]
    for line, (label, sentence) in zip(lines, parts, strict=True):
        if not (0 < len(label) <= LONGEST_LABEL and sentence):
            raise ModelError(f"the line '{line[:40]}' has no label; write label: text, the label of at most {LONGEST_LABEL} letters")
    counts = Counter(label for label, _ in parts)
    if not LABELS[0] <= len(counts) <= LABELS[1]:
        raise ModelError(f"there are {len(counts)} labels; give {LABELS[0]} to {LABELS[1]}")
    rarest = min(counts, key=counts.get)
    if counts[rarest] < MIN_TEXTS_PER_LABEL or len(parts) > MAX_TEXTS:
        raise ModelError(
            f"there are {len(parts)} texts, {counts[rarest]} of them labelled '{rarest}'; give at least "
            f"{MIN_TEXTS_PER_LABEL} of each label "
            f"and {MAX_TEXTS} in all"
        )
    return parts


def measure_separation(rows: Float[np.ndarray, "N D"], labels: Integer[np.ndarray, " N"]) -> Mapping[str, BootstrapValue]:
    """Measure how far apart labelled vectors [N, D] lie.

    Returns
    -------
    mapping
        Silhouette, accuracy of a linear probe on held-out texts, and the smallest distance of two centres in spreads of a text.
    """
    return {
        name: BootstrapValue(float(values[0]), values[1:])
        for name, values in _measures(rows, labels, draw_resamples(labels, DRAWS)).items()
    }


def measure_chance(rows: Float[np.ndarray, "N D"], labels: Integer[np.ndarray, " N"]) -> Mapping[str, BootstrapValue]:
    """The same measures for labels that are dealt out anew, many times: their mean, and their draws."""
    rng, once = stream(0, "labels"), np.ones((1, len(labels)))
    found = [_measures(rows, rng.permutation(labels), once) for _ in range(DEALS)]
    drawn = {name: np.concatenate([one[name] for one in found]) for name in found[0]}
    return {name: BootstrapValue.over(values) for name, values in drawn.items()}


def _measures(rows: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> Mapping[str, Float[np.ndarray, " R"]]:
    return {"silhouette": silhouettes(rows, labels, weights), "probe": probe_accuracies(rows, labels, labels, weights),
            "distance": centroid_distances(rows, labels, weights).min(1)}


def pair_distances(groups: LabelledGroups, layer: int) -> Mapping[tuple[str, str], BootstrapValue]:
    """Distances [in spreads of a text about its own centre] between the centres of every two labels in one layer."""
    away = centroid_distances(groups.layers[layer], groups.labels, draw_resamples(groups.labels, DRAWS))
    return {pair: BootstrapValue(float(values[0]), values[1:]) for pair, values in zip(groups.pairs, away.T, strict=True)}
