"""Dask's scheduler, worker and nanny without their web servers: those ask nobody for a certificate, and nothing here reads them."""

from distributed import Nanny, Scheduler, Worker

from tutor.runs.engine.parent_watch import is_abandoned


class SinglePortNode:
    """A Dask node that opens its Dask port and no other."""

    def start_http_server(self, routes, dashboard_address, default_port=0, ssl_options=None) -> None:
        """Open no web server: Dask's would show addresses, tasks and logs to anybody."""


class PrivateScheduler(SinglePortNode, Scheduler):
    """A scheduler without a web server."""


class PrivateWorker(SinglePortNode, Worker):
    """A worker without a web server."""


class PrivateNanny(Nanny):
    """A nanny that starts a PrivateWorker."""

    def __init__(self, *arguments, **options) -> None:
        super().__init__(*arguments, worker_class=PrivateWorker, **options)

    async def _on_worker_exit(self, exitcode) -> None:
        """Start no new worker once the owner is gone: it could make the temporary folder anew after this process has removed it."""
        if not is_abandoned():
            await super()._on_worker_exit(exitcode)
