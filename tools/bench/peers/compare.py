#!/usr/bin/env python3
"""Runs workloads of experiments/bench by the runner and by its peers, in turns.

    python -m venv venv && venv/bin/pip install -r tools/bench/peers/requirements.txt
    venv/bin/python tools/bench/peers/compare.py [-rounds 3] [-steps 5] [w1-maml ...]

First all start from the same parameters and make five steps on the same data, and their
losses must agree to 1e-4. Then each is timed for a few steps, round by round, every time as
a process of its own. Printed are the medians over the rounds of the median step, the median
of the rounds' ratios to the runner, and the most memory that was resident. PyTorch runs
with one thread and with two, which wait passively: its threads would else fight over the
processors. On a machine that does other work -under names what they are run by, such as a
script that gives its command the processors.
"""
import argparse
import json
import os
import pathlib
import shlex
import statistics
import subprocess
import sys
import tempfile

from workloads import WORKLOADS

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
CHECKED, TOLERANCE = 5, 1e-4  # steps whose losses are compared, and how far they may differ


class Runner:
    """The project's own, built from the tree."""

    def __init__(self, folder, workers):
        self.program, self.workers = os.path.join(folder, "runner"), workers
        self.name = f"runner, {workers} workers"
        if not os.path.exists(self.program):
            subprocess.run(["go", "build", "-o", self.program, "./cmd/runner"], cwd=ROOT,
                           check=True, env={**os.environ, "CGO_ENABLED": "0"})

    def measure(self, workload, dump, warmup, steps, checked=False):
        command = [self.program, "bench", "-json", f"-workers={self.workers}",
                   f"-warmup={warmup}", f"-steps={steps}"]
        if checked:
            command += [f"-dump={dump}"]
            if WORKLOADS[workload].dropout:
                command += ["-var", "dropout=0"]
        result = output(command + [str(ROOT / f"experiments/bench/{workload}.hcl")], {})
        result["detail"] = f"{result['gflops']:.1f} of {result['peak_gflops']:.1f} GFLOP/s"
        return result


class Script:
    """A peer that is a script beside this one."""

    def __init__(self, name, script, environment, *arguments):
        self.name, self.script, self.arguments = name, HERE / script, arguments
        self.environment = environment

    def measure(self, workload, dump, warmup, steps, checked=False):
        command = [sys.executable, str(self.script), workload, dump, f"-warmup={warmup}",
                   f"-steps={steps}", *self.arguments]
        if checked:
            command += ["-no-dropout"]
        result = output(command, self.environment)
        result["detail"] = f"{result['peer']}; {result['import_rss_mb']:.0f} MB once imported"
        return result


under = []  # the command that runs the others


def output(command, environment):
    """The line of JSON that a command prints."""
    command = under + command
    done = subprocess.run(command, env={**os.environ, **environment}, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stderr}")
    return json.loads(done.stdout)


def torch(threads):
    passive = {"OMP_WAIT_POLICY": "passive", "OMP_NUM_THREADS": str(threads)}
    return Script(f"PyTorch, {threads} threads", "torch_peer.py", passive, f"-threads={threads}")


def losses_agree(workload, dump, ours, peers):
    """Compares the losses of the first steps with those of every peer."""
    want = ours.measure(workload, dump, CHECKED - 1, 1, checked=True)["losses"]
    for peer in peers:
        got = peer.measure(workload, dump, CHECKED - 1, 1, checked=True)["losses"]
        furthest = max(abs(a - b) for a, b in zip(want, got, strict=True))
        print(f"{workload}: losses of {CHECKED} steps differ by {furthest:.1e} from {peer.name}",
              flush=True)
        if not furthest <= TOLERANCE:
            sys.exit(f"{workload}: the losses are {want}, those of {peer.name} {got}")


def compare(workload, dump, all_peers, options):
    """Times everybody in turns and prints a row for each."""
    results = {peer.name: [] for peer in all_peers}
    for _ in range(options.rounds):
        for peer in all_peers:
            result = peer.measure(workload, dump, options.warmup, options.steps)
            result["load"] = os.getloadavg()[0]
            results[peer.name].append(result)
    ours = results[all_peers[0].name]
    for name, of_peer in results.items():
        of = lambda field: statistics.median(r[field] for r in of_peer)
        ratio = statistics.median(p["median_step_s"] / o["median_step_s"]
                                  for p, o in zip(of_peer, ours))
        print(f"{workload:12} {name:20} {of('median_step_s'):8.4f} s {ratio:6.2f} x "
              f"{of('peak_rss_mb'):7.0f} MB  load {of('load'):.1f}  {of_peer[-1]['detail']}",
              flush=True)
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("workloads", nargs="*", metavar="WORKLOAD", default=list(WORKLOADS),
                        help=", ".join(WORKLOADS))
    parser.add_argument("-rounds", type=int, default=3)
    parser.add_argument("-warmup", type=int, default=2)
    parser.add_argument("-steps", type=int, default=5, help="that are timed in a round")
    parser.add_argument("-no-jax", action="store_true", help="leave out JAX")
    parser.add_argument("-check", action="store_true", help="compare the losses and time nothing")
    parser.add_argument("-json", metavar="FILE", help="write every measurement to FILE")
    parser.add_argument("-under", metavar="COMMAND", default="", help="run everything by COMMAND")
    options = parser.parse_args()
    under.extend(shlex.split(options.under))
    if unknown := set(options.workloads) - set(WORKLOADS):
        parser.error(f"no workload {', '.join(unknown)}, want one of {', '.join(WORKLOADS)}")
    results = {}
    with tempfile.TemporaryDirectory() as folder:
        ours = Runner(folder, 2)
        peers = [torch(1), torch(2)]
        if not options.no_jax:
            peers.append(Script("JAX", "jax_peer.py", {}))
        for workload in options.workloads:
            dump = os.path.join(folder, f"{workload}.safetensors")
            losses_agree(workload, dump, ours, [peers[0], *peers[2:]])
            if not options.check:
                everybody = [ours, Runner(folder, 1), *peers]
                results[workload] = compare(workload, dump, everybody, options)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(results, file, indent=1)


if __name__ == "__main__":
    main()
