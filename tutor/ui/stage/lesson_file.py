"""Files of lessons: YAML that is checked as a whole when it is read; a bad file names its line and hides no other."""

import math
import os
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from pydantic import ValidationError

from tutor.core import parsing
from tutor.core.paths import ASSETS
from tutor.runs.io.disk import default_root
from tutor.ui.stage.lesson import Lesson
from tutor.ui.stage.scene_list import SCENES

SHIPPED = ASSETS / "lessons"
EXAMPLE = """title: Two tails
about: What two tails are worth.
place: 20
minutes: 2
steps:
  - scene: coin
    say: Nothing is known of this coin.
    set: {flips: "", coin: 0.2}
    do: Press **Tails** twice.
    until: flips >= 2 and heads == 0
    done: After {flips:.0f} tails it expects heads with probability {predicted:.2f}.
  - scene: prompt-map
    say: The network takes a prompt for flips as well.
    set: {prompt: TT}
"""
MAX_FILE_BYTES = 64 * 1024
MOST_FILES = 200
"""Files of a folder that are looked at, which happens with every click."""
ENDINGS = (".yaml", ".yml")


class LessonError(ValueError):
    """A lesson file that cannot be read; the message is one sentence with the file name and the line."""


def read_lesson(path: Path) -> Lesson:
    """Read and check one lesson file.

    Raises
    ------
    LessonError
        Where the file is no YAML, no lesson, or asks its scenes for facts or settings that they do not have.
    """
    name = parsing.shorten_line(path.name)
    if not path.stem.isprintable() or not _stays_in_an_address(path.stem):
        raise LessonError(f"{name} cannot be the name of a lesson; use letters, digits and hyphens")
    document = parsing.parse_yaml(name, parsing.read_bytes(path, MAX_FILE_BYTES, LessonError, name=name), LessonError)
    if not isinstance(document.value, dict):
        raise LessonError(f"{name}, line {document.line(())}: this is no lesson, which has title, about, place, minutes and steps")
    with parsing.as_one_sentence(name, LessonError):
        try:
            lesson = Lesson.model_validate({**document.value, "name": path.stem})
        except ValidationError as error:
            first = _first_mistake(error)
            where, said = parsing.shorten_line(".".join(map(str, first["loc"])), 80), first["msg"].removeprefix("Value error, ")
            raise LessonError(f"{name}, line {document.line(first['loc'])}: {where}: {said[:1].lower()}{said[1:]}") from error
        return _fits_its_scenes(name, lesson, document)


def _first_mistake(error: ValidationError) -> dict:
    """The mistake to name: a step that still names a page, or else the first."""
    found = error.errors()
    old = [one for one in found if one["loc"][-1] == "page" and one["type"] == "extra_forbidden"]
    return old[0] | {"msg": f"a step names a scene, not a page; scenes are {', '.join(SCENES)}"} if old else found[0]


def _stays_in_an_address(name: str) -> bool:
    """Whether the address keeps this word: it drops what reads as a number that is not finite, such as nan."""
    try:
        return math.isfinite(float(name))
    except ValueError:
        return True


def _fits_its_scenes(name: str, lesson: Lesson, document) -> Lesson:
    """The lesson, once every step has been held against what its scene tells."""
    for at, step in enumerate(lesson.steps):
        for place, said in step.mistakes():
            line = document.line(("steps", at, *place))
            raise LessonError(f"{name}, line {line}: steps.{at}.{'.'.join(map(str, place))}: {said}")
    return lesson


def own_folder() -> Path:
    """Folder of the user's own lessons: $TUTOR_LESSONS, or `lessons` in the user's store."""
    given = os.environ.get("TUTOR_LESSONS")
    return Path(given) if given else default_root() / "lessons"


def list_lessons(*folders: Path) -> tuple[dict[str, Lesson], tuple[str, ...]]:
    """List all lessons; a file is read again once it has changed.

    Parameters
    ----------
    folders
        Where to look. Without any, the shipped lessons and the user's own; an own lesson replaces a shipped one of the same name.

    Returns
    -------
    tuple
        Lessons by name, ordered by their `place`, and one sentence for each file that cannot be read.
    """
    found, wrong = {}, []
    for one in (one for folder in folders or (SHIPPED, own_folder()) for one in _in_folder(folder)):
        if isinstance(one, Lesson):
            found[one.name] = one
        else:
            wrong.append(one)
    return {one.name: one for one in sorted(found.values(), key=lambda one: (one.place, one.name))}, tuple(wrong)


def _in_folder(folder: Path) -> Iterator[Lesson | str]:
    """The lessons of a folder by name, and sentences for what is none. Hidden files are passed over; a folder that is missing is empty."""
    try:
        with parsing.as_one_sentence(str(folder), LessonError):
            there = folder.iterdir() if folder.is_dir() else ()
            paths = sorted(path for path in there if path.suffix.lower() in ENDINGS and path.name[0] != ".")
    except LessonError as error:
        yield str(error)
        return
    yield from (_kept(path, _stamp(path)) for path in paths[:MOST_FILES])
    if len(paths) > MOST_FILES:
        yield f"{parsing.shorten_line(folder)} holds {len(paths):,} lessons; the first {MOST_FILES} are read"


def _stamp(path: Path) -> tuple[int, ...]:
    """What is another number once a file was written again, or may be read now."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return ()
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size


@lru_cache(maxsize=2 * MOST_FILES)
def _kept(path: Path, stamp: tuple[int, ...]) -> Lesson | str:
    """A lesson as its file was at `stamp`, or the sentence that says why it is none: pages ask for all of them with every click."""
    try:
        return read_lesson(path)
    except LessonError as error:
        return str(error)
