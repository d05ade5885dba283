"""Sentences that a network writes: greedy decoding, BLEU, and whether every fact stands in them."""

import math
from collections.abc import Collection
from dataclasses import dataclass
from itertools import takewhile

import torch
from jaxtyping import Int
from torch import Tensor

from tutor.core.brief_repr import BriefRepr
from tutor.core.rng import stream
from tutor.measure.accuracy import answer_starts
from tutor.measure.greedy_decoding import decode_greedily
from tutor.predictors import Predictor
from tutor.sources import Batch, TinyLanguage
from tutor.sources.language import END, WRITTEN, decode, encode
from tutor.sources.language.words import FIRST, LAST, NUMBERS, PERSON

FACTS = {word for words in (FIRST, LAST, NUMBERS, *PERSON.values()) for word in words}
"""Words that are names, values or numbers: what a sentence has to get right."""
KINDS = {"name": {*FIRST, *LAST}} | {kind: set(values) for kind, values in PERSON.items()}
"""Those words by what they say of a person."""


@dataclass(frozen=True, repr=False)
class GeneratedTexts(BriefRepr):
    """What a network wrote for each of N documents, beside what was to be written.

    bleu: of the corpus, 0 to 100. slots: share of the facts of the reference that stand in the sentence (0 to 1).
    exact: share of sentences that equal the reference.
    """

    bleu: float
    slots: float
    exact: float
    said: list[str]
    wanted: list[str]


def generate_texts(predictor: Predictor, on: TinyLanguage, n: int = 128, seed: int = 1337, *, before: int = 0) -> GeneratedTexts:
    """Let the network finish held-out documents, and score what it wrote against what was to be written (Li & Liang 2021, section 5).

    Parameters
    ----------
    on
        A source whose answers are sentences.
    n, seed
        How many documents, and from which seed they are drawn.
    before
        Whole documents in front of each, as demonstrations.

    Returns
    -------
    GeneratedTexts
        The sentences and three scores; BLEU is sacrebleu's over words as they are.

    Raises
    ------
    ValueError
        Where the answers of `on` are no sentences.
    """
    batch, starts = _asked(on, n, seed, before)
    answers = decode_greedily(predictor, batch.tokens, starts, END)
    return _judged(*([_sentence(row[at:]) for row, at in zip(tokens, starts.tolist(), strict=True)] for tokens in (answers, batch.tokens)))


def guess_facts(on: TinyLanguage, kinds: Collection[str], n: int = 512, seed: int = 1337) -> GeneratedTexts:
    """The score of a writer who tells every document as asked, but guesses the facts of some kinds.

    Parameters
    ----------
    on
        A source whose answers are sentences.
    kinds
        Which facts are guessed, such as "pet": any value of the kind, each as likely.
    n, seed
        How many documents, and from which seed documents and guesses are drawn.

    Raises
    ------
    KeyError
        Where there is no such kind of fact.
    """
    batch, starts = _asked(on, n, seed, 0)
    wanted, rng = [_sentence(row[at:]) for row, at in zip(batch.tokens, starts.tolist(), strict=True)], stream(seed, "guess")
    values = {word: PERSON[kind] for kind in kinds for word in PERSON[kind]}
    said = [" ".join(str(rng.choice(values[word])) if word in values else word for word in sentence.split()) for sentence in wanted]
    return _judged(said, wanted)


def guessing_loss(on: TinyLanguage, facts: int, n: int = 64) -> float:
    """Loss (nats per asked word) of a writer who knows the form of every document and guesses so many facts: ln 16 for each of them."""
    batch, _ = _asked(on, n, 0, 0)
    return facts * math.log(len(PERSON["pet"])) * n / batch.mask.sum().item()


def _asked(on: TinyLanguage, n: int, seed: int, before: int) -> tuple[Batch, Int[Tensor, " N"]]:
    """Held-out documents of `on` with so many whole ones in front, and where their last answers start."""
    if not on.writes:
        raise ValueError(f"{on.label} asks for single words; sentences are written for tasks {', '.join(sorted(WRITTEN))}")
    source = on.held_out().model_copy(update={"documents": before + 1})
    batch = source.sample(n, source.natural_length, seed)
    return batch, batch.tokens.shape[1] - 1 - answer_starts(batch.mask).flip(1).int().argmax(1)


def _judged(said: list[str], wanted: list[str]) -> GeneratedTexts:
    return GeneratedTexts(bleu(said, wanted), slots(said, wanted), sum(map(str.__eq__, said, wanted)) / len(said), said, wanted)


def continue_text(predictor: Predictor, text: str, length: int) -> str:
    """The text that the network writes behind `text`, greedily, until its document ends.

    Parameters
    ----------
    text
        Words of the language, separated by spaces.
    length
        Most words in all, those of `text` among them.

    Raises
    ------
    ValueError
        Where the text has words that the language lacks; it names them.
    """
    start = encode(text)
    tokens = torch.full((1, max(length, len(start) + 1)), END)
    tokens[0, :len(start)] = torch.tensor(start)
    return _sentence(decode_greedily(predictor, tokens, torch.tensor([len(start)]), END)[0, len(start):])


def bleu(said: list[str], wanted: list[str]) -> float:
    """Corpus BLEU (0 to 100) of sentences against one reference each.

    Parameters
    ----------
    said, wanted
        Sentences and references in the same order, words separated by spaces.
    """
    from sacrebleu import corpus_bleu  # noqa: PLC0415 - a third of a second that only sentences pay

    return corpus_bleu(said, [wanted], tokenize="none", force=True).score


def slots(said: list[str], wanted: list[str]) -> float:
    """Share of the names and values of the references that stand in the sentences (0 to 1).

    Parameters
    ----------
    said, wanted
        Sentences and references in the same order, words separated by spaces.
    """
    return _told(said, wanted, FACTS)


def share_by_kind(said: list[str], wanted: list[str]) -> dict[str, float]:
    """Share of the names and values of the references that stand in the sentences, for each kind of fact.

    Returns
    -------
    dict
        "name", "town", "job", ... -> share (0 to 1), for the kinds that the references have.
    """
    words = {word for reference in wanted for word in reference.split()}
    return {kind: _told(said, wanted, values) for kind, values in KINDS.items() if words & values}


def _told(said: list[str], wanted: list[str], known: Collection[str]) -> float:
    facts = [[word for word in reference.split() if word in known] for reference in wanted]
    hits = sum(word in sentence.split() for sentence, words in zip(said, facts, strict=True) for word in words)
    return hits / sum(map(len, facts))


def _sentence(tokens: Int[Tensor, " T"]) -> str:
    return decode(takewhile(END.__ne__, tokens.tolist()))
