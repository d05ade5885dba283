"""prompt-tutor on the command line: what is asked and how it is answered; the work is loaded when it is needed.

Exit codes: 0 done, 1 a run failed or a file is wrong, 2 bad input (one sentence on stderr), 130 stopped by the user.
"""

import sys
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from tutor.cli.answers import Refusal, say

DEFAULT = "app"
WITHOUT_COMMAND = ("--help", "--version")

app = typer.Typer(name="prompt-tutor", add_completion=False, no_args_is_help=True, rich_markup_mode="rich",
                  help="See what a prompt does inside a network. Without a command, the app is opened.")
runs = typer.Typer(no_args_is_help=True, help="The runs in the store: list, show, export, verify, delete.")
app.add_typer(runs, name="runs")

Store = Annotated[Path | None, typer.Option("--store", help="folder of your own runs (default: the user data folder)")]
Json = Annotated[bool, typer.Option("--json", help="one JSON document on stdout")]
Key = Annotated[str, typer.Argument(metavar="KEY", help="a key of `runs list`, or its first six digits and more")]


def main() -> None:
    """Entry point: exits with the code of `answer`."""
    sys.exit(answer(sys.argv[1:]))


def answer(arguments: list[str]) -> int:
    """Carry out one command line and return its exit code; errors of the user become one sentence on stderr."""
    if not arguments or (arguments[0].startswith("-") and arguments[0] not in WITHOUT_COMMAND):
        arguments = [DEFAULT, *arguments]
    try:
        code = app(args=arguments, prog_name="prompt-tutor", standalone_mode=False)
    except typer.BadParameter.__base__ as error:   # the usage errors of the installed typer, whoever defines them
        say(error.format_message())
        return 2
    except Refusal as refusal:
        say(str(refusal))
        return refusal.code
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else 1
    return code if isinstance(code, int) else 0


def version(wanted: bool) -> bool:
    """Print the version and leave, if wanted."""
    if wanted:
        typer.echo(f"prompt-tutor {import_module('importlib.metadata').version('prompt-tutor')}")
        raise typer.Exit
    return wanted


@app.callback()
def callback(_: Annotated[bool, typer.Option("--version", callback=version, is_eager=True, help="print the version")] = False) -> None:
    """Options that stand before any command."""


@app.command("app")
def open_app(host: Annotated[str, typer.Option(help="address to listen on")] = "127.0.0.1",  # noqa: PLR0913, PLR0917 - its options
             port: Annotated[int | None, typer.Option(help="port (default: the first free one from 8501 on)")] = None,
             browser: Annotated[bool, typer.Option("--browser/--no-browser", help="open the browser")] = True,
             store: Store = None,
             scheduler: Annotated[str | None, typer.Option(help="join this Dask scheduler, tcp://host:8786")] = None,
             own_models: Annotated[bool | None, typer.Option("--own-models/--no-own-models", help="whether visitors may load models from "
                                   "the disk or the hub (default: only a browser on this machine)")] = None,
             lessons: Annotated[Path | None, typer.Option("--lessons", metavar="DIR", help="folder of your own lessons "
                                "(default: lessons in the store)")] = None) -> None:
    """Open the app; Ctrl-C ends it and everything it started."""
    import_module("tutor.cli.opening").open_app(host, port, browser=browser, store=store, scheduler=scheduler, own_models=own_models,
                                                lessons=lessons)


@app.command("run")
def run(spec: Annotated[Path, typer.Argument(metavar="SPEC", help="specification, .toml or .json; `runs show KEY --spec` prints one")],
        json: Json = False, store: Store = None) -> None:
    """Compute one run in the foreground (a tuning computes its pretraining first) and print its key and summary."""
    import_module("tutor.cli.computing").run(spec, store, as_json=json)


@app.command("study")
def study(name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="see `study --list`")] = None,
          list_all: Annotated[bool, typer.Option("--list", help="names, claims, verdicts, sources, cost")] = False,
          paper: Annotated[bool, typer.Option("--paper/--fast", help="the paper's settings, or the fast ones (shipped)")] = False,
          json: Json = False, store: Store = None) -> None:
    """Compute (or load) every run of a study, and print its table and verdict."""
    studying = import_module("tutor.cli.studying")
    if list_all:
        return studying.list_studies(store, as_json=json)
    return studying.study(name, store, preset="paper" if paper else "fast", as_json=json)


@runs.command("list")
def runs_list(own: Annotated[bool, typer.Option("--own", help="only your own, not the shipped ones")] = False,
              last: Annotated[int | None, typer.Option("--last", metavar="N", min=1, help="only the newest N")] = None,
              json: Json = False, store: Store = None) -> None:
    """Every run, shipped and own, the newest first."""
    import_module("tutor.cli.keeping").list_runs(store, own=own, last=last, as_json=json)


@runs.command("show")
def runs_show(key: Key, spec: Annotated[bool, typer.Option("--spec", help="print its specification as TOML")] = False,
              json: Json = False, store: Store = None) -> None:
    """Status and summary of one run, or its specification to start your own from."""
    import_module("tutor.cli.keeping").show(key, store, spec=spec, as_json=json)


@runs.command("export")
def runs_export(key: Key, out: Annotated[Path | None, typer.Option("--out", help="zip file to write (default: run-KEY.zip)")] = None,
                store: Store = None) -> None:
    """Write a zip with tables, arrays, weights and the script that computes the run again."""
    import_module("tutor.cli.keeping").export(key, out, store)


@runs.command("verify")
def runs_verify(key: Annotated[str | None, typer.Argument(metavar="[KEY]", help="one run; all when not given")] = None,
                json: Json = False, store: Store = None) -> None:
    """Check every file against its checksum and name those that are wrong."""
    import_module("tutor.cli.keeping").verify(key, store, as_json=json)


@runs.command("delete")
def runs_delete(key: Key, store: Store = None) -> None:
    """Delete one of your own runs."""
    import_module("tutor.cli.keeping").delete(key, store)


@app.command("bench")
def bench(name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="one figure; all when not given")] = None, *,  # noqa: PLR0913
          json: Json = False,
          threads: Annotated[int, typer.Option(min=1, max=64, help="threads of the computing")] = 1,
          save: Annotated[Path | None, typer.Option(help="also write what was measured to this JSON file")] = None,
          against: Annotated[Path | None, typer.Option(help="a saved file to compare with")] = None,
          profile: Annotated[bool, typer.Option("--profile", help="where the time of a step goes, instead")] = False) -> None:
    """Measure the figures of performance on this machine."""
    ask = import_module("tutor.cli.benching")
    ask.bench(ask.Measuring(name, threads, save, against, profile), as_json=json)


@app.command("diagnose")
def diagnose(file: Annotated[Path | None, typer.Argument(metavar="[FILE.npz]", help="what your pipeline exported")] = None,
             json: Json = False,
             html: Annotated[Path | None, typer.Option("--html", metavar="OUT.html", help="also write the report as a page")] = None,
             example: Annotated[Path | None, typer.Option("--example", metavar="OUT.npz", help="write an example file instead")] = None,
             ) -> None:
    """Say whether a retrieval pipeline retrieves or is a soft prompt in disguise."""
    import_module("tutor.cli.diagnosing").answer(file, example, html, as_json=json)
