"""The works whose claims are tested, and which of them each study speaks of."""

from collections.abc import Mapping
from dataclasses import dataclass

from tutor.studies.study import AbstractStudy


@dataclass(frozen=True)
class CitedWork:
    """A work: how studies cite it in their `source`, and its title."""

    cited: str
    title: str


OTHERS = CitedWork("Other works, and our own", "Claims of further works, and questions that we asked ourselves")
WORKS = (
    CitedWork("Genewein et al. 2025", "Understanding Prompt Tuning and In-Context Learning via Meta-Learning"),
    CitedWork("Petrov et al. 2024", "When Do Prompting and Prefix-Tuning Work?"),
    CitedWork("Li & Liang 2021", "Prefix-Tuning: Optimizing Continuous Prompts for Generation"),
    CitedWork("Sedov et al. 2024", "Exploring Embedding Priors in Prompt-Tuning"),
    CitedWork("MultiBob", "Your Retriever Is Just Doing Prompt Tuning"),
)


def find_work(source: str) -> CitedWork:
    """Find the work that the source of a study names first; OTHERS where it names none of them."""
    named = [work for work in WORKS if work.cited in source]
    return min(named, key=lambda work: source.index(work.cited), default=OTHERS)


def group_by_work(studies: Mapping[str, AbstractStudy]) -> dict[CitedWork, list[str]]:
    """Group studies by work: their names in the order of the registry, works in the order of WORKS, OTHERS last, none of them empty."""
    found = {work: [name for name, study in studies.items() if find_work(study.source) is work] for work in (*WORKS, OTHERS)}
    return {work: names for work, names in found.items() if names}
