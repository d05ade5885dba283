"""What the product itself says of networks and prompts, for the browser's code to be held against.

`python tests/page_networks.py` writes the small random networks that tests/javascript reads.
"""

import base64
import json
from pathlib import Path

import numpy as np
import torch

from tutor import measure, sources
from tutor.analysis import manual_prompts, run_states
from tutor.core.losses import cross_entropy
from tutor.predictors import LSTM, AbstractBody, Predictor, Transformer
from tutor.runs.spec import RunSpec
from tutor.training.recipe import Recipe
from tutor.ui.network import network_files

FIXTURE = Path(__file__).parent / "javascript" / "networks.json"
FLIPS = ((1, 0), (0, 1), (0, 1))
PROMPTS = (0.2, FLIPS), (0.7, ((1.7, -0.4), (0.5, 0.5))), (0.35, ())
"""Coins, and the prompt of each as amounts of heads and tails."""
TINY = (LSTM(width=8, embedding=4), Transformer(width=16, heads=2), Transformer(width=8, heads=2, embedding=4))


def describe_prompt(base: Predictor, cloud: run_states.StateCloud, coin: float, rows: tuple, few: int) -> dict:
    """Predictions and states on the first few of the sequences that judge a prompt, its worth and regret on all, and one gradient."""
    on, amounts = sources.Categorical(probs=(coin, 1 - coin)), np.array(rows, dtype=float).reshape(-1, 2)
    tuned = manual_prompts.attach_prompt(base, amounts) if rows else base.frozen_copy()
    found, tokens = manual_prompts.try_prompt(tuned, on), on.draw(64, 50, 0, stratified=True).tokens[:few]
    with torch.inference_mode():
        heads = tuned(tokens)[:, :, 0].exp()
    states = cloud.projection(measure.capture(tuned, tokens)).coordinates[:, :, :2]
    return {"coin": coin, "rows": amounts.tolist(), "flips": tokens.tolist(), "heads": heads.tolist(), "states": states.tolist(),
            "counts": found.worth.alphas.tolist(), "unexplained": found.worth.unexplained, "regret": float(found.regret[-1]),
            "gradient": gradient(tuned, tokens, coin) if rows else []}


def gradient(tuned: Predictor, tokens: torch.Tensor, coin: float) -> list:
    """The gradient of the mean cross entropy to the coin in the prompt's vectors, by torch."""
    tuned.embedding_prompt.rows.requires_grad_(True)
    target = torch.tensor([coin, 1 - coin]).expand(*tokens.shape, 2)
    cross_entropy(target, tuned(tokens), torch.ones(tokens.shape, dtype=torch.bool)).backward()
    return tuned.embedding_prompt.rows.grad.tolist()


def make_tiny(body: AbstractBody) -> dict:
    """A small random network, its weights large enough for it to listen to what it reads: its file, and what it says of prompts."""
    spec = RunSpec(source=sources.DirichletCategorical(), body=body, recipe=Recipe(steps=0))
    predictor = body.build(2, 1).requires_grad_(False)
    for weights in predictor.parameters():
        weights.mul_(2)
    cloud = run_states.fit_state_cloud(predictor, spec.source)
    file = network_files.pack_network(predictor, spec, cloud, "0" * 16)
    return {"name": str(body), "file": base64.b64encode(file).decode(),
            "prompts": [describe_prompt(predictor, cloud, *prompt, few=2) for prompt in PROMPTS]}


def make_steps() -> dict:
    """A few steps of the product's optimiser from given gradients, the second of which is clipped."""
    recipe, rng = Recipe.fast_tuning().model_copy(update={"steps": 5}), np.random.default_rng(0)
    start, gradients = rng.normal(size=(2, 3)), rng.normal(size=(5, 2, 3)) * np.array([0.1, 3, 0.01, 0.1, 0.1])[:, None, None]
    vectors = torch.tensor(start, dtype=torch.float32, requires_grad=True)
    adam, after = torch.optim.Adam([vectors], lr=recipe.learning_rate, betas=(recipe.beta1, recipe.beta2)), []
    for step, gradient in enumerate(gradients):
        vectors.grad = torch.tensor(gradient, dtype=torch.float32)
        torch.nn.utils.clip_grad_norm_([vectors], recipe.clip)
        adam.param_groups[0]["lr"] = recipe.rate(step)
        adam.step()
        after.append(vectors.tolist())
    return {"recipe": recipe.model_dump(mode="json"), "start": start.tolist(), "gradients": gradients.tolist(), "after": after}


def rounded(value):
    """Eight digits, which are more than two machines agree on."""
    if isinstance(value, float):
        return float(f"{value:.8g}")
    if isinstance(value, list):
        return [rounded(one) for one in value]
    return {name: rounded(one) for name, one in value.items()} if isinstance(value, dict) else value


def main() -> None:
    made = {"networks": [make_tiny(body) for body in TINY], "adam": make_steps()}
    FIXTURE.write_text(json.dumps(rounded(made)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
