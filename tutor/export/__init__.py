"""Runs that leave the store: as a zip for other people's tools, and as the small copies that travel with the project."""

from tutor.export.ship import ship
from tutor.export.zip import events_csv, regret_csv, write_zip

__all__ = ["events_csv", "regret_csv", "ship", "write_zip"]
