"""JSON, TOML and YAML as plain values: no key twice, and nesting, size and numbers within what the rest of the program can bear."""

import json
import math
import tomllib
from collections import Counter
from dataclasses import dataclass
from typing import Any

import yaml

from tutor.core.parsing.decoding import decode
from tutor.core.parsing.reading import as_one_sentence, shorten_line

MAX_DEPTH = 32
MAX_PARTS = 100_000
"""Values in a document, those behind YAML aliases counted wherever they stand."""
MAX_NUMBER = 2**63
KINDS = (dict, list, str, bool, int, float, type(None))
Place = tuple[str | int, ...]


@dataclass(frozen=True)
class YamlDocument:
    """A YAML document: its plain value, and the line of every part of it."""

    value: Any
    node: yaml.Node | None

    def line(self, place: Place) -> int:
        """The line of the deepest part that lies on the way to `place`, counted from one."""
        node, line = self.node, _line(self.node)
        for name in place:
            if isinstance(node, yaml.MappingNode):
                found = next(((key, value) for key, value in node.value if key.value == str(name)), None)
                if found is None:
                    break
                line, node = _line(found[0]), found[1]
            elif isinstance(node, yaml.SequenceNode) and isinstance(name, int) and name < len(node.value):
                node = node.value[name]
                line = _line(node)
            else:
                break
        return line


class _Twice(Exception):
    """A key that stands twice in one object."""


def parse_json(name: str, data: bytes | str, failure: type[Exception]) -> Any:
    """The plain value of a JSON text.

    Parameters
    ----------
    name
        What messages call the text.
    failure
        What is raised, with one sentence, where it is no JSON, has a key twice, or is nested too deeply.
    """
    called = shorten_line(name)
    with as_one_sentence(called, failure):
        try:
            value = json.loads(_text(name, data, failure), object_pairs_hook=_once, parse_int=_whole)
        except _Twice as error:
            raise failure(f"{called} is not valid JSON: the key {error} stands twice in one object") from error
        except json.JSONDecodeError as error:
            raise failure(f"{called} is not valid JSON: {error.msg} (line {error.lineno}, column {error.colno})") from error
        _bounded(called, value, failure)
        return value


def parse_toml(name: str, data: bytes | str, failure: type[Exception]) -> dict[str, Any]:
    """The plain values of a TOML text.

    Parameters
    ----------
    name
        What messages call the text.
    failure
        What is raised, with one sentence, where it is no TOML or is nested too deeply.
    """
    called = shorten_line(name)
    with as_one_sentence(called, failure):
        text = _text(name, data, failure)
        try:
            value = tomllib.loads(text)
        except ValueError as error:                # also an integer of thousands of digits
            said = shorten_line(error) if isinstance(error, tomllib.TOMLDecodeError) else "a number has too many digits"
            raise failure(f"{called} is not valid TOML: {said}") from error
        _bounded(called, value, failure)
        return value


def parse_yaml(name: str, data: bytes | str, failure: type[Exception]) -> YamlDocument:
    """A YAML document of plain values, with the line of each; aliases are followed as far as they stay small.

    Parameters
    ----------
    name
        What messages call the text.
    failure
        What is raised, with one sentence and the line, where it is no YAML or holds anything but plain values.
    """
    called = shorten_line(name)
    with as_one_sentence(called, failure):
        try:
            loader = _Loader(_text(name, data, failure))
            node = loader.get_single_node()
            if node is not None:
                _size(node, 0, {})
            document = YamlDocument(None if node is None else loader.construct_document(node), node)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise failure(f"{called}, line {line}: {shorten_line(error.problem or 'this is no YAML')}") from error
        except yaml.YAMLError as error:
            raise failure(f"{called} is no YAML: {shorten_line(str(error).splitlines()[0])}") from error
        if (found := find_fault(document.value)) is not None:
            place, said = found
            raise failure(f"{called}, line {document.line(place)}: {said}")
        return document


def find_fault(value: Any) -> tuple[Place, str] | None:
    """The first part of a plain value that is out of bounds, and a sentence about it; None where all of it can be used."""
    waiting, seen = [((), value)], 0
    while waiting:
        place, one = waiting.pop()
        seen += 1
        if (said := _wrong(one) or (len(place) > MAX_DEPTH and "it is nested too deeply")) or seen > MAX_PARTS:
            return (
                place,
                f"{shorten_line('.'.join(map(str, place)), 80) or 'the document'}: {said or f'it has more than {MAX_PARTS:,} parts'}",
            )
        parts = list(one.items()) if isinstance(one, dict) else list(enumerate(one)) if isinstance(one, list) else []
        waiting += [((*place, part), inner) for part, inner in reversed(parts)]
    return None


def _wrong(one: Any) -> str:
    if not isinstance(one, KINDS):
        return f"a {type(one).__name__} stands here; write it in quotes"
    if isinstance(one, dict) and (wrong := next((key for key in one if not isinstance(key, str) or _unwritable(key)), None)) is not None:
        return f"the key {shorten_line(wrong, 60)} is no word; write it in quotes"
    if isinstance(one, str) and _unwritable(one):
        return "the text holds characters that are none"
    if isinstance(one, int) and not -MAX_NUMBER <= one < MAX_NUMBER:
        return "the number has too many digits"
    return f"{one} is no finite number" if isinstance(one, float) and not math.isfinite(one) else ""


def _unwritable(text: str) -> bool:
    """Whether a text holds half a character of UTF-16, or a zero, which no file, address or screen takes."""
    return any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in text)


def _bounded(called: str, value: Any, failure: type[Exception]) -> None:
    if (found := find_fault(value)) is not None:
        raise failure(f"{called} cannot be used: {found[1]}")


def _text(name: str, data: bytes | str, failure: type[Exception]) -> str:
    return decode(name, data, failure) if isinstance(data, bytes) else data.removeprefix("\ufeff")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _Twice(shorten_line(Counter(key for key, _ in pairs).most_common(1)[0][0], 60))
    return found


def _whole(digits: str) -> int:
    """An integer; of one that is too long, a number that is as surely out of bounds."""
    return int(digits) if len(digits) < 40 else MAX_NUMBER


class _Loader(yaml.SafeLoader):
    """The safe loader, which names the line of a value that its own constructors fail at."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except yaml.YAMLError:
            raise
        except Exception as error:  # a number of thousands of digits, the thirteenth month, ...
            said = (
                f"{shorten_line(node.value, 40)} is malformed or out of range" if isinstance(node, yaml.ScalarNode) else "it cannot be read"
            )
            raise yaml.constructor.ConstructorError(None, None, said, node.start_mark) from error


def _size(node: yaml.Node, depth: int, known: dict[int, int]) -> int:
    """How many values a node stands for, aliases followed. Raises a YAML error at a circle, at a key that stands twice, at too many."""
    if depth > MAX_DEPTH:
        raise _error("it is nested too deeply", node)
    if id(node) in known:
        if not known[id(node)]:
            raise _error("an alias leads back to where it stands", node)
        return known[id(node)]
    known[id(node)], size = 0, 1
    if isinstance(node, yaml.MappingNode):
        keys = set()
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode) and (one := (key.tag, key.value)) in keys:
                raise _error(f"the key {shorten_line(key.value, 60)} stands twice", key)
            keys.add(one if isinstance(key, yaml.ScalarNode) else None)
            size += _size(key, depth + 1, known) + _size(value, depth + 1, known)
    elif isinstance(node, yaml.SequenceNode):
        size += sum(_size(one, depth + 1, known) for one in node.value)
    if size > MAX_PARTS:
        raise _error(f"it has more than {MAX_PARTS:,} parts", node)
    known[id(node)] = size
    return size


def _error(said: str, node: yaml.Node) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=said, problem_mark=node.start_mark)


def _line(node: yaml.Node | None) -> int:
    return node.start_mark.line + 1 if node else 1
