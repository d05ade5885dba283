"""Where a browser fetches a network that runs in the page, and its film; nothing here loads torch."""

NETWORK = "de23c0aba73abe8a"
"""The network of the front door: the shipped LSTM on random coins, of which there is a recorded film."""
NETWORK_FORMAT, FILM_FORMAT = 1, 2
"""Parts of the addresses, which browsers may keep for good; they change with what the files hold."""


def network_address(key: str) -> str:
    """Address of the file of the network of run `key`."""
    return f"/networks/{key}.bin?format={NETWORK_FORMAT}"


def film_address(key: str) -> str:
    """Address of the film of the network of run `key`."""
    return f"/films/{key}.json?format={FILM_FORMAT}"
