"""Step by step: one step of the optimiser, taken apart into the six things that it does."""

from tutor.ui.labs.coins import step_moves
from tutor.ui.run_views import catalog
from tutor.ui.shell.prose import PageText
from tutor.ui.shell.sections import section
from tutor.ui.widgets import prompt_editor

text = PageText("step")
text.open()


@section()
def links(begun: step_moves.StepChoice) -> None:
    text.caption("source")
    prompt = prompt_editor.format_rows(begun.start)
    catalog.draw_links(
        ("workbench", "Try this prompt on the Workbench", "tune", {"workbench_base": begun.base, "workbench_prompt": prompt}),
        ("tune", "Let every method run", "arrow_forward", {"tune_base": begun.base}),
    )


if begun := step_moves.ask_step():
    at = step_moves.choose_step()
    if at is not None:
        step_moves.draw_moves(begun, at)
    links(begun)
