"""The same flips shuffled: an ideal predictor of a coin does not care."""

from collections.abc import Sequence

import numpy as np

from tutor import measure
from tutor.sources import AbstractExchangeable
from tutor.sources.base import counts_before
from tutor.studies.base import AbstractStudy
from tutor.studies.evidence import Band, Check, Row, find
from tutor.studies.presets import BODIES, COINS, NETWORKS, SEEDS, Preset

ORDER_AT = (50, 100)


class Order(AbstractStudy):
    name = "order"
    title = "The same flips in another order"
    claim = (
        "An ideal predictor of a coin does not care in which order the flips came, and a pretrained network hardly does: shuffling all "
        "flips moves its prediction less than changing a single flip moves the ideal predictor's."
    )
    source = "exchangeability of coin flips (de Finetti); how far a network keeps it is our question"
    metric = "divergence"

    def specs(self, preset: Preset):
        return [preset.base(body, seed=seed) for body in NETWORKS for seed in SEEDS]

    def rows(self, preset: Preset, load):
        rows = [
            Row(
                method=f"one flip changed, after {n}",
                body="exact",
                on=COINS.label,
                bands=(Band.exactly(one_flip(COINS, n)),),
                metric=self.metric,
            )
            for n in ORDER_AT
        ]
        for body in NETWORKS:
            found = [measure.order_sensitivity(load(preset.base(body, seed=seed)).predictor, COINS, at=ORDER_AT) for seed in SEEDS]
            rows += [
                Row(
                    method=f"flips shuffled, after {n}",
                    body=body.label,
                    on=COINS.label,
                    repetitions=len(found),
                    metric=self.metric,
                    bands=(Band.over([f.divergence[i] for f in found]),),
                )
                for i, n in enumerate(ORDER_AT)
            ]
        return rows

    def checks(self, rows: Sequence[Row]):
        return [
            Check(
                f"{body}: shuffling {n} flips matters less than one flip does",
                find(rows, method=f"flips shuffled, after {n}", body=body).bands[0],
                find(rows, method=f"one flip changed, after {n}").bands[0],
                "below",
                "exact effect of one flip on the ideal predictor",
            )
            for body in BODIES
            for n in ORDER_AT
        ]


def one_flip(source: AbstractExchangeable, n: int, sequences: int = 512) -> float:
    """Mean Jensen-Shannon divergence (nats) between the ideal predictions after n flips and after the same with one turned over."""
    counts = counts_before(source.sample(sequences, n + 1, 0).tokens, source.vocab)[:, -1]
    turned = counts.clone()
    more = (counts[:, 0] < counts[:, 1]).double()  # turn one flip towards the rarer side
    turned[:, 0] += 2 * more - 1
    turned[:, 1] -= 2 * more - 1
    p, q = source.log_predictive(counts).exp().numpy(), source.log_predictive(turned).exp().numpy()
    middle = (p + q) / 2
    return float(0.5 * ((p * np.log(p / middle)).sum(-1) + (q * np.log(q / middle)).sum(-1)).mean())
