"""What each page tells lessons about the pictures that it shows: the names of its facts, and of what kind each is."""

from tutor.methods import METHODS

NUMBER, SHARE, WORD, FLAG = "number", "share", "word", "flag"
"""A share is a number of which 1 is all: it is asked for, and shown, in per cent. A flag is true or false."""

Kinds = dict[str, str]


def method_fact(label: str) -> str:
    """Name of the fact in which the page Regret records the regret of the method labelled `label`."""
    return label.lower().replace("+", "")


def _facts(**names: str) -> Kinds:
    """Names by their kind, several with blanks between."""
    return {name: kind for kind, several in names.items() for name in several.split()}


FACTS: dict[str, Kinds] = {
    "bayes": _facts(
        number="flips heads tails prompt_heads prompt_tails regret_one regret_two longest best_one_coin best_two_coins "
            "no_prompt_two_coins best_length_two_coins",
        share="predicted coin",
    ),
    "workbench": _facts(
        number="vectors prompt_heads prompt_tails worth_heads worth_tails beyond_flips regret regret_without regret_of_flips optimum",
        share="fraction share predicted",
        word="kind begins_with expects target",
        flag="tuned landscape walked",
    ),
    "pretrain": _facts(
        number="excess_after_50 excess_after_100 excess_after_200 uniform_excess_after_50",
        word="state",
        flag="own",
    ),
    "regret": {
        **_facts(number="optimum pretrained", word="study network on measure", flag="logarithmic"),
        **_facts(number=" ".join(method_fact(method.label) for method in METHODS.values())),
    },
    "inside": _facts(
        number="dimensions ratio_trained ratio_untrained",
        share="explained even",
        word="colour",
    ),
    "attention": _facts(
        number="pull push left_out layer difference",
        share="share right right_of_values",
        word="values task",
        flag="answers_differ",
    ),
    "skills": _facts(
        share="prefix_descending tuned_descending",
    ),
    "anatomy": _facts(
        number="wrong",
        word="told",
    ),
    "priors": _facts(
        number="nearest away vectors best_loss worst_loss far_loss",
        word="prior",
    ),
    "meaning": _facts(
        number="nearest by_chance vectors",
        word="reads",
    ),
    "retriever": _facts(
        number="gain soft_numbers fewer density entries stored sharing",
        share="kept soft_share found quality",
        word="verdict pipeline",
    ),
    "clusters": _facts(
        number="layer words step_given step_generated",
        word="written",
    ),
}
"""Page -> what it tells. A page that is not here tells nothing."""

WITHHELD: dict[str, frozenset[str]] = {
    "pretrain": frozenset({"excess_after_50", "excess_after_100", "excess_after_200"}),
    "inside": frozenset({"explained"}),
    "workbench": frozenset({"regret"}),
    "regret": frozenset(FACTS["regret"]) - {"study", "network", "on", "measure", "logarithmic", "optimum"},
    "skills": frozenset(FACTS["skills"]),
    "meaning": frozenset({"nearest"}),
    "retriever": frozenset({"kept", "soft_share", "found"}),
}
"""Page -> the facts that it can keep to itself until somebody has guessed them.

All others are in sight, and are only asked for before something else is set up.
"""
