"""Room for pictures on their way: what was drawn last counts, few are kept, and no key reaches a page's styles unchecked."""

import orjson
import pytest

from tutor.bench.page_heights import read_heights
from tutor.ui.plot import reserved_room
from tutor.ui.plot.reserved_room import HEIGHTS, MOST, NAME, remember_height, room_rules


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch):
    monkeypatch.setattr(reserved_room, "_heights", {})


def test_the_last_height_of_a_picture_is_kept_free():
    remember_height("curve", 300)
    remember_height("curve", 420)
    assert room_rules() == ".st-key-curve:not(:has(.pt-stage)) { min-height: 434px; }"


def test_a_key_that_could_end_the_rule_is_left_out():
    remember_height("a}</style><script>", 300)
    assert room_rules() == ""


def test_few_are_kept():
    for number in range(2 * MOST):
        remember_height(f"map_{number}", 300)
    assert room_rules().count("min-height") == MOST and "map_0:" not in room_rules() and f"map_{2 * MOST - 1}:" in room_rules()


def test_the_heights_that_come_with_the_package_are_those_of_its_pages():
    known = orjson.loads(HEIGHTS.read_bytes())
    assert known["regret_curves"] == 460 and known["regret_bars"] == 440 and len(known) <= MOST
    assert all(NAME.fullmatch(key) and 100 <= height <= 2000 for key, height in known.items())


def test_what_the_rules_say_can_be_read_back():
    remember_height("curve", 300)
    remember_height("map_2", 420)
    assert read_heights(f"<style>{room_rules()}</style>") == {"curve": 300, "map_2": 420}
