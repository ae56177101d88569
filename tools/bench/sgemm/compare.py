#!/usr/bin/env python3
"""Compares framework/kernel's matrix products with OpenBLAS on one core.

    python -m venv venv && venv/bin/pip install scipy-openblas32 numpy
    venv/bin/python tools/bench/sgemm/compare.py [-rounds 5] [-isa avx512] [-shapes table]

Both run in turns, shape by shape and round by round. Printed are the medians over the
rounds, in GFLOP/s, and their ratio, for the four cases of operands stored transposed.
OpenBLAS is called through its batched interface, so that the cost of a call from Python
counts once for many products; for large products it is as fast as the plain one.
"""
import argparse
import ctypes
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np
import scipy_openblas32 as openblas

# Batch, rows and columns of the result, length of the sums.
SHAPES = {
    "table": [(1, 64, 64, 64), (1, 128, 128, 128), (1, 256, 256, 256), (1, 512, 512, 512),
              (1, 1024, 1024, 1024), (1, 800, 128, 512), (1, 800, 512, 128),
              (1, 4096, 256, 1024), (1, 4096, 1024, 256),
              (128, 32, 32, 32), (128, 64, 64, 64)],
    # The products of an encoder of width 64 with 100 sequences of length 32.
    "batches": [(128, 32, 32, 32), (128, 64, 64, 64), (100, 32, 32, 16), (100, 32, 16, 32)],
    "encoder": [(1, 800, 64, 64), (1, 800, 256, 64), (1, 800, 64, 256), (1, 64, 64, 800),
                (1, 64, 256, 800), (1, 2400, 64, 64), (100, 32, 32, 16), (100, 32, 16, 32)],
}
CASES = ["NN", "NT", "TN", "TT"]


class OpenBLAS:
    """Calls sgemm of the wheel's library with one thread."""

    def __init__(self):
        folder = pathlib.Path(openblas.get_lib_dir())
        library = ctypes.CDLL(str(next(folder.glob("libscipy_openblas.*"))))
        library.scipy_openblas_set_num_threads(1)
        library.scipy_openblas_get_config.restype = ctypes.c_char_p
        self.config = library.scipy_openblas_get_config().decode()
        self.gemm = library.scipy_cblas_sgemm_batch_strided

    def median(self, batch, m, n, k, case, seconds):
        """Returns the median seconds of a product of the batch."""
        rng = np.random.default_rng(1)
        a = rng.standard_normal(batch * m * k, dtype=np.float32)
        b = rng.standard_normal(batch * k * n, dtype=np.float32)
        c = np.zeros(batch * m * n, np.float32)
        row_major, trans = 101, {"N": 111, "T": 112}
        repeats = max(1, (1 << 20) // (batch * m * n * k))
        if batch == 1:  # the same product over and over
            strides, count = (0, 0, 0), repeats
        else:
            strides, count, repeats = (m * k, k * n, m * n), batch, 1
        integer, single, pointer = ctypes.c_int, ctypes.c_float, ctypes.c_void_p
        arguments = (
            integer(row_major), integer(trans[case[0]]), integer(trans[case[1]]),
            integer(m), integer(n), integer(k), single(1),
            pointer(a.ctypes.data), integer(m if case[0] == "T" else k), integer(strides[0]),
            pointer(b.ctypes.data), integer(k if case[1] == "T" else n), integer(strides[1]),
            single(0), pointer(c.ctypes.data), integer(n), integer(strides[2]), integer(count))
        self.gemm(*arguments)
        times, end = [], time.perf_counter() + seconds
        while time.perf_counter() < end or len(times) < 3:
            start = time.perf_counter()
            self.gemm(*arguments)
            times.append((time.perf_counter() - start) / repeats)
        return statistics.median(times)


class Kernel:
    """Asks the Go program beside this script."""

    def __init__(self, folder, isa):
        program, here = os.path.join(folder, "sgemm"), pathlib.Path(__file__).parent
        subprocess.run(["go", "build", "-o", program, "."], cwd=here, check=True)
        self.isa = isa
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)

    def median(self, batch, m, n, k, case, seconds):
        print(self.isa, batch, m, n, k, case, seconds, file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        if not line:
            sys.exit("the Go program ended")
        return float(line)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("-rounds", type=int, default=5)
    parser.add_argument("-seconds", type=float, default=0.1, help="for a shape in a round")
    parser.add_argument("-isa", default="avx512")
    parser.add_argument("-shapes", choices=SHAPES, default="table")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = Kernel(folder, options.isa), OpenBLAS()
        try:
            compare(ours, theirs, options)
        finally:
            ours.process.stdin.close()
            ours.process.wait()


def compare(ours, theirs, options):
    rows = [(shape, case) for shape in SHAPES[options.shapes] for case in CASES]
    times = {row: ([], []) for row in rows}
    for _ in range(options.rounds):
        for shape, case in rows:
            for peer, seconds in zip((ours, theirs), times[shape, case]):
                seconds.append(peer.median(*shape, case, options.seconds))
    print(f"{options.isa} beside {theirs.config}")
    print(f"{'shape':>18} " + "".join(f"{case:>21}" for case in CASES))
    ratios = []
    for shape in SHAPES[options.shapes]:
        cells = []
        for case in CASES:
            flops = 2e-9 * np.prod(shape)
            a, b = (flops / statistics.median(t) for t in times[shape, case])
            ratios.append(a / b)
            cells.append(f"{a:7.1f} {b:6.1f} {a / b:5.2f}")
        print(f"{'x'.join(map(str, shape)):>18} " + " ".join(cells), flush=True)
    print(f"ratio: median {statistics.median(ratios):.3f}, least {min(ratios):.3f}")


if __name__ == "__main__":
    main()
