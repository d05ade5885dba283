"""Where everything from outside comes in: files that visitors bring, texts, documents, arrays.

A reader names what it reads and the error class of its own boundary; whatever goes wrong leaves as that class, with one sentence:

    data = boundary.read_bytes(path, 64 * 1024, LessonError)         # ordinary files only, size first, never more than that
    text = boundary.decode(path.name, data, LessonError)             # UTF-8, UTF-16, byte-order marks, Windows-1252
    value = boundary.parse_json("config.json", data, Refused)        # also parse_toml, parse_yaml: nesting, size and numbers are bounded
    arrays = boundary.parse_arrays("x.npz", data, limit, StoreError)
    with boundary.reading("config.json", Refused):                   # around any other reader, such as that of a library
        config = library.load(folder)

It stands below every layer and knows none of them.
"""

from tutor.core.parsing.array_files import parse_arrays
from tutor.core.parsing.decoding import decode
from tutor.core.parsing.markup import YamlDocument, parse_json, parse_toml, parse_yaml
from tutor.core.parsing.reading import as_one_sentence, read_bytes, shorten_line

__all__ = [
    "YamlDocument",
    "as_one_sentence",
    "decode",
    "parse_arrays",
    "parse_json",
    "parse_toml",
    "parse_yaml",
    "read_bytes",
    "shorten_line",
]
