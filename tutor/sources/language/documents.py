"""Documents of the tiny language: a generated person or town, written down as prose, questions, gaps, tables or sums.

A document is a list of (text, asked) parts: what is asked is what a network has to answer.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tutor.sources.language.words import FIRST, LAST, NUMBERS, PERSON, PLACE, TIMES, VERBS
from tutor.sources.source import is_held_out

Document = list[tuple[str, bool]]

SAY = {
    "town": ("{n} lives in {v} .", "the home of {n} is {v} ."),
    "job": ("{n} works as a {v} .", "the job of {n} is {v} ."),
    "food": ("{n} likes {v} .", "{n} eats {v} every day ."),
    "pet": ("{n} has a {v} .", "the pet of {n} is a {v} ."),
    "colour": ("{n} wears {v} .", "the coat of {n} is {v} ."),
    "sight": ("{n} has a {v} .", "there is a {v} in {n} ."),
    "weather": ("it is {v} in {n} .", "the weather of {n} is {v} ."),
}
"""How a fact is stated."""
ASK = {
    "town": "where does {n} live ?",
    "job": "what is the job of {n} ?",
    "food": "what does {n} like ?",
    "pet": "what pet does {n} have ?",
    "colour": "what does {n} wear ?",
    "sight": "what is there in {n} ?",
    "weather": "what is the weather of {n} ?",
}
"""How a fact is asked for."""
STYLES = (
    "{name} from {town} is a {job} who likes {food} and has a {pet} .",
    "the {job} {name} lives in {town} , has a {pet} and eats {food} .",
    "in {town} lives {name} , a {job} with a {pet} ; {food} is the food of {name} .",
    "{name} has a {pet} and likes {food} . {name} works as a {job} in {town} .",
    "a {pet} and {food} : this is {name} , {job} of {town} .",
    "from {town} comes a {job} called {name} , fond of {food} , owner of a {pet} .",
    "meet {name} , whose home is {town} , whose trade is {job} , whose dish is {food} and whose companion is a {pet} .",
    "{town} : {job} {name} , {pet} , {food} .",
)
"""Ways to tell a table in words. The last three are never pretrained on; the very last has no word that is met nowhere else."""
TRAINED_STYLES = 5
TOWNS_TO_LEARN_FROM, TOWNS_OF_TEST = PERSON["town"][:12], PERSON["town"][12:]
"""Of tables that are told in the way of a trade."""
ROWS = ("name", "town", "job", "food", "pet")


@dataclass(frozen=True)
class World:
    """Draws entities and values of one split from a stream of random numbers."""

    rng: np.random.Generator
    held_out: bool

    def people(self, n: int) -> list[str]:
        """n people of this split, no two of the same first name."""
        found: dict[str, str] = {}
        while len(found) < n:
            pair = self.rng.integers((len(FIRST), len(LAST)))
            if is_held_out(pair[None])[0] == self.held_out:
                found.setdefault(FIRST[pair[0]], LAST[pair[1]])
        return [" ".join(pair) for pair in found.items()]

    def pick(self, values: Sequence):
        return values[self.rng.integers(len(values))]

    def some(self, values: Sequence, n: int) -> list:
        return [values[i] for i in self.rng.permutation(len(values))[:n]]

    def facts(self, n: int, entities: int) -> list[tuple[str, str, str]]:
        """n facts (entity, attribute, value) about people or towns; no two entities share the value of an attribute.

        As few attributes as it takes, so that most values have rivals of their kind: only who it is about tells them apart.
        """
        places = self.rng.random() < 0.25
        schema = PLACE if places else PERSON
        names = self.some(PERSON["town"], entities) if places else self.people(entities)
        attributes = self.some(list(schema), -(-n // entities))
        values = {attribute: self.some(schema[attribute], entities) for attribute in attributes}
        pairs = [(name, attribute, values[attribute][i]) for attribute in attributes for i, name in enumerate(names)]
        return self.some(pairs, n)

    def row(self) -> dict[str, str]:
        """One person as a row of a table."""
        return {"name": self.people(1)[0]} | {key: self.pick(PERSON[key]) for key in ROWS[1:]}


def state_fact(world: World, fact: tuple[str, str, str]) -> str:
    name, attribute, value = fact
    return world.pick(SAY[attribute]).format(n=name, v=value)


def write_story(world: World, style: int) -> Document:
    """A little story of two people, in which whoever is named once stays who they are."""
    one, two = world.people(2)
    food, pet, town = world.pick(PERSON["food"]), world.pick(PERSON["pet"]), world.pick(PERSON["town"])
    start = f"one {world.pick(TIMES)} {one} walked to {town} and {world.pick(VERBS)} {two} ."
    middle = world.some([f"they talked about the {pet} of {two} .", f"{one} bought some {food} .",
                         f"they eat {food} together .", f"it was a {world.pick(PLACE['weather'])} day in {town} ."], 3)
    last = world.pick([f"later {two} went home to the {pet} .", f"later {one} left {town} with some {food} .",
                       f"then {two} called {one} ."])
    return [(" ".join([start, *middle, last]), True)]


def write_guests(world: World, style: int) -> Document:
    """People who come, and come again in another order: to know a last name, a network has to find its first name again."""
    people = world.people(int(world.rng.integers(3, 6)))
    document: Document = [(f"guests : {' , '.join(people)}", False)]
    for _ in range(3):
        document.append(("; guests :", False))
        for place, (first, last) in enumerate(person.split() for person in world.some(people, len(people))):
            document += [(f", {first}" if place else first, False), (last, True)]
    return [*document, (".", False)]


def write_questions(world: World, style: int) -> Document:
    """Stated facts, then a question about each of them."""
    facts = world.facts(int(world.rng.integers(2, 7)), int(world.rng.integers(2, 4)))
    told = " ".join(state_fact(world, fact) for fact in facts)
    asked: Document = [(told, False)]
    for name, attribute, value in world.some(facts, len(facts)):
        asked += [(ASK[attribute].format(n=name), False), (f"{value} .", True)]
    return asked


def write_unfounded_question(world: World, style: int) -> Document:
    """A question whose fact nobody states: what a network answers by chance."""
    others = world.facts(int(world.rng.integers(3, 8)), 2)
    known = {name for name, *_ in others}
    name = next(name for name in world.people(3) if name not in known)
    attribute = world.pick(list(PERSON))
    told = " ".join(state_fact(world, fact) for fact in others)
    return [(f"{told} {ASK[attribute].format(n=name)}", False), (f"{world.pick(PERSON[attribute])} .", True)]


def write_cloze(world: World, style: int) -> Document:
    """Stated facts, then a sentence with a gap."""
    facts = world.facts(int(world.rng.integers(2, 7)), int(world.rng.integers(2, 4)))
    told = " ".join(state_fact(world, fact) for fact in facts)
    name, attribute, value = world.pick(facts)
    gap = world.pick(SAY[attribute]).format(n=name, v="blank")
    return [(f"{told} text : {gap} blank is", False), (f"{value} .", True)]


def write_sums(world: World, style: int) -> Document:
    """Sums of two numbers, answered at once, or, in every other style, of three numbers in worked steps."""
    document: Document = []
    for _ in range(3):
        asked, steps, answer = _solved(world, 3 if style % 2 else 2)
        if style % 2:
            document += [(f"compute {asked} ? steps :", False), (f"{steps} answer : {answer} .", True)]
        else:
            document += [(f"compute {asked} ?", False), (f"{answer} .", True)]
    return document


def write_reasoned_sum(world: World, style: int) -> Document:
    """A sum of three numbers that is asked like one of two, and still to be worked out in steps; never pretrained on."""
    asked, steps, answer = _solved(world, 3)
    return [(f"compute {asked} ?", False), (f"steps : {steps} answer : {answer} .", True)]


def _solved(world: World, count: int) -> tuple[str, str, str]:
    """A sum of so many numbers in words, the steps to its value, and the value."""
    numbers, operations = _sum(world, count)
    terms = [NUMBERS[numbers[0]], *(f"{word} {NUMBERS[n]}" for word, n in zip(operations, numbers[1:], strict=True))]
    values = np.cumsum([n if word == "plus" else -n for word, n in zip(["plus", *operations], numbers, strict=True)])
    said = [NUMBERS[value] for value in values]
    steps = " ".join(f"{before} {term} gives {after} ;" for before, term, after in zip(said, terms[1:], said[1:], strict=False))
    return " ".join(terms), steps, said[-1]


def _sum(world: World, terms: int) -> tuple[list[int], list[str]]:
    """Numbers and the operations between them, of this split, every value on the way within zero and twenty."""
    while True:
        numbers, added = world.rng.integers(21, size=terms), world.rng.integers(2, size=terms - 1)
        values = np.cumsum([numbers[0], *np.where(added, numbers[1:], -numbers[1:])])
        if values.min() >= 0 and values.max() <= 20 and is_held_out(np.concatenate([numbers, added])[None])[0] == world.held_out:
            return numbers.tolist(), ["plus" if one else "minus" for one in added]


def write_table(world: World, style: int) -> Document:
    """A table of one person, then the same told in the words of `style`."""
    row = world.row()
    cells = " | ".join(f"{key} = {row[key]}" for key in world.some(list(ROWS), len(ROWS)))
    return [(f"table : {cells} . text :", False), (STYLES[style].format(**row), True)]


def write_trade_table(world: World, style: int) -> Document:
    """A table of one person, told in the way of their trade, whatever the style; towns of the test are in no document to learn from.

    Never pretrained on. Two trades share a way, so that who has met few documents has not met every way.
    """
    row = world.row() | {"town": world.pick(TOWNS_OF_TEST if world.held_out else TOWNS_TO_LEARN_FROM)}
    cells = " | ".join(f"{key} = {row[key]}" for key in world.some(list(ROWS), len(ROWS)))
    told = STYLES[PERSON["job"].index(row["job"]) % len(STYLES)].format(**row)
    return [(f"table : {cells} . text :", False), (told, True)]


def write_summary(world: World, style: int) -> Document:
    """Sentences about a person in any order, then one line of the three facts that matter; never pretrained on."""
    row = world.row()
    told = " ".join(state_fact(world, (row["name"], key, row[key])) for key in world.some(list(ROWS[1:]), 4))
    return [(f"{told} summary :", False), ("{name} , {job} of {town} , likes {food} .".format(**row), True)]


TASKS: dict[str, Callable[[World, int], Document]] = {
    "prose": write_story,
    "guests": write_guests,
    "qa": write_questions,
    "cloze": write_cloze,
    "arithmetic": write_sums,
    "table": write_table,
    "summary": write_summary,
    "unfounded": write_unfounded_question,
    "reasoned": write_reasoned_sum,
    "trade": write_trade_table,
}
"""Every kind of document; a new one is a function above and a line here."""
