"""What the figures are measured on, and how long something takes here."""

import os
import platform
import time
from collections.abc import Callable

import torch


def time_work(work: Callable[[], object], repeats: int = 5) -> float:
    """Median wall time (seconds) of calling `work`, after one warm-up."""
    work()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return sorted(times)[repeats // 2]


def matmul_rate(size: int = 512) -> float:
    """Measure how fast this machine multiplies square float32 matrices on torch's threads (operations per second)."""
    a = torch.randn(size, size, generator=torch.Generator().manual_seed(0))
    return 2 * size**3 * 20 / time_work(lambda: [a @ a for _ in range(20)])


def describe_machine() -> dict:
    """Describe processor, threads and torch, and measure the rate of matrix products (gigaoperations per second)."""
    return {
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "matmul_gflops": round(matmul_rate() / 1e9, 1),
    }
