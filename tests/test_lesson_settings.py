"""Settings in a lesson that no control of the page can take: the page is drawn, the control has its default, the lesson goes on."""

import pytest
from streamlit.testing.v1 import AppTest

from tutor.core.paths import MAIN, PAGES

WRONG = ["bayes_coin: 7", "bayes_coin: word", "bayes_coin: [a, b]", "bayes_coin: true", "bayes_prompt: [H, T]", "bayes_flips: 7",
         "bayes_longest: 99", "bayes_longest: .5", "bayes_network: maybe", "bayes_prior: Nope", "bayes_nothing: 1"]
LESSON = """title: Wrong settings
about: A lesson for a test.
place: 1
minutes: 1
steps:
  - page: bayes
    say: One.
  - page: bayes
    say: Two.
    set: {%s}
"""


@pytest.mark.parametrize("setting", WRONG)
def test_a_setting_that_no_control_can_take_leaves_page_and_lesson_standing(small, monkeypatch, tmp_path, setting):
    (tmp_path / "wrong.yaml").write_text(LESSON % setting)
    monkeypatch.setenv("TUTOR_LESSONS", str(tmp_path))
    app = AppTest.from_file(str(MAIN), default_timeout=120).run()
    app.query_params.update({"lesson": "wrong", "lesson_step": "1"})
    app = app.switch_page(str(PAGES / "bayes.py")).run()
    app = app.button(key="lesson_next").click().run()
    assert not app.exception and not app.error and "Two." in [text.value for text in app.markdown]
    assert 0 <= app.slider(key="bayes_coin").value <= 1 and 2 <= app.slider(key="bayes_longest").value <= 16
