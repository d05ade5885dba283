"""Written sentences: greedy decoding word by word, BLEU as everybody computes it, and facts that are told or not."""

import math

import pytest
import torch

from tutor import Recipe, fit, measure, predictors
from tutor.measure.generation import guess_facts, guessing_loss, share_by_kind
from tutor.measure.greedy_decoding import decode_greedily
from tutor.methods import PrefixPT, SoftPT
from tutor.predictors.prompt_placement import Placement
from tutor.sources import Lists, TinyLanguage
from tutor.sources.language import END, decode, encode

TABLE = TinyLanguage(tasks=("table",), styles=(0,), documents=1)


@pytest.fixture(scope="module")
def network():
    return predictors.GPT2(width=16, layers=1, context=176).build(TABLE.vocab, 0).requires_grad_(False)


def test_greedy_decoding_takes_the_likeliest_word_each_time(network):
    tokens = TABLE.sample(3, 20, rng=0).tokens
    starts = torch.tensor([12, 15, 18])
    written = decode_greedily(network, tokens, starts)
    for row, (mine, at) in enumerate(zip(written, starts.tolist(), strict=True)):
        assert torch.equal(mine[:at], tokens[row, :at])
        line = mine[:at].tolist()
        while len(line) < 20:
            following = network(torch.tensor([[*line, 0]]))[0, -1].argmax()
            line.append(int(following))
        assert mine.tolist() == line


@pytest.mark.parametrize("placement", [Placement(kind=kind, after=4) for kind in ("prefix", "infix", "around")], ids=lambda p: p.kind)
@pytest.mark.parametrize("method", [SoftPT, PrefixPT])
def test_an_answer_counts_as_right_where_greedy_decoding_writes_it(method, placement):
    """Exact match asks for the likeliest token behind the true ones; of a right answer, decoding reads just these."""
    lists = Lists(tasks=("ascending",), items=4, digits=3)
    base = predictors.GPT2(width=16, context=16).build(lists.vocab, 0)
    fit(base, lists, Recipe(steps=300, batch=32, length=8, learning_rate=1e-2), 0)
    tuned = method(length=2, init="tokens", placement=placement).attach(base.requires_grad_(False), 0)
    fit(tuned, lists, Recipe(steps=100, batch=32, length=8, learning_rate=3e-2), 0)
    batch = lists.held_out().sample(256, lists.natural_length, 1337)
    written = decode_greedily(tuned, batch.tokens, torch.full((256,), lists.items))
    right = (written == batch.tokens).all(1).double().mean().item()
    assert measure.accuracy(tuned, lists, n=256) == right
    assert 0.02 < right < 0.98


def test_decoding_stops_when_every_document_has_ended(network):
    with torch.no_grad():
        network.unembed.bias[END] += 50
    tokens = TABLE.sample(4, 40, rng=0).tokens
    written, on = (decode_greedily(network, tokens, torch.full((4,), 10), end) for end in (END, None))
    with torch.no_grad():
        network.unembed.bias[END] -= 50
    assert (written[:, 10] == END).all() and torch.equal(written[:, 11:], tokens[:, 11:])
    assert (on[:, 10:] == END).all()


def test_bleu_of_a_copy_is_a_hundred_and_of_strangers_zero():
    said = ["anna miller lives in colby .", "the home of ben fox is dalton ."]
    assert measure.bleu(said, said) == pytest.approx(100)
    assert measure.bleu(["soup"] * 2, said) == 0


def test_bleu_counts_words_as_they_are():
    # One of six words differs: precisions 5/6, 3/5, 2/4, 1/3 over one sentence, no brevity penalty.
    expected = 100 * (5 / 6 * 3 / 5 * 2 / 4 * 1 / 3) ** 0.25
    assert measure.bleu(["anna miller lives in dalton ."], ["anna miller lives in colby ."]) == pytest.approx(expected)


def test_slots_are_the_names_and_values_that_are_told():
    wanted = ["anna miller from colby is a baker ."]
    assert measure.slots(wanted, wanted) == 1
    assert measure.slots(["anna fox from colby is a baker ."], wanted) == 3 / 4
    assert measure.slots([""], wanted) == 0


def test_an_untrained_network_tells_nothing_and_what_it_was_asked_is_kept(network):
    found = measure.generate_texts(network, TABLE, n=8)
    assert found.exact == 0 and found.slots < 0.3 and found.bleu < 5
    assert len(found.said) == len(found.wanted) == 8
    assert all(encode(line) for line in found.wanted) and all(" is a " in line for line in found.wanted)


def test_documents_can_stand_in_front_as_demonstrations(network):
    found = measure.generate_texts(network, TABLE, n=6, before=2)
    drawn = TABLE.held_out().model_copy(update={"documents": 3}).sample(6, 3 * 56, 1337).tokens
    assert found.wanted == [decode(row).split(" end ")[2].split("text : ")[1] for row in drawn]


def test_single_words_are_no_sentences(network):
    with pytest.raises(ValueError, match="asks for single words; sentences are written for tasks reasoned, summary, table"):
        measure.generate_texts(network, TinyLanguage(tasks=("qa",)))


TOLD = TinyLanguage(tasks=("table",), styles=(7,), documents=1)


def test_who_guesses_a_fact_among_sixteen_scores_the_closed_form():
    """Six names and values are told of a table; one that is guessed is right in one of sixteen sentences."""
    for kinds in (("pet",), ("pet", "town"), ("pet", "town", "food", "job")):
        found = guess_facts(TOLD, kinds, n=2048)
        assert found.slots == pytest.approx(1 - len(kinds) * (15 / 16) / 6, abs=0.01)
        assert found.exact == pytest.approx(16.0 ** -len(kinds), abs=0.015)
    assert guess_facts(TOLD, ()).bleu == pytest.approx(100)


def test_a_guessed_fact_costs_the_logarithm_of_sixteen_over_the_words_of_a_sentence():
    # "norwick : baker anna miller , dog , plums . end": eleven words are asked.
    assert guessing_loss(TOLD, 1) == pytest.approx(math.log(16) / 11) and guessing_loss(TOLD, 2) == pytest.approx(2 * math.log(16) / 11)


def test_facts_are_counted_by_what_they_say():
    wanted = ["anna miller from colby is a baker ."]
    assert share_by_kind(["anna fox from colby is a clerk ."], wanted) == {"name": 0.5, "town": 1, "job": 0}
