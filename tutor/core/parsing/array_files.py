"""NPZ archives of numbers: nothing is unpickled, and no array is allocated before its bytes are known to be there."""

import io
import math
import zipfile
from collections import Counter

import numpy as np

from tutor.core.parsing.reading import as_one_sentence, shorten_line

MAX_ARRAYS = 10_000
"""Arrays in a file."""
MAGIC = b"\x93NUMPY"
HEADERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}


def parse_arrays(name: str, data: bytes, limit: int, failure: type[Exception]) -> dict[str, np.ndarray]:
    """The named arrays in the bytes of an NPZ file. Nothing is unpickled.

    Parameters
    ----------
    name
        What messages call the file.
    limit
        Most bytes to which the file may unpack.
    failure
        What is raised, with one sentence, where the file is damaged, too large or holds objects.
    """
    called = shorten_line(name)
    if data.startswith(MAGIC):
        raise failure(f"{called} is a single array (NPY), not an NPZ file; numpy.savez writes named arrays")
    with as_one_sentence(called, failure):
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                _looked_over(called, archive.infolist(), limit, failure)
                return {entry.filename.removesuffix(".npy"): _array(called, archive, entry, failure) for entry in archive.infolist()}
        except (failure, MemoryError, RecursionError):
            raise
        except Exception as error:                 # zipfile, its decompressors and NumPy's parser of headers raise a dozen kinds
            raise failure(f"{called} is damaged: it is not a readable NPZ file") from error


def _looked_over(called: str, entries: list[zipfile.ZipInfo], limit: int, failure: type[Exception]) -> None:
    """What can be known before anything is unpacked."""
    if len(entries) > MAX_ARRAYS:
        raise failure(f"{called} holds {len(entries):,} arrays; at most {MAX_ARRAYS:,} are read")
    if sum(entry.file_size for entry in entries) > limit:
        raise failure(f"{called} unpacks to more than {limit / 2**20:.3g} MB, which is the most that is read")
    (name, times), *_ = Counter(entry.filename for entry in entries).most_common(1) or [("", 0)]
    if times > 1:
        raise failure(f"{called} holds {shorten_line(name, 60)} more than once")


def _array(called: str, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, failure: type[Exception]) -> np.ndarray:
    name, file = shorten_line(entry.filename, 60), io.BytesIO(archive.read(entry))
    if not entry.filename.endswith(".npy") or not file.getvalue().startswith(MAGIC):
        raise failure(f"{called} holds {name}, which is no array")
    shape, fortran, dtype = HEADERS[np.lib.format.read_magic(file)](file)
    if dtype.hasobject:
        raise failure(f"{called} holds objects in {name}; pickles are not read")
    whole = file.getbuffer().nbytes - file.tell()
    if dtype.itemsize == 0 or math.prod(shape) * dtype.itemsize != whole or any(side < 0 for side in shape):
        raise failure(f"{called} is damaged: {name} says that it has shape {shorten_line(shape, 60)}, and has {whole:,} bytes")
    # A bytearray, so that the array can be written to.
    return np.frombuffer(bytearray(file.read()), dtype).reshape(shape, order="F" if fortran else "C")
