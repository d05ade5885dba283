"""Run specifications: keys are stable and tell every field apart; bases, labels, shorthands, files."""

import json
import re
from pathlib import Path

import pytest
from two_specs import PRETRAINING, TUNING

from tutor import Evaluation, Recipe, RunSpec, Seeds, methods, sources
from tutor.core.paths import ASSETS
from tutor.core.types import Spec
from tutor.methods import METHODS
from tutor.methods.priors import PRIORS
from tutor.methods.retrieval import PIPELINES
from tutor.predictors import BODIES
from tutor.predictors.prompt_placement import Placement
from tutor.sources import SOURCES
from tutor.sources.language.facts import Facts
from tutor.studies import FAST, STUDIES

each_spec = pytest.mark.parametrize("spec", [PRETRAINING, TUNING], ids=["pretraining", "tuning"])


# Keys.

def test_a_key_stays_what_it_is():
    """If this fails, every stored run has lost its name: raise FORMAT on purpose or undo the change."""
    assert (PRETRAINING.key(), PRETRAINING.evaluation_key()) == ("9bcd9276ee7615f7", "dba09534a3f52f71")
    assert (TUNING.key(), TUNING.evaluation_key()) == ("6f029828d1b22ffc", "9a3f5f0d68824cde")


def test_no_default_changes_its_meaning_under_the_keys_of_old_runs():
    """A key leaves defaults out. So a default may be added (to the file as well), but a changed one must raise FORMAT.

    What no shipped run uses yet has no line in the file: it gets one with its first runs.
    """
    parts = [Recipe, Evaluation, Seeds, Placement, *SOURCES.values(), *BODIES.values(), *METHODS.values(),
             *PIPELINES.values(), Facts, *PRIORS.values()]
    said = {part.__name__: json.loads(part.model_construct().model_dump_json(warnings=False)) for part in parts}
    known = json.loads((Path(__file__).parent / "reference" / "defaults.json").read_text())
    assert {name: said.get(name) for name in known} == known
    shipped = used()
    lines = {part.__name__: said[part.__name__] for part in parts if part in shipped and part.__name__ not in known}
    assert not lines, f"these lines are missing in tests/reference/defaults.json: {json.dumps(lines, indent=1)}"


def used() -> set[type]:
    """The classes of every part of every run that is shipped."""
    def parts(spec: Spec) -> set[type]:
        inner = [getattr(spec, name) for name in type(spec).model_fields]
        return {type(spec)}.union(*(parts(one) for one in inner if isinstance(one, Spec)))

    shipped = [study for name, study in STUDIES.items() if (ASSETS / f"studies/{name}-fast.json").is_file()]
    return set().union(*(parts(spec) for study in shipped for spec in study.specs(FAST)))


def test_a_key_leaves_defaults_out_and_keeps_every_kind():
    essence = TUNING.essence()
    assert essence["recipe"] == {"steps": 300, "learning_rate": 4e-3, "cosine": True}
    assert essence["method"] == {"length": 3, "placement": {"kind": "infix", "after": 2}, "kind": "soft"}
    assert essence["on"] == {"kind": "mixture"} and "evaluation" not in essence
    assert {part["kind"] for part in PRETRAINING.essence().values() if part} == {"dirichlet", "lstm"}


@each_spec
def test_a_key_is_sixteen_hexadecimal_digits(spec):
    assert re.fullmatch("[0-9a-f]{16}", spec.key())


@each_spec
def test_a_key_does_not_depend_on_the_order_of_fields(spec):
    def reversed_fields(values):
        return {name: reversed_fields(values[name]) for name in reversed(values)} if isinstance(values, dict) else values

    values = json.loads(spec.to_json())
    assert list(reversed_fields(values)) != list(values)
    assert RunSpec.from_dict(reversed_fields(values)).key() == spec.key()


def test_defaults_said_and_unsaid_are_the_same_run():
    short = RunSpec.from_text('[source]\nkind = "dirichlet"\n[body]\nkind = "lstm"\n[recipe]\n')
    assert short == PRETRAINING and short.key() == PRETRAINING.key()
    assert RunSpec.from_text(PRETRAINING.to_toml().replace("128", "128.0")).key() == PRETRAINING.key()


def leaves(values: dict, path=()):
    for name, value in values.items():
        yield from leaves(value, (*path, name)) if isinstance(value, dict) else [((*path, name), value)]


OTHER = {"source.alphas": [2, 1], "on.probs": [[0.3, 0.7], [0.7, 0.3]], "on.weights": [0.25, 0.75], "source.kind": None, "on.kind": None,
         "body.kind": None, "body.width": 68, "body.heads": 8,
         "method.kind": "real", "method.placement.kind": "suffix", "method.init": "zeros",
         "recipe.targets": "truth", "tuning.targets": "truth", "recipe.changes": [[3, 0.1]], "tuning.changes": [[3, 0.1]],
         "recipe.curriculum": [7], "tuning.curriculum": [7]}


def another(path: tuple, value):
    """Another valid value for the field at `path`."""
    name = ".".join(path)
    if name in OTHER:
        return OTHER[name]
    return not value if isinstance(value, bool) else value + 1 if isinstance(value, int) else 0.75 * value or 0.25


@pytest.mark.parametrize(("path", "value"), list(leaves(json.loads(TUNING.to_json()))), ids=lambda x: str(x)[:40])
def test_changing_any_field_changes_the_keys_that_cover_it(path, value):
    """The key of the training covers everything but the evaluation, the key of the evaluation covers all."""
    changed = another(path, value)
    values = json.loads(TUNING.to_json())
    inner = values
    for name in path[:-1]:
        inner = inner[name]
    if changed is None:                                            # another kind of source or body comes with its own fields
        registry = BODIES if path[0] == "body" else SOURCES
        values[path[0]] = {"kind": next(kind for kind in registry if kind != value)}
    else:
        inner[path[-1]] = changed
    spec = RunSpec.from_dict(values)
    assert (spec.key() != TUNING.key()) == (path[0] != "evaluation") and spec.evaluation_key() != TUNING.evaluation_key()


# Bases, labels, shorthands.

def test_a_tuning_starts_from_its_pretraining():
    assert TUNING.is_tuning and not PRETRAINING.is_tuning
    assert TUNING.base() == RunSpec(source=TUNING.source, body=TUNING.body, recipe=TUNING.recipe)
    assert PRETRAINING.base() == PRETRAINING


def test_tunings_that_differ_only_in_the_tuning_share_their_base():
    other = TUNING.model_copy(update={"method": methods.FullWT(), "on": sources.Categorical(), "seeds": Seeds(tune=9)})
    assert other.base().key() == TUNING.base().key()


def test_labels_name_body_source_method_and_target():
    assert PRETRAINING.label == "LSTM 128 on Random coins"
    assert TUNING.label == "SoftPT: Transformer 64 on Random coins -> Two coins 0.2 / 0.8"


def test_seed_is_shorthand_for_the_pretraining_seed():
    parts = {"source": PRETRAINING.source, "body": PRETRAINING.body, "recipe": PRETRAINING.recipe}
    assert RunSpec(**parts, seed=7).seeds == Seeds(pretrain=7)
    assert RunSpec(**parts, seed=0) == PRETRAINING


def test_a_specification_is_hashable_and_frozen():
    assert len({TUNING, RunSpec.from_text(TUNING.to_toml())}) == 1
    with pytest.raises(ValueError, match="frozen"):
        TUNING.method = methods.FullWT()


@pytest.mark.parametrize(("name", "text"), [("run.toml", PRETRAINING.to_toml()), ("run.json", PRETRAINING.to_json())])
def test_a_file_is_read_by_its_ending(name, text, tmp_path):
    (tmp_path / name).write_text(text)
    assert RunSpec.from_file(tmp_path / name) == PRETRAINING
