"""What `pytest -m quick` runs: tests of the compute package that need no browser, page, server or second process."""

from pathlib import Path

NAMES = (
    # what everything stands on, and what is read from outside
    "layers", "shape_checks", "losses", "words",
    "spec", "spec_files", "spec_mistakes", "spec_at_random", "recipe", "evidence_file", "flips_file",
    # sources and networks
    "sources", "coins", "lists", "language", "bags", "predictors", "lstm", "placement", "attending", "constructions",
    # methods
    "methods", "prompts", "prefix", "hard_search", "soft_prompt_variants", "prior_tables",
    # what is measured
    "exact", "regret", "states", "probes", "scores", "belief", "vectors", "posteriors",
    # what is kept
    "store", "films", "threads", "pace", "shipping",
)


def is_quick(path: Path) -> bool:
    """Whether this is a file of quick tests."""
    return path.parent == Path(__file__).parent and path.stem.removeprefix("test_") in NAMES
