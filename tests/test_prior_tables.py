"""What the Priors page says and lists of its studies, of rows made up so that it can be checked by hand."""

from tutor.studies.embedding_presets import PRIORS as STUDIED
from tutor.studies.row_fields import find
from tutor.ui.labs.embeddings import posterior_scores, spread_tables


def row(metric: str, value: float, spread: float = 0.0, **fields) -> dict:
    quartiles = {"value": value, "q25": value - spread, "q75": value + spread}
    return {"method": "a label", "metric": metric, "repetitions": 4, "prompt_length": 10, "fields": fields} | quartiles


def study(quick: float, slow: float, **more: float) -> dict:
    """A study in which soft prompts take 100 to 120 steps and deep ones `quick` to `slow`."""
    rows = [row("loss", 10.0, method="none")]
    for place, prior in enumerate(STUDIED.values()):
        soft = {"method": "soft", "prior": prior.kind}
        rows += [row("loss", 0.1, **soft), row("steps", 120.0 if place else 100.0, 5.0, **soft)]
        rows += [row(name, value, **soft) for name, value in more.items()]
    for place, prior in enumerate(STUDIED.values()):
        deep = {"method": "deep", "prior": prior.kind}
        rows += [row("loss", 0.01, **deep), row("steps", slow if place else quick, **deep)]
    return {"rows": rows}


def test_prose_on_speed_follows_the_numbers():
    said = posterior_scores.describe_speeds(study(20.0, 120.0))
    assert "matters more for a deep prompt" in said and "6.0 times as many steps" in said and "against 1.2 times" in said
    assert "matters no more for a deep prompt" in posterior_scores.describe_speeds(study(100.0, 120.0))


def test_controls_are_told_where_they_were_measured():
    assert posterior_scores.describe_controls(study(1.0, 2.0)) == ""
    idle = posterior_scores.describe_controls(study(1.0, 2.0, before=9.9, shuffled=5.0))
    assert "Drawing alone does nothing" in idle and "so their order matters" in idle
    other = posterior_scores.describe_controls(study(1.0, 2.0, before=2.0, shuffled=0.12))
    assert "Drawing alone does something" in other and "hardly matters" in other


def test_tables_have_medians_with_quartiles_and_only_what_was_measured():
    table = spread_tables.tabulate_priors(study(20.0, 120.0), spread_tables.TASK).set_index("prior")
    assert list(table.columns) == ["loss (nats)", "steps"] and table.loc[next(iter(STUDIED)), "steps"] == "100 (95–105)"
    assert table.loc[f"{next(iter(STUDIED))}, deep", "steps"] == "20"
    assert (
        spread_tables.describe_chance(study(1.0, 2.0)) == "one in 10"
        and spread_tables.describe_repetitions(study(1.0, 2.0), method="soft") == "4"
    )


def test_steps_that_nobody_counted_to_their_end_are_written_as_more_than_all():
    result = study(20.0, 120.0)
    last = list(STUDIED)[-1]
    slow = find(result["rows"], method="soft", prior=STUDIED[last].kind, metric="steps")
    slow |= {"value": 400.0, "q25": 390.0, "q75": 400.0, "at_least": ["value", "q75"]}
    assert spread_tables.tabulate_priors(result, spread_tables.TASK).set_index("prior").loc[last, "steps"] == "over 400 (390–over 400)"
    assert f"and over 400 ({last})" in posterior_scores.describe_speeds(result)
    assert posterior_scores.describe_speeds(result).endswith("against over 4.0 times.")


def test_losses_of_soft_and_deep_prompts_stand_on_one_logarithmic_axis():
    assert posterior_scores.draw_measure(study(20.0, 120.0), "loss").drawing.layout["xaxis"]["type"] == "log"
    assert "type" not in posterior_scores.draw_measure(study(20.0, 120.0), "steps").drawing.layout["xaxis"]


def test_transfers_are_listed_by_target_and_start():
    rows = [row(metric, 2.0, target="summaries", start="from tables, shuffled") for metric in ("loss", "steps")]
    rows.append(row("loss", 9.0, target="summaries", start="no prompt"))
    table = spread_tables.tabulate_transfers({"rows": rows})
    assert table["start"].tolist() == ["from tables, shuffled", "no prompt"] and table["steps"].tolist() == ["2", ""]
