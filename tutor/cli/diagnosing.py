"""prompt-tutor diagnose: from an exported file to a table, a verdict, a page."""

from pathlib import Path

from tutor.cli.answers import Refusal, print_json, print_table, say
from tutor.disk import StoreError, write_bytes
from tutor.evidence_file import read_evidence, write_example
from tutor.export.diagnosis import chance, html
from tutor.measure.diagnosis import diagnose
from tutor.measure.evidence import EvidenceError
from tutor.measure.report import Report


def answer(file: Path | None, example: Path | None, page: Path | None, *, as_json: bool) -> None:
    """Diagnose `file`, or write the example file. Raises Refusal."""
    if (file is None) == (example is None):
        raise Refusal("name one file to diagnose, or --example OUT.npz to write an example of one")
    try:
        if example is not None:
            write_example(example)
            return say(f"{example} is written: a simulated pipeline of which half retrieves; try `prompt-tutor diagnose {example}`")
        report = diagnose(read_evidence(file))
        if page is not None:
            write_bytes(page, html(report).encode())
    except (EvidenceError, StoreError) as error:
        raise Refusal(str(error)) from error
    return print_json(report.as_json()) if as_json else print_report(report)


def print_report(report: Report) -> None:
    """Table, verdict, reasons and what is missing, for people."""
    rows = [[one.name, f"{one.value:.4g}", f"{one.low:.4g} to {one.high:.4g}", chance(one), one.unit, one.control]
            for one in report.measures]
    print_table(f"{report.examples} examples; 95 % bootstrap intervals over examples",
                ["measure", "value", "interval", "by chance", "unit", "control"], rows)
    print(f"\nVerdict: {report.verdict}")
    for text in report.because:
        print(f"- {text}")
    print("\nFor a firmer one:")
    for text in report.missing:
        print(f"- {text}")
