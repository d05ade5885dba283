"""The places at which states are read have names in words, and every place of our networks has its own."""

import pytest

from tutor import predictors
from tutor.predictors.tap_labels import label_tap
from tutor.predictors.taps import tap_names


@pytest.mark.parametrize(("tap", "label"), [
    ("body.blocks.*.attn_out", "output of attention, all layers"),
    ("body.blocks.0.resid_mid", "layer 1: input plus attention"),
    ("body.layers.1.cell", "layer 2: cell state"),
    ("body.norm.out", "norm.out"),
])
def test_a_tap_is_named_by_its_layer_and_what_is_there(tap, label):
    assert label_tap(tap) == label


@pytest.mark.parametrize("body", [predictors.LSTM(width=8, layers=2), predictors.Transformer(width=8, heads=1, layers=2)],
                         ids=lambda body: body.kind)
def test_no_place_of_our_networks_is_left_without_words_or_shares_them(body):
    labels = [label_tap(tap) for tap in tap_names(body.build(2, 0))]
    assert len(set(labels)) == len(labels) and all(label.startswith(("layer 1: ", "layer 2: ")) for label in labels)
