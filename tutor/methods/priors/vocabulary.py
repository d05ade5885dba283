"""A prior of real tokens, drawn by chance."""

from typing import ClassVar, Literal

from pydantic import Field

from tutor.methods.priors.fitted import collect_vectors
from tutor.methods.priors.prior import AbstractPrior
from tutor.sources import AnySource


class Vocabulary(AbstractPrior):
    """Vectors of tokens drawn from the vocabulary, or as often as they occur in a source's documents (Lester et al. 2021, section 3.2)."""

    label: ClassVar[str] = "sampled vocabulary"
    family: ClassVar[str] = "words"
    formula: ClassVar[str] = (
        r"\begin{aligned} & e_i = E_{w_i}, \; w_i \sim \mathcal{U}\{1, \dots, V\} \\ & \text{or as often as in documents} \end{aligned}"
    )
    kind: Literal["vocabulary"] = "vocabulary"
    source: AnySource | None = Field(None, description="whose documents to draw from; the vocabulary when not given")

    def _draw(self, space, n, normal, uniform):
        rows = collect_vectors(space, self.source)
        return rows[(uniform(n) * len(rows)).long().clamp(max=len(rows) - 1)]
