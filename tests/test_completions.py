"""Counting what a first token can make a network say: never more than there are tokens, against an enumeration by hand."""

import pytest
import torch

from tutor import predictors
from tutor.measure.completions import continuations_of_vectors, continuations_of_words, count_different, draw_vectors_like
from tutor.predictors.prompt_inputs import RealPrompt


@pytest.fixture(scope="module")
def network():
    found = predictors.GPT2(width=16, layers=1, context=16).build(7, 0).requires_grad_(False)
    for name, p in found.named_parameters():
        torch.nn.init.normal_(p, std=0.5, generator=torch.Generator().manual_seed(len(name)))
    return found


def greedy(network, tokens: list[int], n: int) -> list[int]:
    said = []
    for _ in range(n):
        said.append(int(network(torch.tensor([[*tokens, *said, 0]]))[0, -1].argmax()))
    return said


def test_words_are_counted_as_by_hand(network):
    by_hand = [greedy(network, [v], 4) for v in range(7)]
    found = continuations_of_words(network, length=4)
    assert found.tolist() == by_hand and count_different(found) == len(set(map(tuple, by_hand)))


def test_vectors_are_counted_as_by_hand(network):
    vectors = draw_vectors_like(network, 12, 0, spread=2.0)
    by_hand = []
    for vector in vectors:
        other = network.frozen_copy()
        other.embedding_prompt = RealPrompt(vector[None])
        by_hand.append(greedy(other, [], 4))
    found = continuations_of_vectors(network, vectors, length=4)
    assert found.tolist() == by_hand and count_different(found) == len(set(map(tuple, by_hand)))


def test_the_same_vector_twice_says_one_thing(network):
    assert count_different(continuations_of_vectors(network, draw_vectors_like(network, 1, 0).expand(3, -1), length=3)) == 1


def test_vectors_are_drawn_like_the_embeddings(network):
    rows = network.embed.weight.T + network.embed.bias
    drawn = draw_vectors_like(network, 4000, 0)
    torch.testing.assert_close(drawn.mean(0), rows.mean(0), atol=0.06, rtol=0)
    torch.testing.assert_close(torch.cov(drawn.T), torch.cov(rows.T), atol=0.12, rtol=0)
    assert torch.equal(drawn[:5], draw_vectors_like(network, 4000, 0)[:5])
