"""What prompts of pseudo-flips do to an ideal predictor on the two targets of Genewein et al. 2025, section 3, exactly."""

import streamlit as st

from tutor.analysis import run_states
from tutor.figures import BestPromptCurve, pseudo_counts_picture, reach_picture
from tutor.sources import PRESETS, AbstractSource
from tutor.ui.plot import draw_picture
from tutor.ui.shell import page_facts

AFTER = 50
"""Flips after which a prompt is judged."""
FACTS = {"Single coin 0.2": "regret_one", "Two coins 0.2 / 0.8": "regret_two"}
TARGETS = {name: PRESETS[name] for name in FACTS}

_reach = st.cache_data(run_states.compute_reach, max_entries=256, show_spinner=False)
_regrets = st.cache_data(run_states.regret_behind_prompts, max_entries=256, show_spinner=False)


def regret_beside(prior: AbstractSource, prompt: tuple[int, ...], name: str) -> tuple[float, float, float]:
    """Regret (nats after AFTER flips) of the ideal predictor on the target `name`: without prompt, with it, and if it knew the target."""
    target = TARGETS[name]
    plain, mine = _regrets(prior, target, [(), prompt], AFTER)
    page_facts.record_facts(**{FACTS[name]: float(mine)})
    return plain, mine, _regrets(target, target, [()], AFTER)[0]


def find_reach(prior: AbstractSource, target: AbstractSource, longest: int) -> run_states.BestPrompts:
    """Find the best prompt of each length up to `longest` (2 to 16 flips) on a target, with its regret (nats)."""
    return _reach(prior, target, longest=min(max(longest, 2), 16), length=AFTER)


def reach_facts(longest: int, one: run_states.BestPrompts, two: run_states.BestPrompts) -> dict[str, int | float]:
    """Facts for lessons about the best prompts on one coin and on two: their regrets (nats), and what length is best on two."""
    return {"longest": longest, "best_one_coin": float(one.regret.min()), "best_two_coins": float(two.regret.min()),
            "no_prompt_two_coins": float(two.regret[0]), "best_length_two_coins": int(two.lengths[two.regret.argmin()]),
            "optimum_two_coins": float(two.floor)}


def draw_reach(prior: AbstractSource, longest: int) -> str:
    """Draw the regret of the best prompt of each length up to `longest` on each target, and describe it in words."""
    found = {name: find_reach(prior, target, longest) for name, target in TARGETS.items()}
    draw_picture(reach_picture([BestPromptCurve(name, r.lengths, r.best, r.regret, r.floor) for name, r in found.items()], flips=AFTER),
            key="bayes_reach", link="bayes")
    page_facts.record_facts(**reach_facts(longest, *found.values()))
    return " ".join(in_words(name, r) for name, r in found.items())


def in_words(name: str, found: run_states.BestPrompts) -> str:
    """Describe in a sentence the best hard prompt of any length for a target and its regret."""
    best = int(found.regret.argmin())
    worth = found.regret[0] - found.regret[best]
    if worth < 0.0005:
        said = f"the best prompt of up to {found.lengths[-1]} flips is to have none: {found.regret[0]:.2f} nats"
    else:
        said = (f"the best prompt of up to {found.lengths[-1]} flips has {found.lengths[best]} and leaves {found.regret[best]:.2f} nats "
                f"of {found.regret[0]:.2f}")
    return f"On *{name.lower()}* {said}; {found.floor:.2f} is the best possible."


def draw_six_flips(prior: AbstractSource) -> None:
    """Draw the regret behind every prompt of six flips on each target, by its number of heads."""
    of_six = [(0,) * heads + (1,) * (6 - heads) for heads in range(7)]
    six = {name: _regrets(prior, target, of_six, AFTER) for name, target in TARGETS.items()}
    draw_picture(pseudo_counts_picture(six, flips=AFTER), key="bayes_six", link="bayes")
