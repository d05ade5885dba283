"""What the Priors page says and lists of its studies, of rows made up so that it can be checked by hand."""

from tutor.studies.embedding_presets import PRIORS as STUDIED
from tutor.ui import posteriors, spreads


def row(method: str, metric: str, value: float, spread: float = 0.0) -> dict:
    quartiles = {"value": value, "q25": value - spread, "q75": value + spread}
    return {"method": method, "metric": metric, "repetitions": 4, "prompt_length": 10} | quartiles


def study(quick: float, slow: float, **more: float) -> dict:
    """A study in which soft prompts take 100 to 120 steps and deep ones `quick` to `slow`."""
    rows = [row(posteriors.NOTHING, "loss", 10.0)]
    for place, label in enumerate(STUDIED):
        rows += [row(label, "loss", 0.1), row(label, "steps", 120.0 if place else 100.0, 5.0)]
        rows += [row(label, name, value) for name, value in more.items()]
    for place, label in enumerate(STUDIED):
        rows += [row(posteriors.deeply(label), "loss", 0.01), row(posteriors.deeply(label), "steps", slow if place else quick)]
    return {"rows": rows}


def test_prose_on_speed_follows_the_numbers():
    said = posteriors.speeds(study(20.0, 120.0))
    assert "matters more for a deep prompt" in said and "6.0 times as many steps" in said and "against 1.2 times" in said
    assert "matters no more for a deep prompt" in posteriors.speeds(study(100.0, 120.0))


def test_controls_are_told_where_they_were_measured():
    assert posteriors.controls(study(1.0, 2.0)) == ""
    idle = posteriors.controls(study(1.0, 2.0, before=9.9, shuffled=5.0))
    assert "Drawing alone does nothing" in idle and "their order is part" in idle
    other = posteriors.controls(study(1.0, 2.0, before=2.0, shuffled=0.12))
    assert "Drawing alone does something" in other and "hardly matters" in other


def test_tables_have_medians_with_quartiles_and_only_what_was_measured():
    table = spreads.by_prior(study(20.0, 120.0), spreads.TASK).set_index("prior")
    assert list(table.columns) == ["loss (nats)", "steps"] and table.loc[next(iter(STUDIED)), "steps"] == "100 (95–105)"
    assert table.loc[posteriors.deeply(next(iter(STUDIED))), "steps"] == "20"
    assert spreads.by_chance(study(1.0, 2.0)) == "one in 10" and spreads.repetitions(study(1.0, 2.0), STUDIED) == "4"


def test_steps_that_nobody_counted_to_their_end_are_written_as_more_than_all():
    result = study(20.0, 120.0)
    last = list(STUDIED)[-1]
    slow = next(one for one in result["rows"] if (one["method"], one["metric"]) == (last, "steps"))
    slow |= {"value": 400.0, "q25": 390.0, "q75": 400.0, "at_least": ["value", "q75"]}
    assert spreads.by_prior(result, spreads.TASK).set_index("prior").loc[last, "steps"] == "over 400 (390–over 400)"
    assert f"and over 400 ({last})" in posteriors.speeds(result) and posteriors.speeds(result).endswith("against over 4.0 times.")


def test_losses_of_soft_and_deep_prompts_stand_on_one_logarithmic_axis():
    assert posteriors.dots(study(20.0, 120.0), "loss").drawing.layout["xaxis"]["type"] == "log"
    assert "type" not in posteriors.dots(study(20.0, 120.0), "steps").drawing.layout["xaxis"]


def test_transfers_are_listed_by_target_and_start():
    rows = [row("summaries, from tables, shuffled", metric, 2.0) for metric in ("loss", "steps")]
    rows.append(row("summaries, no prompt", "loss", 9.0))
    table = spreads.transfers({"rows": rows})
    assert table["start"].tolist() == ["from tables, shuffled", "no prompt"] and table["steps"].tolist() == ["2", ""]
