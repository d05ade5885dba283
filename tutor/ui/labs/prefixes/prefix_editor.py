"""The controls of the Attention page with which a prefix is edited, and what its network then answers, looks at and says."""

from collections.abc import Mapping, Sequence

import numpy as np
import streamlit as st

from tutor.analysis import prefix_attention
from tutor.figures import AttentionSpread, attention_map, bias_sides
from tutor.runs.spec import RunSpec
from tutor.ui.labs.prefixes import attention_views
from tutor.ui.labs.prefixes.attention_views import EditedPrefix
from tutor.ui.plot import draw_picture
from tutor.ui.shell import url_state, visitor_runs

OWN = "own"
SINGLE, GROUP = 20, 5
"""Vectors up to which each has a button of its own, and how many share one beyond that."""
MAX_SINGLE_COLUMNS = 3
"""Vectors of a prefix up to which each has a column of its own on a map."""
MIXTURES = (
    (0.05, "So this prefix **is** nearly one fixed mixture: it adds almost the same for every input, as a single vector would."),
    (0.15, "So this prefix is mostly one fixed mixture; a small part of what it adds depends on the input."),
    (np.inf, "So this is **no** fixed mixture: what the prefix adds depends on the input. A single vector cannot do that."),
)
"""What follows from the share of attention that moves, in the layer where most does, up to each bound."""


def edit_prefix(key: str, spec: RunSpec) -> EditedPrefix:
    """Draw the controls that edit a prefix and return it as edited."""
    others = {other: spec for other, spec in attention_views.label_prefixes(attention_views.find_siblings(key)).items() if other != key}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        pull = st.slider("Pull: the prefix's keys times", -2.0, 3.0, 1.0, 0.1, key="attention_pull", bind="query-params", width=290,
                         help="Keys decide how much attention the prefix gets; 1 is as tuned.")
        push = st.slider("Push: its values times", -2.0, 3.0, 1.0, 0.1, key="attention_push", bind="query-params", width=290,
                         help="Values are what every position that looks at the prefix receives; 1 is as tuned.")
        values = OWN
        if others:
            told = ("Keys decide which positions look, values what they receive. Take the values from another task's prefix: which task "
                    "does the network do now?")
            values = url_state.choose_option("Values taken from", [OWN, *others], "attention_values",
                                      named=lambda one: others.get(one, "this prefix itself"), width=240, help=told)
    groups = _groups(attention_views.count_rows(spec)) if spec.method.placement.kind != "around" else {}
    out = st.pills("Leave out vectors", list(groups), selection_mode="multi", key=f"attention_out_{len(groups)}", bind="query-params",
                   help="Removes these vectors; the others are not tuned again.") if len(groups) > 1 else ()
    return EditedPrefix(key, pull, push, tuple(sorted(row for name in out for row in groups[name])), "" if values == OWN else values)


def _groups(count: int) -> dict[str, range]:
    """What can be left out, by the name of its button: single vectors, or runs of them where there are many."""
    if count <= SINGLE:
        return {str(row + 1): range(row, row + 1) for row in range(count)}
    return {f"{row + 1}-{min(row + GROUP, count)}": range(row, min(row + GROUP, count)) for row in range(0, count, GROUP)}


def show_answers(steering: EditedPrefix, spec: RunSpec, plain: Sequence[int], steered: Sequence[int]) -> dict[str, float]:
    """Draw the right answer and the network's answers without and with the prefix, and how often each is right.

    Parameters
    ----------
    plain, steered
        Tokens of the list and its answer, without and with the prefix.

    Returns
    -------
    dict
        Share of held-out lists that the network with the prefix answers correctly, by task.
    """
    items, wanted, tasks = spec.source.items, spec.on.tasks, attention_views.list_tasks(steering)
    solutions = prefix_attention.solve_tasks(plain[:items], tasks)
    alone, behind = attention_views.score_tasks_alone(steering.key, tasks), attention_views.score_tasks(steering, tasks)
    right, *cards = (column.container(border=True, height="stretch") for column in st.columns(3))
    right.metric(f"Right for {' or '.join(wanted)}", " or ".join(_spaced(solutions[task]) for task in wanted))
    right.caption("  \n".join(f"{task}: {_spaced(solution)}" for task, solution in solutions.items() if task not in wanted))
    for card, said, tokens, shares in zip(cards, ("Without the prefix", "Behind the prefix"), (plain, steered), (alone, behind),
                                          strict=True):
        verdict = prefix_attention.judge_answer(tokens[items:], solutions, wanted)
        card.metric(f"{said} it answers", _spaced(tokens[items:]))
        card.markdown(f":green[:material/check: {verdict}]" if verdict.startswith("right") else f":material/close: {verdict}")
        card.caption("Of 100 held-out lists: " + ", ".join(f"{task} **{share:.0%}**" for task, share in shares.items()))
    return behind


def prefix_facts(steering: EditedPrefix, shares: Mapping[str, float]) -> dict[str, str | float]:
    """Facts for lessons: the task whose values the prefix has, and the scores on the tasks of its keys and of its values."""
    does = {name: max(shares[task] for task in visitor_runs.load_run(key).spec.on.tasks)
            for name, key in (("right", steering.key), ("right_of_values", steering.values or steering.key))}
    return {"values": visitor_runs.load_run(steering.values or steering.key).spec.on.label, **does}


def _spaced(digits: Sequence[int]) -> str:
    return " ".join(map(str, digits))


def show_maps(found: prefix_attention.HeadMaps, tokens: Sequence[int], items: int, key: str) -> None:
    """Draw three attention maps: without the prefix, with it, and with it cut out and the rest rescaled to one."""
    words, rows = ["B", *map(str, tokens[:-1])], found.behind.shape[1] - found.without.shape[1]
    panels = (("Without the prefix", found.without, 0, "without"), ("Behind the prefix", found.behind, rows, "behind"),
              ("Prefix left out, the rest scaled to sum 1", found.rescaled, 0, "rescaled"))
    for column, (said, weights, prefix, name) in zip(st.columns(3, gap="small"), panels, strict=True):
        with column:
            st.markdown(f"**{said}**")
            draw_picture(
                attention_map(weights, words, prefix=prefix, asked=items, together=prefix > MAX_SINGLE_COLUMNS),
                key=f"attention_{name}",
                link="attention",
                runs=[key],
            )


def show_bias(sides: prefix_attention.BiasSides, rows: int, layer: int, first: int) -> None:
    """Draw both sides of the bias equation for one head.

    Parameters
    ----------
    rows
        Prefix vectors in this layer.
    layer, first
        This layer, and the first that has a prefix, from 0.
    """
    low, high = sides.share.min(), sides.share.max()
    shares = f"{low:.0%} to {high:.0%}" if f"{low:.0%}" != f"{high:.0%}" else f"{high:.0%}"
    st.markdown(f"The share $a$ that the prefix gets is **{shares}**, by position. "
                * bool(rows) + _directions(sides.rank, rows, sides.without.shape[1]))
    same = "that is rounding" if layer <= first else ("$t$ is no longer the old output here, because this layer reads what the layers "
                                                      "below made of the prefix")
    st.markdown(f"Both sides differ by at most **{sides.difference:.1e}**: {same}.")
    draw_picture(bias_sides(sides.without, sides.behind, sides.right, sides.share), key="attention_sides")


def _directions(rank: int, rows: int, width: int) -> str:
    """In how many directions a prefix can push, in plain words."""
    if not rows:
        return "There is no vector of the prefix in this layer, so nothing is added: $a = 0$."
    if not rank:
        return "Nothing is added, because all values are zero: the prefix only takes attention away."
    if rows == 1:
        return ("What is added points **the same way** at every position and for every list, along the one value that this head has; "
                "only how much of it differs.")
    if rows < width:
        return (f"What is added is a mixture of the {rows} values of this head, for every list: of the {width} directions that there are, "
                f"it can use **{rows}** (for this list it uses {rank}).")
    return (f"What is added is a mixture of the same {rows} values for every list. They span all {width} dimensions of this head, so it "
            "may point **anywhere**.")


def describe_mixture(spread: AttentionSpread) -> str:
    """Say how close a prefix is to one fixed mixture of its vectors, beside the values found in GPT-2."""
    count = spread.shares.shape[-1]
    per_layer = " and ".join(f"**{moved:.0%}** in layer {layer + 1}" for layer, moved in enumerate(spread.moved))
    so = next(text for bound, text in MIXTURES if spread.moved.max() < bound)
    widths = ", ".join(f"{gap:.2f}" for gap in spread.gaps)
    relative = ", ".join(f"{gap:.1f}" for gap in spread.relative)
    return (f"From one list to another {per_layer} of the attention that the prefix gets moves to other vectors. At 0% it would be one "
            f"fixed mixture, at 100% nothing would be shared. {so}\n\nMean width of the bars, layer by layer: {widths}; in mean shares of "
            f"1/{count}: **{relative}**. Petrov et al. 2024, appendix B, found 0.02 to 0.17 for ten vectors in GPT-2, which is 0.2 to 1.7 "
            "mean shares.")
