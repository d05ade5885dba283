"""Which scheduler this program uses, and what is known of it without importing Dask."""

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from distributed.security import Security

ADDRESS = "TUTOR_SCHEDULER"                        # environment: where the scheduler of this program listens
EMBEDDED: dict[str, "Security"] = {}
"""The schedulers that live and die with this process, by address, with the certificate that opens them."""


def engine_kind() -> str:
    """Which engine this program uses: "embedded" in this process, "joined" from elsewhere, or "none"."""
    address = os.environ.get(ADDRESS)
    return "none" if not address else "embedded" if address in EMBEDDED else "joined"
