"""What goes wrong is said in one sentence, with the words of whoever said it."""

import pytest

from tutor.runs.store import StoreError
from tutor.ui.shell import sections


@pytest.mark.parametrize(("error", "sentence"), [
    (ValueError("length is 0; give 1 to 9"), "Length is 0; give 1 to 9."),
    (ValueError("there is no folder 'mine'"), "There is no folder 'mine'."),
    (ValueError("'x' is unknown, the rest is 'known'"), "'x' is unknown, the rest is 'known'."),
    (KeyError("no row with that name"), "No row with that name."),
    (StoreError("the run is damaged.\nsecond line"), "The run is damaged."),
    (RuntimeError(), "RuntimeError."),
    (KeyError(), "KeyError."),
])
def test_a_message_becomes_a_sentence_and_keeps_its_quotes(error, sentence):
    assert sections.error_sentence(error) == sentence
