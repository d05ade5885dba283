"""What the places are called at which a network's states can be read, in the words of the field."""

import re

PLACES = {
    "resid_pre": "input",
    "attn.queries": "queries",
    "attn.keys": "keys",
    "attn.values": "values",
    "attn_out": "output of attention",
    "resid_mid": "input plus attention",
    "mlp_out": "output of the MLP",
    "resid_post": "output",
    "cell": "cell state",
    "hidden": "hidden state",
}
"""Places within a layer by their name in code."""
TAP = re.compile(r"body\.(?:blocks|layers)\.(\d+|\*)\.(.+)")


def label_tap(tap: str) -> str:
    """Name a tap in words: "body.blocks.0.attn_out" is "layer 1: output of attention"; a `*` stands for all layers side by side.

    A tap of a body that is not known here keeps its name in code.
    """
    found = TAP.fullmatch(tap)
    if found is None or found[2] not in PLACES:
        return tap.removeprefix("body.")
    return f"{PLACES[found[2]]}, all layers" if found[1] == "*" else f"layer {int(found[1]) + 1}: {PLACES[found[2]]}"
