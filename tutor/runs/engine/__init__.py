"""Where runs are computed: one at a time in a session, many by Dask workers."""
