"""The same flips shuffled: an ideal predictor of a coin does not care."""

from collections.abc import Sequence

import numpy as np

from tutor import measure
from tutor.sources import AbstractExchangeable
from tutor.sources.source import count_before
from tutor.studies.checks import Change, Check, Plan
from tutor.studies.measured_rows import Band, Row
from tutor.studies.presets import COINS, NETWORKS, Preset, faster_recipes
from tutor.studies.row_fields import fields_of_source, find
from tutor.studies.study import AbstractStudy

ORDER_AT = (50, 100)
ONE_FLIP, SHUFFLED = "one flip", "shuffled"
"""What was done to the flips: values of the field `change`."""


class Order(AbstractStudy):
    name = "order"
    title = "The same flips in another order"
    in_short = "shuffled flips hardly change the prediction"
    claim = (
        "An ideal predictor of a coin does not care in which order the flips came, and a pretrained network hardly does: shuffling all "
        "flips moves its prediction less than changing a single flip moves the ideal predictor's."
    )
    source = "exchangeability of coin flips (de Finetti); how far a network keeps it is our question"
    metric = "divergence"
    plan = Plan(
        primary="on either network, after 50 and after 100 flips, shuffling moves the prediction by less than one flip moves the ideal one",
        scope="random coins, an LSTM and a Transformer per seed",
        own_question=True,
        budget="the networks of random-to-single",
    )
    ledger = (
        *faster_recipes("reproduced"),
        Change("2026-11-30", "three networks of each kind became ten; one primary check, the largest ratio, instead of four",
                     before="reproduced"),
    )

    def specs(self, preset: Preset):
        return [preset.base(body, seed=seed) for body in NETWORKS for seed in preset.seeds]

    def rows(self, preset: Preset, load):
        rows = [
            Row(
                method=f"one flip changed, after {n}",
                body="exact",
                on=COINS.label,
                bands=(Band.exactly(one_flip_divergence(COINS, n)),),
                metric=self.metric,
                fields={"change": ONE_FLIP, "after": n} | fields_of_source(COINS),
            )
            for n in ORDER_AT
        ]
        for body in NETWORKS:
            found = [measure.order_sensitivity(load(preset.base(body, seed=seed)).predictor, COINS, at=ORDER_AT) for seed in preset.seeds]
            rows += [
                Row(
                    method=f"flips shuffled, after {n}",
                    body=body.label,
                    on=COINS.label,
                    repetitions=len(found),
                    metric=self.metric,
                    bands=(Band.over([f.divergence[i] for f in found]),),
                    fields={"change": SHUFFLED, "after": n, "network": body.kind} | fields_of_source(COINS),
                )
                for i, n in enumerate(ORDER_AT)
            ]
        return rows

    def checks(self, rows: Sequence[Row]):
        share = {(body, n): find(rows, change=SHUFFLED, after=n, network=body.kind).value / find(rows, change=ONE_FLIP, after=n).value
                 for body in NETWORKS for n in ORDER_AT}
        exact = "exact effect of one flip on the ideal predictor"
        return [
            Check("where shuffling matters most, it matters less than one flip does", max(share.values()), exact, high=1.0,
                  unit="of one flip", role="primary"),
            *(Check(f"{body.label}: shuffling {n} flips matters less than one flip does", value, exact, high=1.0, unit="of one flip")
              for (body, n), value in share.items()),
        ]


def one_flip_divergence(source: AbstractExchangeable, n: int, sequences: int = 512) -> float:
    """Mean Jensen-Shannon divergence (nats) of the ideal prediction after n flips from that after the same flips with one turned over."""
    counts = count_before(source.sample(sequences, n + 1, 0).tokens, source.vocab)[:, -1]
    turned = counts.clone()
    more = (counts[:, 0] < counts[:, 1]).double()  # turn one flip towards the rarer side
    turned[:, 0] += 2 * more - 1
    turned[:, 1] -= 2 * more - 1
    p, q = source.log_predictive(counts).exp().numpy(), source.log_predictive(turned).exp().numpy()
    middle = (p + q) / 2
    return float(0.5 * ((p * np.log(p / middle)).sum(-1) + (q * np.log(q / middle)).sum(-1)).mean())
