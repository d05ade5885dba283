"""A prefix that learns what the network predicts with demonstrations in its context."""

import torch
from short_tunings import QUICK, SINGLE, TOKENS

from tutor import Recipe, predictors, sources
from tutor.core.losses import mean_kl
from tutor.core.rng import stream
from tutor.methods import DistilledPT
from tutor.methods.distilled import draw_demonstrations, predict_behind
from tutor.sources.language.words import ID


def test_the_teacher_predicts_what_it_would_of_one_longer_sequence():
    network = predictors.Transformer(width=8).build(2, 0)
    shown = torch.tensor([1, 0, 0])
    longer = network(torch.cat([shown.expand(2, 3), TOKENS], dim=1))
    torch.testing.assert_close(predict_behind(network, shown, TOKENS), longer[:, 3:])


def test_demonstrations_are_whole_documents_without_what_fills_them_up():
    on = sources.TinyLanguage(tasks=("table",), styles=(1,), documents=1)
    shown = draw_demonstrations(on, 2, on.natural_length, 5)
    assert (shown == ID["end"]).sum() == 2 and shown[-1] == ID["end"] and len(shown) < 2 * on.natural_length
    assert torch.equal(shown, draw_demonstrations(on, 2, on.natural_length, 5))


def test_the_first_loss_is_against_the_teacher_and_the_drawn_tokens_do_not_matter():
    network = predictors.Transformer(width=8).build(2, 0)
    tuning = DistilledPT(length=2, demonstrations=2).start(network, SINGLE, QUICK, 3)
    shown = draw_demonstrations(SINGLE, 2, QUICK.length, 3)
    assert len(shown) == 2 * QUICK.length
    batch = SINGLE.draw(QUICK.batch, QUICK.length, stream(3, "data", 0), stratified=False)
    wanted, found = predict_behind(network, shown, batch.tokens), tuning.predictor(batch.tokens)
    step = tuning.advance()
    assert abs(step.loss - (-(wanted.exp() * found).sum(-1).mean().item())) < 1e-5
    assert abs(step.kl - mean_kl(wanted, found, torch.ones_like(batch.tokens, dtype=torch.bool)).item()) < 1e-5


def test_a_prefix_as_long_as_the_demonstrations_comes_close_to_the_teacher():
    network = predictors.Transformer(width=16).build(2, 0)
    tuning = DistilledPT(length=6).start(network, SINGLE, Recipe(steps=150, batch=8, length=6, learning_rate=0.05), 0)
    divergences = [tuning.advance().kl for _ in range(tuning.steps)]
    assert divergences[-1] < 0.1 * divergences[0]
