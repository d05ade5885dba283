"""What this program shows to a scheduler: the certificate of its own engine, or those that Dask is configured with."""

from distributed import Security

from tutor.runs.engine.local_cluster import EngineError
from tutor.runs.engine.scheduler_address import EMBEDDED

SETTINGS = "DASK_DISTRIBUTED__COMM__TLS__CA_FILE, ..__TLS__CLIENT__CERT and ..__TLS__CLIENT__KEY"


def security_for(address: str) -> Security:
    """Find the credentials for the scheduler at `address`: those of this process's own engine, else those in Dask's configuration.

    Raises
    ------
    EngineError
        Where Dask's configuration lacks certificates, demands encryption at an address without, or names unreadable files.
    """
    if address in EMBEDDED:
        return EMBEDDED[address]
    security = Security()
    if not address.startswith("tls://"):
        if security.require_encryption:
            raise EngineError(f"the scheduler address is {address}; it must be tls://..., since Dask is configured to require encryption")
        return security
    if not (security.tls_ca_file and security.tls_client_cert):
        raise EngineError(f"the scheduler at {address} asks for certificates; name their files in {SETTINGS}")
    try:
        security.get_connection_args("client")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise EngineError(f"the certificates for {address} cannot be read ({reason}); see {SETTINGS}") from error
    return security
