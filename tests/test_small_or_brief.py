"""The map of smaller and more briefly trained networks: its cells, and what is held against the full one."""

from math import prod

import pytest

from tutor.studies import FAST, STUDIES, small_or_brief
from tutor.studies.measured_rows import Band, Row
from tutor.studies.small_or_brief import BRIEFEST, FULL, KINDS, SMALLEST, every_cell, share_of_gains

STUDY = STUDIES["small-or-brief"]


def test_every_cell_is_one_network_of_each_kind_behind_one_soft_prompt_of_the_same_size():
    for preset in (FAST, FAST.on_base(103)):
        specs = STUDY.specs(preset)
        assert len({spec.key() for spec in specs}) == len(specs) == len(KINDS) * len(every_cell())
        assert {(spec.seeds.pretrain, spec.seeds.repetitions) for spec in specs} == {(preset.seed, 1)}
        assert {(spec.method.kind, spec.body.embedding) for spec in specs} == {("soft", 128)}
        assert {(spec.body.width, spec.recipe.steps) for spec in specs} == set(every_cell())


def test_the_full_networks_are_those_of_the_first_main_study():
    main = {spec.base().key() for spec in STUDIES["random-to-single"].specs(FAST)}
    full = {spec.base().key() for spec in STUDY.specs(FAST) if (spec.body.width, spec.recipe.steps) == FULL}
    assert full == main


def rows_of(regret: dict[tuple[int, int], float]) -> list[Row]:
    """Rows of either network with this regret after 200 flips, a half of it after 50."""
    return [Row("a label", kind.label, "a coin", (Band.exactly(value / 2), Band.exactly(value), Band.exactly(value)),
                fields={"network": kind().kind, "width": width, "steps": steps})
            for kind in KINDS for (width, steps), value in regret.items()]


def test_of_the_smallest_and_the_briefest_the_one_that_loses_least_decides():
    level = dict.fromkeys(every_cell(), 0.2)
    first = STUDY.checks(rows_of(level | {SMALLEST: 3.0, BRIEFEST: 0.5}))[0]
    assert (first.value, first.role) == (pytest.approx(0.3), "primary") and first.value > first.low
    assert STUDY.checks(rows_of(level | {SMALLEST: 3.0}))[0].value == 0.0
    after_50 = next(check for check in STUDY.checks(rows_of(level | {SMALLEST: 3.0})) if "width 8: worse" in check.text)
    assert "50 flips" in after_50.text and after_50.value == pytest.approx(1.4)


def test_neighbours_on_the_map_are_compared_once_in_either_direction():
    assert share_of_gains({cell: 1 / prod(cell) for cell in every_cell()}) == 1.0
    assert share_of_gains({cell: float(prod(cell)) for cell in every_cell()}) == 0.0
    assert share_of_gains({(width, steps): 1 / width for width, steps in every_cell()}) == 0.5      # six pairs of twelve
    assert small_or_brief.STEPS[-1] == FAST.recipe.steps
