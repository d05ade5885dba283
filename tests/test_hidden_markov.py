"""Hidden Markov sources: the forward algorithm against enumeration, known processes, families, and what is refused."""

from itertools import product

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from tutor.core.spec_errors import SpecError
from tutor.runs.spec import RunSpec
from tutor.sources import HiddenMarkov
from tutor.sources.hidden_markov import MOST_STATES
from tutor.sources.markov_chain import find_parts, find_period, long_run
from tutor.sources.matrix_text import parse_matrices
from tutor.sources.processes import PROCESSES, golden_mean, join, mess3, z1r

each_process = pytest.mark.parametrize("name", PROCESSES)


def add_up_paths(source: HiddenMarkov, tokens: tuple[int, ...]) -> np.ndarray:
    """Oracle: P(tokens, state after them), every path of states added up one by one, [S]."""
    start, found = source.start_probs(), np.zeros(source.states)
    for path in product(range(source.states), repeat=len(tokens) + 1):
        steps = [source.transitions[v][i][j] for v, i, j in zip(tokens, path, path[1:], strict=False)]
        found[path[-1]] += start[path[0]] * np.prod(steps)
    return found


@each_process
def test_belief_and_prediction_are_those_of_adding_up_every_path(name):
    source, length = HiddenMarkov(transitions=name), 3
    for tokens in product(range(source.vocab), repeat=length):
        joint = add_up_paths(source, tokens)
        if joint.sum() == 0:
            continue
        believed = source.log_beliefs(torch.tensor([tokens]))[0, -1].exp()
        assert_allclose(believed, joint / joint.sum(), atol=1e-12)
        said = source.log_bayes(torch.tensor([[*tokens, 0]]))[0, -1].exp()
        after = [add_up_paths(source, (*tokens, v)).sum() for v in range(source.vocab)]
        assert_allclose(said, np.array(after) / joint.sum(), atol=1e-12)


@st.composite
def any_source(draw) -> HiddenMarkov:
    """A random process of two or three states and tokens, about half of whose entries are exactly zero."""
    V, S = draw(st.integers(2, 3)), draw(st.integers(2, 3))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    matrices = rng.random((V, S, S)) * (rng.random((V, S, S)) < 0.5)
    matrices[0, np.arange(S), (np.arange(S) + 1) % S] += 0.1                     # every state is reached
    matrices /= matrices.sum((0, 2))[:, None]
    return HiddenMarkov(transitions=tuple(tuple(map(tuple, one)) for one in matrices.tolist()))


@given(any_source())
@settings(max_examples=25, deadline=None)
def test_the_probabilities_of_all_sequences_add_up_to_one_and_are_those_of_all_paths(source):
    every = torch.tensor(list(product(range(source.vocab), repeat=3)))
    steps = source.log_bayes(every).gather(-1, every[..., None]).squeeze(-1).exp()
    wanted = np.array([add_up_paths(source, tuple(row)).sum() for row in every.tolist()])
    possible = wanted > 0
    assert_allclose(steps.prod(1)[possible], wanted[possible], atol=1e-12)
    assert_allclose(wanted.sum(), 1)
    assert not source.log_beliefs(every).isnan().any()


def test_a_token_that_cannot_be_tells_nothing_and_the_belief_only_moves_on():
    source = HiddenMarkov(transitions="Golden mean")
    after_one = source.log_beliefs(torch.tensor([[1, 1]]))[0].exp()
    assert_allclose(after_one[1], [0, 1])                                        # behind a 1 there is a 0 for certain ...
    assert source.log_bayes(torch.tensor([[1, 1]]))[0, 1].tolist() == [0, -torch.inf]
    assert_allclose(after_one[2], [1, 0])                                        # ... and behind that step the chain is free


@each_process
@pytest.mark.parametrize("how", ["sample", "stratified"])
def test_drawn_tokens_follow_the_states_that_they_are_said_to_come_from(name, how):
    source = HiddenMarkov(transitions=name)
    batch = getattr(source, how)(4096, 6, 0)
    assert source.log_truth(batch).gather(-1, batch.tokens[..., None]).isfinite().all()
    share = np.bincount(batch.latent[:, -1], minlength=source.states) / 4096
    assert_allclose(share, source.start_probs(), atol=0.03)                      # stationary: the last state is as likely as the first
    believed = source.log_beliefs(batch.tokens)[:, 5].exp().numpy()              # what is believed on average is what is so on average
    assert_allclose(believed.mean(0), share, atol=0.03)


def test_the_matrices_of_mess3_are_those_of_the_paper():
    x, alpha, matrices = 0.05, 0.85, np.array(mess3())
    for v, i, j in product(range(3), repeat=3):
        assert matrices[v, i, j] == pytest.approx((1 - 2 * x if i == j else x) * (alpha if j == v else (1 - alpha) / 2))


def test_without_noise_zero_one_random_repeats_itself_every_three_tokens():
    tokens = HiddenMarkov(transitions=z1r(noise=0.0), start=(1, 0, 0)).sample(20, 9, 0).tokens
    assert (tokens[:, 0::3] == 0).all() and (tokens[:, 1::3] == 1).all() and 0 < tokens[:, 2::3].double().mean() < 1


def test_a_family_keeps_its_processes_apart_and_its_start_says_how_often_each_occurs():
    source = HiddenMarkov(transitions=join(mess3(), mess3(x=0.15, alpha=0.6)), start=(0.3, 0.3, 0.3, 0.1, 0, 0))
    path = source.parts[source.sample(2000, 5, 0).latent.numpy()]
    assert source.parts.tolist() == [0, 0, 0, 1, 1, 1] and (path == path[:, :1]).all()
    assert path[:, 0].mean() == pytest.approx(0.1, abs=0.02)
    with pytest.raises(ValueError, match="the processes have 2 and 3 tokens; a family needs the same number in all"):
        join(mess3(), golden_mean())


@pytest.mark.parametrize(("text", "said"), [
    ("Mess3", ""),
    ("0, 1; 0, 0 | 0, 0; 1, 0", "It has a period of 2: whoever knows one state knows its place in the rhythm for ever."),
    ("1, 0; 0, 0.5 | 0, 0; 0, 0.5", "Its 2 states fall into 2 parts that never meet, so the start decides for good."),
])
def test_a_chain_that_is_periodic_or_reducible_is_allowed_and_explained(text, said):
    assert HiddenMarkov(transitions=text).structure == said


def test_states_that_are_left_for_good_are_allowed_where_the_start_leads_to_them():
    source = HiddenMarkov(transitions="0, 0.5; 0, 0.5 | 0, 0.5; 0, 0.5", start=(1, 0))
    assert source.structure.startswith("Sooner or later it leaves state 0 for good")


def test_shares_parts_and_period_of_chains_that_can_be_told_by_hand():
    circle = np.roll(np.eye(3), 1, axis=1)
    assert_allclose(long_run(circle, np.array([1.0, 0.0, 0.0])), 1 / 3)
    assert (find_period(circle), find_period(np.full((2, 2), 0.5))) == (3, 1)
    assert find_parts(np.eye(3)).tolist() == [0, 1, 2] and find_parts(circle).tolist() == [0, 0, 0]
    assert_allclose(long_run(np.eye(2), np.array([0.3, 0.7])), [0.3, 0.7])


@pytest.mark.parametrize("text", ["0.9, 0; 0, 0.4 | 0, 0.1; 0.6, 0",
                                  "0.9\t0\n0\t0.4\n\n0\t0.1\n0.6\t0\n", "0,9;0\r\n0;0,4\r\n\r\n0;0,1\r\n0,6;0\r\n",
                                  "90% 0\n0 2/5\n\n0 1/10\n60% 0", "0,9\t0\n0\t0,4\n\t\n0\t0,1\n0,6\t0"])
def test_matrices_are_read_as_spreadsheets_and_people_write_them(text):
    assert_allclose(parse_matrices(text), [[[0.9, 0], [0, 0.4]], [[0, 0.1], [0.6, 0]]])


GOOD = "0.9, 0; 0, 0.4 | 0, 0.1; 0.6, 0"


@pytest.mark.parametrize(("fields", "said"), [
    ({"transitions": "0.9, 0; 0, 0.4 | 0, 0.2; 0.6, 0"}, "transitions: the rows of state 0 sum to 1.1 over all tokens; they must sum to 1"),
    ({"transitions": "-0.1, 0; 0, 0.4 | 0, 1.1; 0.6, 0"},
     "transitions: token 0 has -0.1 from state 0 to 0; every probability must lie between 0 and 1"),
    ({"transitions": (((1j, 0), (0, 1)), ((0, 0), (0, 0)))}, "transitions.0.0.0 is 1j; input should be a valid number"),
    ({"transitions": "0, 0; 0, 0.5 | 0, 1; 0, 0.5"}, "state 0 is never reached; leave it out, or let start or another state lead to it"),
    ({"transitions": "1 | 0"},
     "transitions: there is 1 state, so nothing is hidden; at least 2 are needed (a die is the source Categorical)"),
    ({"transitions": (tuple((1 / 40,) * 40 for _ in range(40)), tuple((0.0,) * 40 for _ in range(40)))},
     f"transitions: there are 40 states; 2 to {MOST_STATES} are allowed"),
    ({"transitions": "0.5, 0.5; 0, 1"}, "transitions: there are matrices for 1 tokens; 2 to 16 are needed, one per token"),
    ({"transitions": "1, 0; 0, 1 | 0, 0"},
     "transitions: the matrix of token 1 has 1 rows of [2] entries; every matrix needs 2 rows of 2"),
    ({"transitions": ()}, "transitions: there are matrices for 0 tokens; 2 to 16 are needed, one per token"),
    ({"transitions": "Mess4"}, f"transitions: 'Mess4' is no known process; there are {'; '.join(PROCESSES)}, or write the matrices"),
    ({"transitions": "0.5, 0,x; 1, 0 | 0, 0; 0, 0"},
     f"transitions: 'x' is no number; write a row per state and a matrix per token, such as {GOOD}"),
    ({"transitions": GOOD, "start": (0.5, 0.6)}, "start sums to 1.1; it must sum to 1"),
    ({"transitions": GOOD, "start": (1,)}, "start has 1 entries for 2 states; give one per state"),
])
def test_what_cannot_be_gets_one_sentence(fields, said):
    with pytest.raises(SpecError) as refusal:
        HiddenMarkov(**fields)
    assert str(refusal.value) == said


def test_a_token_outside_the_vocabulary_gets_one_sentence():
    with pytest.raises(ValueError, match="a sequence holds token 5; this source has tokens 0 to 2"):
        HiddenMarkov().log_bayes(torch.tensor([[0, 5]]))


def test_a_specification_may_name_a_process_and_has_the_key_of_its_numbers():
    written = '[source]\nkind = "hidden_markov"\ntransitions = "Z1R, noisy"\n[body]\nkind = "lstm"\n[recipe]\nsteps = 20\n'
    spec = RunSpec.from_text(written)
    assert spec.source.label == "Z1R, noisy" and spec.source.transitions == z1r()
    assert RunSpec.from_text(spec.to_toml()).key() == spec.key()
    assert HiddenMarkov().label == "Mess3" and HiddenMarkov(transitions=GOOD).label == "Hidden Markov process, 2 states, 2 tokens"
