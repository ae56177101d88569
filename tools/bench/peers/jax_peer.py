"""A workload in JAX: one jitted step on the CPU, its compilation apart from the steps.

The episodes of a step are run one after another by lax.map, which is faster than to batch
them: with -map=vmap each has weights of its own after the first inner step, and XLA's CPU
backend is slow at batched products.
"""
import functools
import time

import jax
import jax.numpy as jnp

from workloads import measure, options, resident


class Model:
    def __init__(self, workload, layers):
        self.heads, self.layers, self.rate = workload.heads, layers, workload.dropout

    def loss(self, p, objective, batch, key):
        """Sum of the weighted cross-entropies; a dropout mask is drawn for every key."""
        tokens, mask, target, weight = batch
        x = self.encode(p, tokens, mask, key)
        if mask is None:
            x = x.mean(1)                                                       # [B, D]
        else:
            x = (x * mask[:, :, None]).sum(1) / mask.sum(1, keepdims=True)
        scores = jax.nn.log_softmax(self.linear(p, f"heads/{objective}", x))
        return -(jnp.take_along_axis(scores, target[:, None], 1)[:, 0] * weight).sum()

    def encode(self, p, tokens, mask, key):
        keys = iter(jax.random.split(key, 1 + 3 * self.layers))
        x = p["backbone/embed/tokens"][tokens] + p["backbone/embed/positions"][:tokens.shape[1]]
        x = self.drop(x, next(keys))                                            # [B, T, D]
        for i in range(self.layers):
            layer = f"backbone/layers/{i}"
            y = self.attention(p, layer, self.norm(p, f"{layer}/norm1", x), mask, next(keys))
            x = x + self.drop(y, next(keys))
            y = self.linear(p, f"{layer}/mlp/in", self.norm(p, f"{layer}/norm2", x))
            y = self.linear(p, f"{layer}/mlp/out", jax.nn.gelu(y, approximate=False))
            x = x + self.drop(y, next(keys))
        return self.norm(p, "backbone/norm", x)

    def attention(self, p, layer, x, mask, key):
        b, t, d = x.shape
        q, k, v = (self.linear(p, f"{layer}/attention/{name}", x)
                   .reshape(b, t, self.heads, d // self.heads) for name in "qkv")
        scores = jnp.einsum("bqhe,bkhe->bhqk", q, k) / (d // self.heads) ** 0.5
        if mask is not None:
            scores = jnp.where(mask[:, None, None, :] > 0, scores, -jnp.inf)
        weights = self.drop(jax.nn.softmax(scores), key)                        # [B, H, T, T]
        y = jnp.einsum("bhqk,bkhe->bqhe", weights, v).reshape(b, t, d)
        return self.linear(p, f"{layer}/attention/out", y)

    def drop(self, x, key):
        if not self.rate:
            return x
        return jnp.where(jax.random.bernoulli(key, 1 - self.rate, x.shape), x / (1 - self.rate), 0)

    @staticmethod
    def linear(p, address, x):
        return x @ p[f"{address}/w"] + p[f"{address}/b"]

    @staticmethod
    def norm(p, address, x):
        x = x - x.mean(-1, keepdims=True)
        x = x * jax.lax.rsqrt((x * x).mean(-1, keepdims=True) + 1e-5)
        return x * p[f"{address}/scale"] + p[f"{address}/bias"]


def adam(p, g, mean, square, t, rate, beta1=0.9, beta2=0.999):
    tree = jax.tree.map
    mean = tree(lambda m, g: beta1 * m + (1 - beta1) * g, mean, g)
    square = tree(lambda v, g: beta2 * v + (1 - beta2) * g * g, square, g)
    p = tree(lambda p, m, v: p - rate * (m / (1 - beta1 ** t)) /
             (jnp.sqrt(v / (1 - beta2 ** t)) + 1e-8), p, mean, square)
    return p, mean, square


class Learner:
    """The steps of a workload: step(state, draws, key) of the state and the loss."""

    def __init__(self, workload, layers, objectives, mapped):
        self.workload, self.model = workload, Model(workload, layers)
        self.objectives, self.mapped = objectives, mapped
        self.step = jax.jit(getattr(self, workload.method), donate_argnums=0)

    @staticmethod
    def start(parameters):
        p = jax.tree.map(jnp.asarray, parameters)
        zeros = lambda: jax.tree.map(jnp.zeros_like, p)
        return p, zeros(), zeros(), jnp.float32(1)

    def episodes(self, one, draws, key):
        """The means of one(draw, key) over the draws of a step."""
        keys = jax.random.split(key, len(draws))
        stacked = jax.tree.map(lambda *x: jnp.stack(x), *draws)
        if self.mapped == "vmap":
            results = jax.vmap(one)(stacked, keys)
        else:
            results = jax.lax.map(lambda x: one(*x), (stacked, keys))
        return jax.tree.map(lambda x: x.mean(0), results)

    def maml(self, state, draws, key):
        p, mean, square, t = state
        w, loss = self.workload, functools.partial(self.model.loss, objective=self.objectives[0])

        def adapted(p, draw, key):
            (query, support), keys = draw, jax.random.split(key, w.inner_steps + 1)
            f = p
            for k in keys[1:]:
                g = jax.grad(lambda f: loss(f, batch=support, key=k))(f)
                if not w.second_order:
                    g = jax.lax.stop_gradient(g)
                f = jax.tree.map(lambda x, d: x - w.inner_rate * d, f, g)
            return loss(f, batch=query, key=keys[0])

        total, g = self.episodes(
            lambda draw, k: jax.value_and_grad(adapted)(p, draw, k), draws, key)
        return (*adam(p, g, mean, square, t, w.outer_rate), t + 1), total

    def reptile(self, state, draws, key):
        p, mean, square, t = state
        w, loss = self.workload, functools.partial(self.model.loss, objective=self.objectives[0])

        def adapted(draw, key):
            (query, support), keys = draw, jax.random.split(key, w.inner_steps + 1)
            f, m = p, jax.tree.map(jnp.zeros_like, p)
            v = m
            for i, k in enumerate(keys[1:]):
                g = jax.grad(lambda f: loss(f, batch=support, key=k))(f)
                f, m, v = adam(f, g, m, v, i + 1, w.inner_rate, beta1=0.0)
            return loss(f, batch=query, key=keys[0]), f

        total, f = self.episodes(adapted, draws, key)
        p = jax.tree.map(lambda p, f: p + w.outer_rate * (f - p), p, f)
        return (p, mean, square, t + 1), total

    def mtl(self, state, draws, key):
        p, mean, square, t = state
        total, g = 0.0, jax.tree.map(jnp.zeros_like, p)
        keys = jax.random.split(key, len(draws))
        for (query, _), objective, (_, weight), k in zip(draws, self.objectives,
                                                         self.workload.weights, keys):
            loss, d = jax.value_and_grad(lambda p: weight * self.model.loss(
                p, objective, query, k))(p)
            total, g = total + loss, jax.tree.map(jnp.add, g, d)
        return (*adam(p, g, mean, square, t, self.workload.outer_rate), t + 1), total


def arrays(batch):
    """(tokens, mask, target, weight) of a batch; None of none."""
    return batch and (batch.tokens, batch.mask, batch.target, batch.weight)


def main():
    imported = resident("VmRSS")
    chosen, workload, dump = options(__doc__.split("\n")[0],
                                     map={"choices": ["lax", "vmap"], "default": "lax"})
    tasks = [task for task, _ in workload.weights]
    steps, objectives = [], []
    for draws in dump.steps:
        if tasks:
            draws = sorted(draws, key=lambda draw: tasks.index(draw[0]))
        objectives = [query.objective for _, query, _ in draws]
        steps.append([(arrays(query), arrays(support)) for _, query, support in draws])
    learner = Learner(workload, dump.layers, objectives, chosen.map)
    state, key = learner.start(dump.parameters), jax.random.key(1)
    start = time.perf_counter()
    compiled = learner.step.lower(state, steps[0], key).compile()
    took = time.perf_counter() - start

    def step(i):
        nonlocal state
        state, loss = compiled(state, steps[i % len(steps)], jax.random.fold_in(key, i))
        return float(loss)  # waits for the step

    measure(f"jax {jax.__version__}, {chosen.map}, compiled in {took:.1f} s", chosen, step,
            imported)


if __name__ == "__main__":
    main()
