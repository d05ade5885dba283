"""Scenes about prompts in front of a network that was pretrained on coin flips: made by hand, tuned, and what they are worth."""

from typing import Any

import numpy as np
import streamlit as st

from tutor.figures import Curve, Score, regret_curves, score_bars
from tutor.sources import PRESETS
from tutor.ui.experiment import NETWORK, draw_experiment
from tutor.ui.labs.coins import prompt_trials
from tutor.ui.labs.coins.prompt_trials import WorkbenchPrompt
from tutor.ui.run_views import cached_results
from tutor.ui.shell import visitor_runs
from tutor.ui.stage.fact_kinds import list_kinds
from tutor.ui.stage.scene import Scene, ScenePlace, SceneSetting
from tutor.ui.widgets.prompt_editor import Rows, format_rows, parse_rows

TARGET = PRESETS["Single coin 0.2"]
TUNED = "ba9d25ae6641f852"
"""The shipped soft prompt of six vectors on this network and target."""
HARD = "TTTHTT"
PROMPT = SceneSetting("T", check=lambda text: parse_rows(text) is not None,
                      reads="letters H and T, or pairs such as 0.2:0.8 with commas between")
WORTH = list_kinds(number="vectors prompt_heads prompt_tails worth_heads worth_tails beyond_flips regret regret_without optimum",
                   share="predicted")


def draw_prompt_map(place: ScenePlace, *, tune: bool = False) -> dict[str, Any]:
    """Draw the network in the page with the prompt as tiles, and with `tune` a button that tunes it; the server answers until it does."""
    def keep(rows: Rows) -> None:
        st.session_state[place.key("prompt")] = format_rows(rows)

    with place.picture:
        facts = draw_experiment(f"stage_{place.scene}", NETWORK, rows=place.value("prompt"), coin=0.2, side=False, tune=tune, bound=False,
                                tiles=not place.asking,
                                on_made=keep)
    rows = parse_rows(place.value("prompt"))
    return {"begins_with": format_rows(rows[:1]), "fraction": float(abs(rows - rows.round()).max())} | _worth_of(by_hand(rows)) | facts


def draw_tuning(place: ScenePlace) -> dict[str, Any]:
    """Draw the prompt map with a button that tunes the prompt in the page, for a coin that shows heads one time in five."""
    return draw_prompt_map(place, tune=True)


def by_hand(rows: Rows) -> WorkbenchPrompt:
    """Make a prompt of amounts of heads and tails in front of the network."""
    return WorkbenchPrompt(NETWORK, tuple(map(tuple, rows.tolist())))


def tuned(share: float = 1.0) -> WorkbenchPrompt:
    """Return the shipped soft prompt with this share of the part that no flips can say."""
    return WorkbenchPrompt(NETWORK, tuple(map(tuple, prompt_trials.split_prompt(TUNED)[0].round(2).tolist())), TUNED, share)


def _worth_of(prompt: WorkbenchPrompt) -> dict[str, Any]:
    """Facts about a prompt: what it is made of, what it is worth, what it expects, and the regret that it leaves."""
    mine, none = (prompt_trials.try_prompt(one, TARGET) for one in (prompt, WorkbenchPrompt(NETWORK, ())))
    heads, tails = mine.worth.beyond(visitor_runs.load_run(NETWORK).spec.source)
    rows = np.array(prompt.rows).reshape(-1, 2)
    return {
        "vectors": len(rows), "prompt_heads": float(rows[:, 0].sum()), "prompt_tails": float(rows[:, 1].sum()),
        "worth_heads": float(heads), "worth_tails": float(tails), "beyond_flips": mine.worth.unexplained,
        "regret": float(mine.regret[-1]), "regret_without": float(none.regret[-1]), "optimum": cached_results.optimal_regret(TARGET),
        "predicted": float(prompt_trials.predict_heads(prompt, ())[0]),
    }


def draw_prompt_worth(place: ScenePlace) -> dict[str, Any]:
    """Draw as bars how many flips a prompt of six flips and one of six tuned vectors are worth."""
    six, soft = (_worth_of(one) for one in (by_hand(parse_rows(HARD)), tuned()))
    found = {"six flips": six} | ({} if "worth_tails" in place.hidden else {"six tuned vectors": soft})
    groups = {side: {name: Score(*[one[f"worth_{side}"]] * 3) for name, one in found.items()} for side in ("heads", "tails")}
    place.show(score_bars(groups, measure="flips that it is worth", top=None if len(found) > 1 else 10.0))
    return {"six_heads": six["worth_heads"], "six_tails": six["worth_tails"], **soft}


def draw_soft_share(place: ScenePlace) -> dict[str, Any]:
    """Draw the regret of the tuned prompt while the part that no flips can say is taken away, beside flips and no prompt."""
    share = place.slide("What only free vectors can say", "share", (0, 100, 10), "%d %%") / 100
    prompts = {"no prompt": WorkbenchPrompt(NETWORK, ()), "six flips": by_hand(parse_rows(HARD)), "six tuned vectors": tuned(share)}
    drawn = {name: one for name, one in prompts.items() if name != "six tuned vectors" or "regret" not in place.hidden}
    picture = regret_curves([Curve(name, prompt_trials.try_prompt(one, TARGET).regret[None]) for name, one in drawn.items()])
    picture.drawing.y(title={"text": "regret so far (nats)"})
    place.show(picture)
    six = _worth_of(prompts["six flips"])
    return {"share": share, "regret_of_six": six["regret"], **_worth_of(prompts["six tuned vectors"])}


PROMPT_MAP = Scene(draw_prompt_map, WORTH | list_kinds(share="coin fraction", word="begins_with", flag="tuned"), {"prompt": PROMPT})
TUNE_PROMPT = Scene(draw_tuning, PROMPT_MAP.facts, {"prompt": PROMPT})
PROMPT_WORTH = Scene(draw_prompt_worth, WORTH | list_kinds(number="six_heads six_tails"), hides=frozenset({"worth_tails", "worth_heads"}))
SOFT_SHARE = Scene(draw_soft_share, WORTH | list_kinds(number="regret_of_six", share="share"),
                   {"share": SceneSetting(100, between=(0, 100))}, frozenset({"regret"}))
