"""Measures what a training takes beside its steps, with real plugin processes.

    tools/bench/overhead.py [-steps 200] [-rounds 3] experiments/maml_clinc150.hcl \
        -var clinc150=/path/to/data_full.json

`runner run` trains for a number of steps. The time of all steps is compared with as many
times the median step, as the metrics of the run have them. The excess has three parts: the
first step, which compiles; steps that follow a validation or a checkpoint; and whatever
made other steps longer than the median, such as waiting for data, or a busy machine.
Arguments that this script does not know go to the runner.
"""
import argparse
import glob
import json
import os
import pathlib
import shlex
import statistics
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]


def step_times(path):
    """Seconds of every step, and the numbers of those in which something else was done."""
    times, apart, last = [], {1}, 0.0
    with open(path, encoding="utf-8") as lines:
        for line in map(json.loads, lines):
            if line["event"] == "train":
                times.append(line["seconds"] - last)
                last = line["seconds"]
            else:
                apart.add(line["step"] + 1)
    return times, apart


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("experiment")
    parser.add_argument("-steps", type=int, default=200)
    parser.add_argument("-rounds", type=int, default=3)
    parser.add_argument("-under", metavar="COMMAND", default="", help="run the runner by COMMAND")
    options, more = parser.parse_known_args()
    under = shlex.split(options.under)
    with tempfile.TemporaryDirectory() as folder:
        runner = os.path.join(folder, "runner")
        subprocess.run(["go", "build", "-o", runner, "./cmd/runner"], cwd=ROOT, check=True,
                       env={**os.environ, "CGO_ENABLED": "0"})
        for i in range(options.rounds):
            runs = os.path.join(folder, f"runs{i}")
            subprocess.run(under + [runner, "run", options.experiment, "-runs", runs,
                                    "-var", f"steps={options.steps}", *more],
                           check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            times, apart = step_times(glob.glob(f"{runs}/*/*/metrics.jsonl")[0])
            median = statistics.median(times)
            others = [t for step, t in enumerate(times, 1) if step not in apart]
            print(f"{len(times)} steps: {sum(times):.3f} s, median {1e3 * median:.2f} ms; "
                  f"{percent(times, median)} more than as many medians, without the first and "
                  f"those after a validation {percent(others, median)}; load "
                  f"{os.getloadavg()[0]:.1f}",
                  flush=True)


def percent(times, median):
    return f"{100 * (sum(times) / len(times) / median - 1):.1f} %"


if __name__ == "__main__":
    main()
