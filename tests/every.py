"""What tests are repeated over. A new body, method or source is tested on arrival: it joins its registry."""

import pytest

from tutor.methods import METHODS
from tutor.predictors import BODIES
from tutor.sources import PRESETS

each_body = pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
each_kind = pytest.mark.parametrize("kind", BODIES)
each_method = pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
each_preset = pytest.mark.parametrize("source", PRESETS.values(), ids=PRESETS)
each_shape = pytest.mark.parametrize("shape", [{}, {"layers": 2, "embedding": 5}], ids=["plain", "two layers, narrow embedding"])
