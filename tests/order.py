"""The order in which files of tests are handed to workers: what takes long begins early, and no worker is left alone with it at the end.

A browser leaves a running loop in its process. Files of many tests therefore come before those of the browser, as they always have.
"""

from pathlib import Path

LONG = ("test_studies", "test_engine", "test_many_visitors", "test_lessons_walked")
LONG_IN_A_BROWSER = ("test_two_tabs", "test_history", "test_access", "test_journey", "test_stage", "test_teaching", "test_every_page",
                     "test_meaning")
MANY = 60
"""Tests of a file that takes long because it has so many."""


def place(path: Path, tests: int) -> float:
    """Where a file with so many tests stands; the lowest begins."""
    if path.stem in LONG:
        return -2000 + LONG.index(path.stem)
    if path.stem in LONG_IN_A_BROWSER:
        return -MANY + LONG_IN_A_BROWSER.index(path.stem) / 100
    return -tests
