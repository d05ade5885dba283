"""Scenes about prefixes of networks that work on lists of digits: what they can teach, bring out, and do to attention."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from tutor.analysis import prefix_attention
from tutor.figures import Score, attention_map, bias_scatter, score_bars, score_matrix
from tutor.runs.spec import RunSpec
from tutor.studies import FAST
from tutor.studies.row_fields import find
from tutor.ui.labs.prefixes import attention_views, skill_matrix
from tutor.ui.labs.prefixes.attention_views import EditedPrefix
from tutor.ui.plot import draw_picture, frame_feeds
from tutor.ui.run_views import cached_results
from tutor.ui.shell import visitor_runs
from tutor.ui.stage.fact_kinds import list_kinds
from tutor.ui.stage.scene import LARGE_TYPE, Scene, ScenePlace, SceneSetting

SORTER = "5e3243d86a37b2c7"
"""A prefix that shall make a network of one layer, which sorts upwards, sort downwards."""
SKILLED = "1e1a38f5365a28fd"
"""One of four prefixes on a network that knows four tasks."""
TASKS = ("Ascending", "Descending", "Add 1", "Add 2")
TIMES = SceneSetting(1.0, between=(-2.0, 3.0))
TAUGHT = {"full": "all weights trained", "prefix": "best prefix"}
RIGHT = "lists without a mistake (%)"


def draw_new_task(place: ScenePlace) -> dict[str, Any]:
    """Draw how many lists the sorter sorts downwards, once all its weights or only a prefix were trained for it."""
    found = cached_results.study_result("new-attention", FAST.name)["rows"]
    shown = {kind: name for kind, name in TAUGHT.items() if _taught(kind) not in place.hidden}
    groups = {
        "sorts upwards": {"before": _percent(find(found, method="pretrained", task="ascending"))}
        | {name: _percent(find(found, method=kind, task="ascending")) for kind, name in shown.items()},
        "sorts downwards": {name: _percent(find(found, method=kind, task="descending")) for kind, name in shown.items()},
    }
    drawn = {group: bars for group, bars in groups.items() if bars}
    place.show(score_bars(drawn, measure=RIGHT if len(drawn) > 1 else "lists sorted upwards (%)", top=100.0))
    return {_taught(kind): find(found, method=kind, task="descending")["value"] for kind in TAUGHT}


def _percent(row: Mapping[str, Any]) -> Score:
    return Score(*(100 * row[name] for name in ("value", "q25", "q75")))


def _taught(kind: str) -> str:
    return f"{'tuned' if kind == 'full' else kind}_descending"


def draw_attention(place: ScenePlace) -> dict[str, Any]:
    """Draw three maps of attention: without the prefix, behind it, and with it cut out and the rest scaled to one."""
    pull = place.slide("How hard the prefix pulls", "pull", (-2.0, 3.0, 0.5), "%.1f")
    steering, spec = EditedPrefix(SORTER, pull), visitor_runs.load_run(SORTER).spec
    digits = prefix_attention.parse_digits(spec.source, prefix_attention.draw_example(spec.source))
    tokens = tuple(attention_views.answer_list(steering, digits)[1])
    found = attention_views.read_head(steering, tokens, 0, 0)
    items, words = spec.source.items, ["B", *map(str, tokens[:-1])]
    panels = (("Without the prefix", found.without, 0), ("Behind the prefix", found.behind, 1), ("Prefix cut out", found.rescaled, 0))
    with place.picture:
        for number, (column, (title, weights, prefix)) in enumerate(zip(st.columns(3, gap="small"), panels, strict=True)):
            with column:
                st.markdown(f"**{title}**")
                picture = attention_map(weights, words, prefix=prefix, asked=items)
                picture.drawing.x(showticklabels=not place.large)       # large digits would lie upon each other
                draw_picture(picture, key=f"stage_attention_{number}", link="stage",
                             type_size=LARGE_TYPE if place.large else None)
    return {"pull": pull, "share": float(found.sides.share[items:].mean()), "difference": found.difference}


def _siblings() -> dict[str, str]:
    """Task -> prefix on the network that knows four tasks."""
    return {label: key for key, label in attention_views.label_prefixes(attention_views.find_siblings(SKILLED)).items()}


def _draw_scores(place: ScenePlace, steering: EditedPrefix) -> dict[str, Any]:
    """Draw how often each of the four tasks comes out right behind a prefix, and return the facts."""
    spec = visitor_runs.load_run(steering.key).spec
    shares = attention_views.score_tasks(steering, attention_views.list_tasks(steering))
    place.show(score_bars({"right": {task: Score(*[100 * shares[task.lower()]] * 3) for task in TASKS}}, measure=RIGHT, top=100.0))
    return {"task": spec.on.label, "right": _best(shares, spec)} | _of_values(steering, shares)


def _best(shares: Mapping[str, float], spec: RunSpec) -> float:
    return max(shares[task] for task in spec.on.tasks)


def _of_values(steering: EditedPrefix, shares: Mapping[str, float]) -> dict[str, Any]:
    other = visitor_runs.load_run(steering.values or steering.key).spec
    return {"values": other.on.label, "right_of_values": _best(shares, other)}


def draw_prefix_task(place: ScenePlace) -> dict[str, Any]:
    """Draw what the network does behind the prefix of one task."""
    return _draw_scores(place, EditedPrefix(_siblings()[place.choose("Prefix for", "task", TASKS)]))


def draw_prefix_push(place: ScenePlace) -> dict[str, Any]:
    """Draw what the network does behind a prefix whose values are scaled."""
    push = place.slide("How much the prefix says", "push", (0.0, 2.0, 0.25), "%.2f")
    return {"push": push} | _draw_scores(place, EditedPrefix(_siblings()[place.value("task")], push=push))


def draw_prefix_values(place: ScenePlace) -> dict[str, Any]:
    """Draw what the network does behind a prefix with the values of another one."""
    values, known = place.choose("Values from", "values", TASKS), _siblings()
    key = known[place.value("task")]
    return _draw_scores(place, EditedPrefix(key, values="" if known[values] == key else known[values]))


def draw_pushes(place: ScenePlace) -> dict[str, Any]:
    """Draw where each prefix moves the output of the first attention layer, with a slider through its tuning."""
    key = _siblings()[place.value("task")]
    siblings = attention_views.find_siblings(key)
    moved = attention_views.push_outputs(siblings)
    film = frame_feeds.play_as_film(frame_feeds.feed_pushed_outputs(key, siblings))
    place.show(bias_scatter(moved.without, moved.behind, explained=moved.explained), frames=film, runs=siblings)
    spec = visitor_runs.load_run(key).spec
    return {"task": spec.on.label, "right": _best(attention_views.score_tasks(EditedPrefix(key), spec.on.tasks), spec)}


def draw_skills(place: ScenePlace) -> dict[str, Any]:
    """Draw what the network does without and behind each prefix, as a matrix of tasks."""
    found = cached_results.study_result("elicit", FAST.name)
    rows, columns, values = skill_matrix.make_matrix(found)
    named = [row.replace("PrefixPT", "prefix").replace("pretrained", "no prefix") for row in rows]
    place.show(score_matrix(named, columns, values, {}), runs=found["keys"][:6])
    return {"least": min(float(values[i, j]) for i, j in _diagonal(rows, columns))}


def _diagonal(rows: list[str], columns: list[str]) -> list[tuple[int, int]]:
    """Cells of a matrix in which a prefix is asked for its own task."""
    return [(i, j) for i, row in enumerate(rows) for j, column in enumerate(columns) if column.lower() in row.lower()]


_TASK = SceneSetting(TASKS[1], options=TASKS)
_SCORES = list_kinds(share="right right_of_values", word="task values")
NEW_TASK = Scene(draw_new_task, list_kinds(share="tuned_descending prefix_descending"),
                 hides=frozenset({"tuned_descending", "prefix_descending"}))
ATTENTION = Scene(draw_attention, list_kinds(number="pull difference", share="share"), {"pull": TIMES})
PREFIX_TASK = Scene(draw_prefix_task, _SCORES, {"task": _TASK})
PREFIX_PUSH = Scene(draw_prefix_push, _SCORES | list_kinds(number="push"), {"task": _TASK, "push": SceneSetting(1.0, between=(0.0, 2.0))})
PREFIX_VALUES = Scene(draw_prefix_values, _SCORES, {"task": _TASK, "values": _TASK})
PUSHES = Scene(draw_pushes, list_kinds(share="right", word="task"), {"task": _TASK})
SKILLS = Scene(draw_skills, list_kinds(share="least"))
