"""What the figures are measured on, and how long something takes here."""

import os
import platform
import time
from collections.abc import Callable

import torch


def seconds(work: Callable[[], object], repeats: int = 5) -> float:
    """Median wall time of `work` after one warm-up."""
    work()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return sorted(times)[repeats // 2]


def matmul_rate(size: int = 512) -> float:
    """Operations per second of a square float32 product on the threads in use: the machine's own limit."""
    a = torch.randn(size, size, generator=torch.Generator().manual_seed(0))
    return 2 * size**3 * 20 / seconds(lambda: [a @ a for _ in range(20)])


def machine() -> dict:
    """Processor, threads, versions and the matrix-multiply rate."""
    return {
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "matmul_gflops": round(matmul_rate() / 1e9, 1),
    }
