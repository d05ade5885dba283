"""A map of controls: smaller networks, and networks that were pretrained more briefly."""

from collections.abc import Sequence
from itertools import pairwise

from tutor.methods import SoftPT
from tutor.predictors import LSTM, AbstractBody, Transformer
from tutor.runs.spec import RunSpec
from tutor.studies.checks import Change, Check, Plan
from tutor.studies.measured_rows import Row, regret_row
from tutor.studies.presets import CITED, SINGLE, Preset
from tutor.studies.row_fields import find
from tutor.studies.study import AbstractStudy

KINDS: tuple[type[AbstractBody], ...] = (LSTM, Transformer)
EMBEDDING = 128
"""Of every network, so that only the network is smaller and never the prompt; `narrow-embedding` is about the latter."""
WIDTHS = (8, 32, 128)
STEPS = (20, 80, 320)
"""Of pretraining; the last ones of both are those of the main studies."""
FULL, SMALLEST, BRIEFEST = (WIDTHS[-1], STEPS[-1]), (WIDTHS[0], STEPS[-1]), (WIDTHS[-1], STEPS[0])
"""Cells of the map: width and steps."""
WORSE = 0.1
"""Nats by which a soft prompt must be worse than on the full network; as in `narrow-embedding`."""
OF_MAP = "our question; more often than not is the least that a trend must be"


class SmallOrBrief(AbstractStudy):
    name = "small-or-brief"
    title = "Too small, or too briefly trained"
    in_short = "a soft prompt needs a network that is large enough and was pretrained for long enough"
    claim = (
        "Behind a soft prompt a network that is too small, or was pretrained too briefly, is a worse predictor of one coin than a large "
        "one that was pretrained for long."
    )
    source = (f"our own question after {CITED}, which calls results inconsistent where networks are too small or too briefly trained, and "
              "prints no sizes")
    plan = Plan(
        primary=f"a soft prompt for one coin is worse by at least {WORSE} nats after 200 flips, four times its tuning length, on a network "
                f"of width {WIDTHS[0]} and on one of {STEPS[0]} steps of pretraining than on one of width {WIDTHS[-1]} and {STEPS[-1]} "
                "steps: of both, on an LSTM and on a Transformer, the one that loses least",
        scope=f"one coin of bias 0.2, widths {WIDTHS[0]} to {WIDTHS[-1]}, {STEPS[0]} to {STEPS[-1]} steps of pretraining, 200 flips",
        own_question=True,
        budget="10 networks of eighteen kinds: 30 core minutes",
    )
    ledger = (Change("2026-12-01", "a study of its own; its plan was fixed before any network of it was trained"),)

    def specs(self, preset: Preset):
        return [self._spec(preset, kind, width, steps) for kind in KINDS for width in WIDTHS for steps in STEPS]

    def rows(self, preset: Preset, load):
        return [regret_row(load(self._spec(preset, kind, width, steps))).labelled(f"SoftPT, width {width}, {steps} steps", width=width,
                                                                                 steps=steps)
                for kind in KINDS for width in WIDTHS for steps in STEPS]

    def checks(self, rows: Sequence[Row]):
        def regret(kind: type[AbstractBody], cell: tuple[int, int], flips: int) -> float:
            width, steps = cell
            return find(rows, network=kind.model_fields["kind"].default, width=width, steps=steps).after(flips)

        def lost(kind: type[AbstractBody], cell: tuple[int, int], flips: int) -> float:
            return regret(kind, cell, flips) - regret(kind, FULL, flips)

        cells = {f"of width {SMALLEST[0]}": SMALLEST, f"after {BRIEFEST[1]} steps of pretraining": BRIEFEST}
        ours = f"{self.source}; a tenth of a nat is our reading of clearly worse"
        return [
            Check("after 200 flips the smallest and the briefest network are worse than the full one, even the one that loses least",
                  min(lost(kind, cell, 200) for kind in KINDS for cell in cells.values()), ours, low=WORSE, role="primary"),
            *(Check(f"{kind.label} {name}: worse than the full one after {flips} flips", lost(kind, cell, flips), ours, low=WORSE)
              for kind in KINDS for name, cell in cells.items() for flips in (50, 200)),
            *(Check(f"{kind.label}: over the map wider or longer is better more often than not",
                    share_of_gains({cell: regret(kind, cell, 200) for cell in every_cell()}), OF_MAP, low=0.5, unit="of neighbours")
              for kind in KINDS),
        ]

    def _spec(self, preset: Preset, kind: type[AbstractBody], width: int, steps: int) -> RunSpec:
        """Specify a soft prompt on one cell of the map, tuned once."""
        once = preset.on_base(preset.seed)
        base = once.base(kind(width=width, embedding=EMBEDDING))
        brief = base.recipe.model_copy(update={"steps": base.recipe.steps * steps // STEPS[-1]})
        return once.tuned(base.model_copy(update={"recipe": brief}), SoftPT(), SINGLE)


def every_cell() -> list[tuple[int, int]]:
    """List width and steps of every cell of the map."""
    return [(width, steps) for width in WIDTHS for steps in STEPS]


def share_of_gains(regret: dict[tuple[int, int], float]) -> float:
    """Return in what share of neighbouring cells, one wider or longer than the other, that one has the lower regret (nats)."""
    pairs = [((width, a), (width, b)) for width in WIDTHS for a, b in pairwise(STEPS)]
    pairs += [((a, steps), (b, steps)) for steps in STEPS for a, b in pairwise(WIDTHS)]
    return sum(regret[more] < regret[less] for less, more in pairs) / len(pairs)
