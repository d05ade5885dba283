"""Prompt vectors among tokens: against geometry that can be checked by hand."""

import pytest
import torch
from numpy.testing import assert_allclose
from torch.utils._python_dispatch import TorchDispatchMode

from tutor import measure
from tutor.measure.prompt_geometry import (
    distance_travelled,
    draw_gaussian_like,
    draw_random_like,
    effective_rank,
    keeps_its_start,
    measure_tokens,
    nearest_cosine,
    neighbours,
)
from tutor.methods.priors import Gaussian

TABLE = torch.tensor([[1.0, 0.0], [0.0, 1.0], [-3.0, 0.0], [0.6, 0.8]])


def test_the_nearest_token_by_direction_is_another_than_by_distance():
    row = torch.tensor([[-0.5, 0.1]])
    by_cosine, by_distance = (neighbours(row, TABLE, 4, by=by) for by in ("cosine", "distance"))
    assert by_cosine.ids[0].tolist()[:2] == [2, 1] and by_distance.ids[0].tolist()[0] == 1
    assert by_cosine.cosine[0, 0].item() == pytest.approx(0.5 / (0.26**0.5))
    assert by_cosine.distance[0, 0].item() == pytest.approx((2.5**2 + 0.1**2) ** 0.5)
    assert (by_cosine.cosine[0].diff() <= 0).all() and (by_distance.distance[0].diff() >= 0).all()


def test_a_token_is_its_own_nearest_and_ties_go_to_the_first():
    assert neighbours(TABLE, TABLE, 1).ids.flatten().tolist() == [0, 1, 2, 3]
    twice = torch.cat([TABLE, TABLE])
    assert neighbours(TABLE, twice, 2, by="distance").ids.tolist() == [[0, 4], [1, 5], [2, 6], [3, 7]]


def test_nearest_tokens_are_those_of_all_pairs_and_their_distances_have_all_their_digits():
    """Also where a far middle takes the digits that tell the tokens apart."""
    table = torch.randn(500, 16, generator=torch.Generator().manual_seed(0)) + 30.0
    rows = table[:40] + 0.3 * torch.randn(40, 16, generator=torch.Generator().manual_seed(1))
    pairs = torch.cdist(rows.double(), table.double())
    angles = torch.cosine_similarity(rows[:, None].double(), table[None].double(), dim=2)
    near, alike = (neighbours(rows, table, 3, by=by) for by in ("distance", "cosine"))
    assert_allclose(near.distance, pairs.topk(3, largest=False).values, rtol=1e-5)
    assert torch.equal(near.ids, pairs.topk(3, largest=False).indices)
    assert_allclose(alike.cosine, angles.topk(3).values, rtol=1e-6)
    assert (neighbours(table, table, 1, by="distance").distance == 0).all()


def test_no_second_copy_of_a_vocabulary_is_made():
    """Of a model from elsewhere it may be most of the memory: nothing as large as half of it comes up on the way."""
    class Watched(TorchDispatchMode):
        largest = 0

        def __torch_dispatch__(self, func, types, args=(), kwargs=None):
            found = func(*args, **kwargs or {})
            for one in found if isinstance(found, tuple | list) else (found,):
                if isinstance(one, torch.Tensor) and one.untyped_storage().data_ptr() != table.untyped_storage().data_ptr():
                    self.largest = max(self.largest, one.numel())
            return found

    table = torch.randn(3000, 64)
    cloud = Gaussian.of(table)
    with Watched() as seen:
        measure_tokens(table[:4] + 0.1, table, cloud)
        for by in ("cosine", "distance"):
            neighbours(table[:4] + 0.1, table, by=by)
    assert 0 < seen.largest < table.numel() / 2
    with Watched() as seen:
        table / table.norm(dim=1, keepdim=True)
    assert seen.largest == table.numel()                                     # a copy would have been seen


def test_travelled_is_in_radii_of_the_cloud():
    cloud = Gaussian(torch.zeros(2), torch.tensor([[3.0, 0.0], [0.0, 4.0]]), 0.0)               # a radius of 5
    assert distance_travelled(torch.zeros(2, 2), torch.tensor([[5.0, 0.0], [0.0, 15.0]]), cloud) == pytest.approx(2.0)


def test_another_measure_is_answered_in_one_sentence():
    with pytest.raises(ValueError, match="by is manhattan; it must be cosine or distance"):
        neighbours(TABLE, TABLE, by="manhattan")


def test_a_vector_of_length_zero_is_similar_to_nothing():
    assert nearest_cosine(torch.zeros(1, 2), TABLE).item() == 0


def test_random_vectors_have_the_same_lengths_and_no_direction_of_their_own():
    rows = torch.randn(4000, 8, generator=torch.Generator().manual_seed(0)) * 3
    control = draw_random_like(rows, 0)
    assert_allclose(control.norm(dim=1), rows.norm(dim=1), rtol=1e-5)
    assert abs(torch.nn.functional.cosine_similarity(control, rows).mean()) < 0.02
    assert torch.equal(control, draw_random_like(rows, 0)) and not torch.equal(control, draw_random_like(rows, 1))


def test_draws_can_lie_as_a_cloud_does_around_its_own_middle():
    rows, cloud = torch.zeros(4000, 2), Gaussian(torch.tensor([5.0, 0.0]), torch.tensor([[1.0, 0.0], [0.5, 2.0]]), 0.0)
    control = draw_gaussian_like(rows, cloud, 0)
    assert_allclose(control.mean(0), cloud.mean, atol=0.1)
    assert_allclose(torch.cov(control.T), [[1.0, 0.5], [0.5, 4.25]], atol=0.2)


def test_what_is_drawn_from_the_words_own_gaussian_stands_where_the_control_does():
    """Draws that lie as words do have not collapsed onto any, however far the cloud lies from the origin."""
    table = torch.randn(300, 12, generator=torch.Generator().manual_seed(0)) + 4.0
    cloud = Gaussian.of(table)
    found = measure_tokens(draw_gaussian_like(torch.zeros(500, 12), cloud, 7), table, cloud, seed=1)
    assert found.cosine == pytest.approx(found.shaped, abs=0.01) and found.cosine > found.chance + 0.3
    assert found.distance == pytest.approx(found.apart, abs=0.02)
    words = measure_tokens(table, table, cloud)
    assert words.cosine == pytest.approx(1.0, abs=1e-5) and words.distance == pytest.approx(0.0, abs=1e-3)


@pytest.mark.parametrize(("spread", "rank"), [((1.0, 1.0, 1.0), 3), ((1.0, 1.0, 1e-4), 2), ((1.0, 0.2, 0.0), 1), ((1.0, 0.5, 0.0), 2)])
def test_the_effective_rank_counts_directions_that_hold_95_percent(spread, rank):
    axes = torch.diag(torch.tensor(spread))
    assert effective_rank(torch.cat([axes, -axes]) + 7) == rank


def test_vectors_that_are_all_the_same_have_no_rank():
    assert effective_rank(torch.ones(5, 3)) == 0


def test_who_ends_nearest_to_its_own_start():
    starts = torch.tensor([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0]])
    assert keeps_its_start(starts, starts + torch.tensor([2.0, 2.0])).tolist() == [1, 1, 1]
    assert keeps_its_start(starts, starts.roll(1, 0)).tolist() == [0, 0, 0]
    assert keeps_its_start(starts, torch.zeros(3, 2)).tolist() == [1, 0, 0]
    assert keeps_its_start(starts[[0, 0, 1]], torch.zeros(3, 2)).tolist() == [1, 1, 0]                  # the same start twice


def test_the_measures_are_part_of_the_package():
    rows = torch.randn(3, 2)
    assert torch.equal(measure.neighbours(rows, TABLE).ids, neighbours(rows, TABLE).ids)
