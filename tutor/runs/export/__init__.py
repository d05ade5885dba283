"""Runs that leave the store: as a zip for other people's tools, and as the small copies that travel with the project."""

from tutor.runs.export.packing import write_pack
from tutor.runs.export.run_zip import events_csv, regret_csv, write_zip
from tutor.runs.export.shipping_copy import ship_runs

__all__ = ["events_csv", "regret_csv", "ship_runs", "write_pack", "write_zip"]
