"""The words of the tiny language: who and what there is in its world, and the words between them."""

def split_words(text: str) -> list[str]:
    """The words of a line."""
    return text.split()


FIRST = split_words("anna ben clara david emma felix greta hugo ida jonas karl lena martin nina oscar paula quentin rosa simon tilda")
LAST = split_words("miller baxter cole drake ellis fox grant hale irwin jensen keller lowe marsh nolan owens parker quill reed shaw turner")
"""A person is a first and a last name; a quarter of the pairs is held out, though each name is met in training."""

PERSON = {
    "town": split_words("""norwick ashford brenton colby dalton eastham fairview glenmore harwick inverley kelby lindale marlow newport
oakham preston"""),
    "job": split_words("baker doctor farmer painter pilot teacher sailor judge tailor nurse miner singer cook guard clerk smith"),
    "food": split_words("plums bread soup cheese apples rice fish honey beans cake eggs pears nuts corn figs tea"),
    "pet": split_words("dog cat horse parrot goat rabbit mouse duck turtle pony snake frog hen pig sheep donkey"),
    "colour": split_words("red blue green yellow white black brown pink"),
}
PLACE = {
    "sight": split_words("bridge castle tower market harbour mill museum garden chapel library fountain stadium"),
    "weather": split_words("sunny rainy windy foggy snowy cold warm dry"),
}
"""Attributes of a person and of a town, and the values that they take, drawn afresh for every document."""

NUMBERS = split_words("""
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
nineteen twenty""")

TIMES = split_words("morning evening monday sunday winter summer")
VERBS = split_words("met saw helped called thanked visited")

BETWEEN = split_words(""". , : ; | = ? end answer text table blank summary steps compute what where who does is a the of in and with live
lives home works as job like likes eat eats every day have has wear wears coat called town weather food pet name this it there
from comes whose companion fond owner plus minus gives then guests one went to walked together later they talked about was bought
some left meet dish trade""")

WORDS: tuple[str, ...] = tuple(dict.fromkeys(
    [*BETWEEN, *NUMBERS, *FIRST, *LAST, *(v for values in [*PERSON.values(), *PLACE.values()] for v in values), *TIMES, *VERBS]))
"""The vocabulary, in the order of its tokens."""
ID = {word: i for i, word in enumerate(WORDS)}


def encode(text: str) -> list[int]:
    """Token of every word of `text`, split at spaces. Raises ValueError naming the words that the language lacks."""
    said = split_words(text.lower())
    unknown = list(dict.fromkeys(word for word in said if word not in ID))
    if unknown:
        raise ValueError(f"the text has {', '.join(unknown[:5])}; the tiny language does not know {'it' if len(unknown) == 1 else 'them'}")
    return [ID[word] for word in said]


def decode(tokens) -> str:
    """The words of these tokens, with spaces between."""
    return " ".join(WORDS[int(token)] for token in tokens)
