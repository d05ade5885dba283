"""Methods have a name in words and the papers' label as its tag; what has no name keeps its label."""

import pytest
from streamlit.testing.v1 import AppTest
from visiting import opened

from tutor.methods import METHODS
from tutor.methods.method_names import list_names, name_method, tag_method, title_method
from tutor.methods.retrieval import PIPELINES


def test_every_method_that_came_with_the_package_has_a_name_of_its_own():
    names = [name_method(method.label) for method in (METHODS | PIPELINES).values()]
    assert len(set(list_names().values())) == len(list_names())
    assert all(name[0].islower() and not name.endswith(("PT", "WT", "PF")) for name in names)


@pytest.mark.parametrize(("label", "of", "name", "title"), [
    ("SoftPT", "", "soft prompt", "soft prompt · SoftPT"),
    ("SoftPT (length 6)", "SoftPT", "soft prompt (length 6)", "soft prompt · SoftPT (length 6)"),
    ("a stranger", "", "a stranger", "a stranger"),
    ("a stranger", "SoftPT", "a stranger", "a stranger"),
])
def test_a_label_is_named_with_its_settings(label, of, name, title):
    assert (name_method(label, of), title_method(label, of)) == (name, title)
    assert tag_method("SoftPT") == "SoftPT" and tag_method("a stranger") == ""


def choosing() -> None:
    from smallest import tuning  # noqa: PLC0415 - the script of a visit stands alone

    from tutor.methods import FullWT, SoftPT  # noqa: PLC0415
    from tutor.ui.run_views import variant_choice  # noqa: PLC0415

    specs = {spec.key(): spec for spec in (tuning(method=SoftPT(length=25)), tuning(method=SoftPT(length=6)), tuning(method=FullWT()))}
    variant_choice.choose_runs(specs, "methods")


def test_of_each_method_one_variant_is_a_button_and_the_others_are_in_a_list():
    app = AppTest.from_function(choosing).run()
    assert not app.exception
    (more,) = app.multiselect
    assert more.options == ["soft prompt · SoftPT (length 25)"] and more.value == []


def test_a_link_with_labels_chooses_the_same_methods(small):
    app = opened("tune", tune_methods=["SoftPT", "FullWT"])
    assert app.multiselect(key="tune_methods").value == ["soft", "full"] and not app.exception
