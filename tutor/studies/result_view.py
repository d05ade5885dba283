"""How the result of a study prints: one line in a terminal, its checks as a table in a notebook."""

from html import escape

from tutor.studies.checks.finding_text import finding_text, region_text


class StudyResult(dict):
    """The result of a study in the form of `study --json`; notebooks show its checks as a table."""

    def __repr__(self) -> str:
        return f"StudyResult({self['study']}, {self['preset']}: {self['verdict']}; {len(self['rows'])} rows, {len(self['checks'])} checks)"

    def _repr_html_(self) -> str:
        title, claim, verdict, preset = (escape(self[name]) for name in ("title", "claim", "verdict", "preset"))
        head = f"<p><b>{title}</b>: {verdict} ({preset} settings)<br>{claim}<br>{escape(self['sentence'])}</p>"
        rows = "".join(f"<tr><td>{escape(check['text'])}</td><td>{escape(finding_text(check))}</td>"
                       f"<td>{escape(region_text(check))}</td><td>{escape(check['outcome'])}</td></tr>"
                       for check in self["checks"])
        return f"{head}<table><tr><th>statement</th><th>measured</th><th>must be</th><th>outcome</th></tr>{rows}</table>"
