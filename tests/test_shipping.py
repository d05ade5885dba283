"""A folder that is replaced is there before, after, and after a kill at any moment in between."""

from pathlib import Path
from shutil import rmtree

import pytest

from tutor.studies import shipping


@pytest.fixture
def folders(tmp_path):
    place, fresh = tmp_path / "runs", tmp_path / "runs.new"
    for folder, said in ((place, "before"), (fresh, "after")):
        folder.mkdir()
        (folder / "what").write_text(said)
    return place, fresh


class Killed(Exception):
    """Stands for a process that is no more."""


def test_a_folder_is_replaced_and_nothing_is_left_over(folders):
    place, fresh = folders
    shipping.replace_folder(place, fresh)
    assert (place / "what").read_text() == "after" and [one.name for one in place.parent.iterdir()] == ["runs"]


@pytest.mark.parametrize(("moment", "left"), [(1, "before"), (2, "before"), (3, "after")])
def test_a_replacement_that_was_interrupted_is_undone_or_done(folders, monkeypatch, moment, left):
    """Killed before the first or the second move, or before the old folder is deleted."""
    place, fresh = folders
    calls = []

    def counting(do):
        def step(*args, **more):
            calls.append(do)
            if len(calls) == moment:
                raise Killed
            return do(*args, **more)

        return step

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", counting(Path.rename))
        patched.setattr(shipping, "rmtree", counting(rmtree))
        with pytest.raises(Killed):
            shipping.replace_folder(place, fresh)
    shipping.restore_folder(place)
    assert (place / "what").read_text() == left and not place.with_name("runs.old").exists()
