"""The workloads of experiments/bench, for peers in any framework.

A peer takes its sizes, its initial parameters and its data from what `runner bench -dump`
wrote for the experiment. Only what the numbers do not tell is here.
"""
import argparse
import dataclasses
import json
import statistics
import time

from safetensors import numpy as safetensors


@dataclasses.dataclass(frozen=True)
class Workload:
    method: str               # maml, reptile or mtl
    heads: int                # of attention
    second_order: bool = False
    inner_steps: int = 5
    inner_rate: float = 0.01  # of SGD in maml, of Adam with beta1 = 0 in reptile
    outer_rate: float = 1e-3  # of Adam; in reptile the share of the way
    dropout: float = 0.0
    weights: tuple = ()       # of the tasks, in the order of the file


WORKLOADS = {
    "w1-maml": Workload("maml", 4, second_order=True),
    "w1-fomaml": Workload("maml", 4),
    "w2-mtl": Workload("mtl", 4, weights=(("two", 0.5), ("five", 0.3), ("twenty", 0.2))),
    "w3-reptile": Workload("reptile", 4, inner_rate=1e-3, outer_rate=0.1),
    "odd-maml": Workload("maml", 3, second_order=True),
    "deep-maml": Workload("maml", 4, second_order=True, dropout=0.1),
}


@dataclasses.dataclass
class Batch:
    """Examples of one objective, as NumPy arrays."""
    objective: str
    tokens: object          # [B, T]
    mask: object            # [B, T], 1 for real positions; None: all are
    target: object          # [B], the class
    weight: object          # [B], of each example in the loss: the batch's sum to 1


class Dump:
    """What the runner starts from: parameters by address, and the data of the first steps."""

    def __init__(self, path):
        tensors = safetensors.load_file(path)
        self.parameters, sides = {}, {}
        for name, value in tensors.items():
            kind, rest = name.split("/", 1)
            if kind == "parameters":
                self.parameters[rest] = value
                continue
            step, task, number, side, part = rest.split("/", 4)
            sides.setdefault((int(step), task, int(number), side), {})[part] = value
        self.steps = []         # of each step, its draws: (task, query, support or None)
        for step, task, number, side in sorted(sides):
            if side != "query":
                continue
            while len(self.steps) <= step:
                self.steps.append([])
            support = sides.get((step, task, number, "support"))
            self.steps[step].append((task, batch(sides[step, task, number, side]),
                                     support and batch(support)))
        depth = max(int(a.split("/")[2]) for a in self.parameters if "/layers/" in a)
        self.layers = depth + 1


def batch(parts):
    """One side of a draw."""
    objective = next(part.split("/")[0] for part in parts if part.endswith("/class_mask"))
    get = lambda name: parts[f"{objective}/{name}"]
    if get("class_mask").min() < 1:
        raise ValueError("an episode lacks classes, which the peers do not know of")
    mask = parts["input/mask"]
    return Batch(objective, parts["input/tokens"], None if mask.min() > 0 else mask, get("class"),
                 get("weight") * get("inverse_weight"))


def resident(field):
    """Resident memory in 10^6 bytes: VmRSS now, VmHWM the most so far."""
    with open("/proc/self/status") as status:
        line = next(line for line in status if line.startswith(field))
    return int(line.split()[1]) * 1024 / 1e6


def options(description, **more):
    """The arguments that peers have in common, and the workload and dump they name."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("workload", choices=WORKLOADS)
    parser.add_argument("dump", help="file that runner bench -dump wrote")
    parser.add_argument("-warmup", type=int, default=2)
    parser.add_argument("-steps", type=int, default=5)
    parser.add_argument("-no-dropout", action="store_true", help="to compare losses")
    for name, settings in more.items():
        parser.add_argument(f"-{name}", **settings)
    chosen = parser.parse_args()
    workload = WORKLOADS[chosen.workload]
    if chosen.no_dropout:
        workload = dataclasses.replace(workload, dropout=0.0)
    return chosen, workload, Dump(chosen.dump)


def measure(peer, chosen, step, imported):
    """Makes the steps, step(i) of the loss, and prints what they took as a line of JSON."""
    times, losses = [], []
    for i in range(chosen.warmup + chosen.steps):
        start = time.perf_counter()
        losses.append(step(i))
        times.append(time.perf_counter() - start)
    timed = times[chosen.warmup:]
    print(json.dumps({
        "peer": peer, "median_step_s": statistics.median(timed), "min_step_s": min(timed),
        "max_step_s": max(timed), "first_step_s": times[0], "losses": losses,
        "import_rss_mb": imported, "peak_rss_mb": resident("VmHWM")}))
