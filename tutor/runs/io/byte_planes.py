"""Numbers in an order that compresses better: first the first byte of every number, then the second, and so on.

The bytes that hold signs and exponents hardly differ from number to number, but ordinary files mix them with the digits.
Whole files are reordered, so every bit of what is stored comes back. The same is known as the shuffle filter of HDF5.
"""

import numpy as np

WIDTH = 8
"""Bytes of the widest number; narrower ones stand in whole groups of it, wherever in the file they begin."""


def to_planes(data: bytes) -> bytes:
    """Reorder bytes so that byte i of all groups of eight stand together; a rest of fewer than eight stays at the end."""
    whole = len(data) - len(data) % WIDTH
    return np.frombuffer(data, np.uint8, whole).reshape(-1, WIDTH).T.tobytes() + data[whole:]


def from_planes(data: bytes) -> bytes:
    """Undo `to_planes`."""
    whole = len(data) - len(data) % WIDTH
    return np.frombuffer(data, np.uint8, whole).reshape(WIDTH, -1).T.tobytes() + data[whole:]
