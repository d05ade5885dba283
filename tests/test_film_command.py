"""`prompt-tutor film`: a GIF that loops and moves, and one sentence where there is no film."""

from itertools import pairwise

import numpy as np
import pytest
from PIL import Image, ImageSequence

from tutor.analysis.belief_film import film_of, sum_changes
from tutor.analysis.film_clock import QUIET, make_clock, place_at
from tutor.cli import answer_command
from tutor.figures import belief_animation
from tutor.figures.belief_animation import draw_moment, expectations_at, walk_along
from tutor.figures.palette import RED
from tutor.runs.store import RunStore

FILMED = "de23c0aba73abe8a"


@pytest.fixture(scope="module")
def film():
    return film_of(RunStore().load(FILMED))


def test_the_command_writes_a_gif_of_the_whole_film(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(belief_animation, "RATE", 0.4)
    assert answer_command(["film", FILMED[:8], "--out", str(tmp_path / "film.gif")]) == 0
    with Image.open(tmp_path / "film.gif") as gif:
        pictures = [np.asarray(one.convert("RGB"), dtype=int) for one in ImageSequence.Iterator(gif)]
        assert gif.info["loop"] == 0 and len(pictures) == 10
    assert all(np.abs(a - b).sum() > 0 for a, b in pairwise(pictures))
    assert "film.gif" in capsys.readouterr().err and [path.name for path in tmp_path.iterdir()] == ["film.gif"]


@pytest.mark.parametrize(("key", "said"), [("0123456789abcdef", "no run 0123456789abcdef"), ("language", "no run key")])
def test_a_run_that_is_not_there_is_one_sentence(key, said, capsys):
    assert answer_command(["film", key]) == 2
    assert said in capsys.readouterr().err.replace("is not a run key", "no run key")


def test_a_run_that_is_not_about_coins_has_no_film(tmp_path, capsys):
    lists = next(info.key for info in RunStore().list() if info.shipped and not info.spec.is_tuning and info.spec.source.vocab > 2)
    assert answer_command(["film", lists, "--out", str(tmp_path / "film.gif")]) == 2
    assert f"run {lists} has no film of coin flips" in capsys.readouterr().err and not [*tmp_path.iterdir()]


def test_the_dot_is_drawn_at_the_coin_when_the_prompt_is_tuned(film):
    pixels = np.asarray(draw_moment(film, 21.9, make_clock(film)))
    red = (pixels == [int(RED[at:at + 2], 16) for at in (1, 3, 5)]).all(-1)
    columns = np.flatnonzero(red[:belief_animation.AREA.upper + 60].any(0))           # nothing else is red up there
    expected = belief_animation.AREA.across(float(film.walk[-1, 0]))
    assert abs(columns.mean() - expected) < 6


def test_expectations_go_from_the_first_moment_to_the_last_and_slowly_at_first(film):
    keys, changes = make_clock(film).training, sum_changes(film.expects)
    places = [place_at(keys, second) for second in (0.0, 3.0, 6.0, 9.0)]
    assert (expectations_at(film, places[0]) == film.expects[0]).all() and (expectations_at(film, places[-1]) == film.expects[-1]).all()
    assert np.interp(places, np.arange(len(changes)), changes / changes[-1]) == pytest.approx([0, QUIET, QUIET + 0.5, 1], abs=0.01)


def test_paths_are_walked_in_their_scenes_and_rest_at_their_ends(film):
    clock = make_clock(film)
    assert [place_at(clock.hard, second) for second in (12.0, 15.0, 16.0)] == [0, 6, 6]
    last = len(film.walk) - 1
    assert [place_at(clock.walk, second) for second in (16.0, 18.5, 21.0, 25.0)] == pytest.approx([0, last / 2, last, last])


def test_a_walk_is_cut_between_its_points():
    points = np.array([[0.0, 0.0], [1.0, 3.0]])
    assert walk_along(points, 0.5)[-1] == pytest.approx([0.5, 1.0]) and len(walk_along(points, 1.0)) == 2
