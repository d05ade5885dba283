"""The certificate of one embedded engine: its processes know each other by it, and nobody who lacks its key is listened to.

Loopback ports are open to every user of a machine, and a Dask port runs whatever code it is sent. So each engine makes a
certificate of its own that signs itself; scheduler, workers, nannies and clients show it to each other, both ways.
"""

import os
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

CERTIFICATE, KEY = "certificate.pem", "key.pem"
ROLES = ("client", "scheduler", "worker")
ALWAYS = datetime(2000, 1, 1), datetime(9999, 12, 31)     # it ends with the engine, whatever the clock says by then


def write_certificate(folder: Path) -> None:
    """Make a new key and its self-signed certificate in `folder`, readable by this user alone.

    Raises
    ------
    FileExistsError
        Where the folder has one already.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "prompt-tutor engine")])
    unsigned = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
                .serial_number(x509.random_serial_number()).not_valid_before(ALWAYS[0]).not_valid_after(ALWAYS[1])
                .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True))
    pem = serialization.Encoding.PEM
    _write(folder / KEY, key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    _write(folder / CERTIFICATE, unsigned.sign(key, hashes.SHA256()).public_bytes(pem))


def credentials(folder: Path) -> dict[str, bool | str]:
    """Make the arguments of `distributed.Security`: one certificate for every role, encryption required; paths only, no secrets.

    Parameters
    ----------
    folder
        Where `write_certificate` wrote.
    """
    certificate, key = str(folder / CERTIFICATE), str(folder / KEY)
    shown = {f"tls_{role}_{part}": path for role in ROLES for part, path in (("cert", certificate), ("key", key))}
    return {"require_encryption": True, "tls_ca_file": certificate, **shown}


def _write(path: Path, data: bytes) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
