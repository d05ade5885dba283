"""prompt-tutor diagnose: from an exported file to a table, a verdict, a page."""

from pathlib import Path

from tutor.analysis.evidence_file import read_evidence, write_example
from tutor.cli.exit_codes import CommandError, print_error, print_json, print_table
from tutor.measure.diagnosis import diagnose
from tutor.measure.diagnosis_report import Report
from tutor.measure.evidence import EvidenceError
from tutor.runs.export.diagnosis_zip import render_chance, render_report
from tutor.runs.io.disk import StoreError, write_bytes


def run_diagnose(file: Path | None, example: Path | None, page: Path | None, *, as_json: bool) -> None:
    """Diagnose an exported pipeline and print the report, or write an example of such a file.

    Parameters
    ----------
    file
        Evidence to diagnose; None where `example` is given.
    example
        File to write an example to; None where `file` is given.
    page
        HTML file to write the report to as well; None writes none.
    as_json
        Print JSON instead of a table.

    Raises
    ------
    CommandError
        Where both or neither of `file` and `example` are given, or a file cannot be read or written.
    """
    if (file is None) == (example is None):
        raise CommandError("name one file to diagnose, or --example OUT.npz to write an example of one")
    try:
        if example is not None:
            write_example(example)
            return print_error(f"{example} is written: a simulated pipeline of which half retrieves; try `prompt-tutor diagnose {example}`")
        report = diagnose(read_evidence(file))
        if page is not None:
            write_bytes(page, render_report(report).encode())
    except (EvidenceError, StoreError) as error:
        raise CommandError(str(error)) from error
    return print_json(report.as_json()) if as_json else print_report(report)


def print_report(report: Report) -> None:
    """Print measures, verdict, reasons and missing evidence of a diagnosis."""
    rows = [[one.name, f"{one.value:.4g}", f"{one.low:.4g} to {one.high:.4g}", render_chance(one), one.unit, one.control]
            for one in report.measures]
    print_table(f"{report.examples} examples; 95 % bootstrap intervals over examples",
                ["measure", "value", "interval", "by chance", "unit", "control"], rows)
    print(f"\nVerdict: {report.verdict}")
    for text in report.because:
        print(f"- {text}")
    print("\nFor a firmer one:")
    for text in report.missing:
        print(f"- {text}")
