"""Of what kind a fact is that a scene tells the sentences of a lesson."""

NUMBER, SHARE, WORD, FLAG = "number", "share", "word", "flag"
"""A share is a number of which 1 is all: it is asked for, and shown, in per cent. A flag is true or false."""

Kinds = dict[str, str]


def list_kinds(**names: str) -> Kinds:
    """Facts by kind (`number="heads tails"`, with blanks between) as a dictionary from the name of a fact to its kind."""
    return {name: kind for kind, several in names.items() for name in several.split()}
