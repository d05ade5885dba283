"""A diagnosis as one HTML file that needs nothing else: verdict, reasons, every measure with its interval and its control."""

from collections.abc import Mapping
from html import escape

from tutor.measure.diagnosis_report import SOFT_SHARE, Measure, Report
from tutor.measure.verdict import KEPT_LITTLE, KEPT_MOST

STYLE = """:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid #8888;vertical-align:top}
td.n{font-variant-numeric:tabular-nums;white-space:nowrap}.verdict{font-size:1.6rem;font-weight:600}.scroll{overflow-x:auto}
td:first-child,td:last-child{min-width:9rem}
svg{width:100%;max-width:30rem;height:auto}
svg text{font-size:13px;fill:currentColor;stroke:Canvas;stroke-width:5px;paint-order:stroke}small{opacity:.75}"""
WIDE, ROW = 400, 40
FIRST, LAST = -0.25, 1.25
"""Shares between which the picture is drawn."""


def render_report(report: Report) -> str:
    """Render a diagnosis as one HTML page that escapes every text and loads nothing from elsewhere."""
    return render_page(f"Retriever diagnosis: {report.verdict}", render_body(report))


def render_reports(reports: Mapping[str, Report]) -> str:
    """Render several diagnoses as one HTML page, each under its name."""
    verdicts = "; ".join(f"{name} {report.verdict}" for name, report in reports.items())
    parts = [f"<hr><p><strong>{escape(name)}</strong></p>{render_body(one)}" for name, one in reports.items()]
    return render_page(f"Retriever diagnoses: {verdicts}", "".join(parts))


def render_page(title: str, body: str) -> str:
    """Render a whole HTML page; `title` is escaped, `body` is HTML already."""
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title><style>{STYLE}</style></head><body>
<h1>Retriever diagnosis</h1>{body}
<p><small>In the spirit of "Your Retriever Is Just Doing Prompt Tuning"; written by prompt-tutor diagnose.</small></p></body></html>
"""


def render_body(report: Report) -> str:
    """Render verdict, reasons, picture, measures and missing evidence of one diagnosis as HTML."""
    rows = "".join(render_row(measure) for measure in report.measures)
    vectors = ", ".join(f"{value:.3g}" for value in report.vector_variances)
    return f"""<p class="verdict">Verdict: {escape(report.verdict)}</p>
<h2>What decided</h2>{render_list(report.because)}
{render_picture(report)}<h2>Measures</h2><p>{report.examples} examples; intervals are 95 % bootstrap intervals over examples.</p>
<div class="scroll"><table><thead><tr><th>Measure</th><th>Value</th><th>Interval</th><th>By chance</th><th>Control</th></tr></thead>
<tbody>{rows}</tbody></table></div>
<p>Relative variance of each context vector: {escape(vectors)}</p>
<h2>What is missing for a firmer verdict</h2>{render_list(report.missing)}"""


def render_list(texts: tuple[str, ...]) -> str:
    """Render texts as an HTML list."""
    return "<ul>" + "".join(f"<li>{escape(text)}</li>" for text in texts) + "</ul>"


def render_row(measure: Measure) -> str:
    """Render one measure as a row of the HTML table."""
    unit = f" {measure.unit}" if measure.unit else ""
    cells = (f"{measure.value:.4g}{unit}", f"{measure.low:.4g} to {measure.high:.4g}", render_chance(measure))
    numbers = "".join(f'<td class="n">{escape(cell)}</td>' for cell in cells)
    return f"<tr><td>{escape(measure.name)}</td>{numbers}<td>{escape(measure.control)}</td></tr>"


def render_chance(measure: Measure) -> str:
    """Write the interval of a measure's control, or one value where both ends are the same."""
    low, high = f"{measure.chance_low:.4g}", f"{measure.chance_high:.4g}"
    return low if low == high else f"{low} to {high}"


def render_picture(report: Report) -> str:
    """Render every share of the gain with its interval and the thresholds as an SVG; empty where there are no shares."""
    shares = [measure for measure in report.measures if measure.store is not None or measure.key == SOFT_SHARE]
    if not shares:
        return ""
    high = ROW * len(shares) + 30
    lines = "".join(
        f'<line x1="{place_share(x):.1f}" x2="{place_share(x):.1f}" y1="0" y2="{high - 20}" stroke="currentColor" stroke-opacity="0.35" '
        f'{dash}/><text x="{place_share(x):.1f}" y="{high - 6}" text-anchor="middle">{x:g}</text>'
        for x, dash in ((0.0, ""), (KEPT_LITTLE, 'stroke-dasharray="4"'), (KEPT_MOST, 'stroke-dasharray="4"'), (1.0, ""))
    )
    dots = "".join(
        f'<text x="0" y="{y - 12}">{escape(short_label(one))}</text>'
        f'<line x1="{place_share(one.low):.1f}" x2="{place_share(one.high):.1f}" y1="{y}" '
        f'y2="{y}" stroke="#2f8fd0" stroke-width="4"/><circle cx="{place_share(one.value):.1f}" cy="{y}" r="5" fill="#2f8fd0"/>'
        for y, one in ((ROW * i + 28, one) for i, one in enumerate(shares))
    )
    told = escape("; ".join(f"{one.name}: {one.value:.3g}" for one in shares), quote=True)
    return (f'<h2>Shares of the gain</h2><svg viewBox="0 0 {WIDE} {high}" role="img" aria-label="{told}">{lines}{dots}</svg>'
            f"<p><small>Dashed: {KEPT_LITTLE:g} and {KEPT_MOST:g}, the thresholds of the verdict. "
            "Shares beyond the picture stand at its edge.</small></p>")


def short_label(measure: Measure) -> str:
    """Name a share in at most 44 characters, for the picture."""
    return "a soft prompt reproduces" if measure.store is None else f"{measure.store.replace('_', ' ')} store"[:44]


def place_share(share: float) -> float:
    """Horizontal position of a share in the picture; shares outside it stand at its edge."""
    return WIDE * (min(max(share, FIRST), LAST) - FIRST) / (LAST - FIRST)
