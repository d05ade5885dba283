"""A retrieval pipeline over the facts of thirty people, in front of an untrained network of the language."""

import pytest
from repeating import advanced

from tutor import Recipe, predictors
from tutor.methods.retrieval import RetrieverPT
from tutor.sources import FactQuestions
from tutor.sources.language import WORDS
from tutor.sources.language.facts import Facts

FEW = Facts(people=30)
ASKING = FactQuestions(facts=FEW)
SMALL = predictors.Transformer(width=32, layers=1)
QUICK = Recipe(steps=6, batch=4, length=9, learning_rate=0.01)


@pytest.fixture(scope="module")
def untrained():
    """What a pipeline does to this network can be checked, what it answers is noise."""
    return SMALL.build(len(WORDS), 0)


def method(**dials) -> RetrieverPT:
    return RetrieverPT(**({"facts": FEW, "questions": 64} | dials))


def trained(base, upto: int = 10**6, recipe: Recipe = QUICK, **dials):
    return advanced(method(**dials).start(base, ASKING, recipe, 0), upto)
