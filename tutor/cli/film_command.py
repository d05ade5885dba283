"""prompt-tutor film: the film of a coin network as an animated GIF, and the recording of the one that is shipped."""

from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from tutor.analysis.belief_film import film_of, film_path, record_film, write_film
from tutor.cli.exit_codes import CommandError, print_error
from tutor.cli.run_commands import end_with_sentence
from tutor.figures.belief_animation import write_gif
from tutor.runs.io.formats import explain_os_error
from tutor.runs.store import RunStore


def make_film(key: str, out: Path | None, root: Path | None, *, record: str | None = None) -> None:
    """Write the film of a pretraining on coins as a GIF.

    Parameters
    ----------
    key
        The key or its first six digits or more.
    out
        File to write; None is film-KEY.gif.
    root
        Folder of the user's own runs; None is the default store.
    record
        Key of a tuning of this network. Both are then trained once more, watched on 40 coins, and the recording is kept with the project.

    Raises
    ------
    CommandError
        Where there is no such run, it has no film of coin flips, or the file cannot be written.
    """
    with end_with_sentence():
        store = RunStore(root)
        run = store.load(store.complete(key))
        if record:
            write_film(film_path(run.key), record_film(run, store.load(store.complete(record))))
        film = film_of(run)
    path = out or Path(f"film-{run.key}.gif")
    bar = Progress(TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn(), console=Console(stderr=True), transient=True)
    try:
        with end_with_sentence(), bar:
            task = bar.add_task("drawing", total=1.0)
            write_gif(film, path, lambda share: bar.update(task, completed=share))
    except OSError as error:
        raise CommandError(str(explain_os_error("write", path, error))) from error
    print_error(f"{path} ({path.stat().st_size / 1e6:.1f} MB)")
