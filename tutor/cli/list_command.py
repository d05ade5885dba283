"""prompt-tutor list: what there is to put into a specification, to measure, to study and to look at."""

import difflib

from tutor.cli.exit_codes import CommandError, print_json, print_table
from tutor.cli.registry_entries import REGISTRIES, RegistryEntry


def list_registry(what: str | None, *, as_json: bool) -> None:
    """Print the entries of one registry, or of all.

    Parameters
    ----------
    what
        Name of the registry; None prints all.
    as_json
        Print JSON instead of tables.

    Raises
    ------
    CommandError
        Where there is no such registry.
    """
    if what is not None and what not in REGISTRIES:
        near = difflib.get_close_matches(what, REGISTRIES, n=1)
        hint = f"did you mean {near[0]}? " if near else ""
        raise CommandError(f"{what} cannot be listed; {hint}there are {', '.join(REGISTRIES)}")
    found = {name: registry.entries() for name, registry in REGISTRIES.items() if what in (None, name)}
    if as_json:
        return print_json({name: [_plain(entry) for entry in entries] for name, entries in found.items()})
    for name, entries in found.items():
        rows = [[entry.name, entry.label, entry.summary, "\n".join(map(_said, entry.fields))] for entry in entries]
        fields = any(entry.fields for entry in entries)
        columns = ["name", "label", "what it is", *(["fields"] if fields else [])]
        print_table(name, columns, rows if fields else [row[:3] for row in rows])


def _plain(entry: RegistryEntry) -> dict:
    return entry._asdict() | {"fields": [field._asdict() for field in entry.fields]}


def _said(field) -> str:
    return ", ".join(filter(None, (f"{field.name}: {field.holds}", field.default)))
