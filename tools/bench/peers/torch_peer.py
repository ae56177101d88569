"""A workload in PyTorch, eager: the fused functions wherever they have the derivatives.

Attention is written out where its second derivative is asked for, which PyTorch's fused
function does not have, and where weights are dropped.
"""
import math

import torch
import torch.nn.functional as F

from workloads import measure, options, resident


class Model:
    def __init__(self, workload, layers):
        self.heads, self.layers, self.dropout = workload.heads, layers, workload.dropout
        self.fused = not workload.second_order and not self.dropout

    def loss(self, p, batch):
        """Sum of the weighted cross-entropies."""
        objective, tokens, mask, target, weight = batch
        x = self.encode(p, tokens, mask)
        if mask is None:
            x = x.mean(1)                                                       # [B, D]
        else:
            x = (x * mask[:, :, None]).sum(1) / mask.sum(1, keepdim=True)
        scores = self.linear(p, f"heads/{objective}", x)
        return (F.cross_entropy(scores, target, reduction="none") * weight).sum()

    def encode(self, p, tokens, mask):
        x = F.embedding(tokens, p["backbone/embed/tokens"])
        x = self.drop(x + p["backbone/embed/positions"][:tokens.shape[1]])      # [B, T, D]
        hidden = None if mask is None else (mask == 0)[:, None, None, :]        # [B, 1, 1, T]
        for i in range(self.layers):
            layer = f"backbone/layers/{i}"
            x = x + self.drop(self.attention(p, layer, self.norm(p, f"{layer}/norm1", x), hidden))
            y = F.gelu(self.linear(p, f"{layer}/mlp/in", self.norm(p, f"{layer}/norm2", x)))
            x = x + self.drop(self.linear(p, f"{layer}/mlp/out", y))
        return self.norm(p, "backbone/norm", x)

    def attention(self, p, layer, x, hidden):
        b, t, d = x.shape
        q, k, v = (self.linear(p, f"{layer}/attention/{name}", x)
                   .view(b, t, self.heads, d // self.heads).transpose(1, 2) for name in "qkv")
        if self.fused:
            y = F.scaled_dot_product_attention(q, k, v)
        else:
            scores = q @ k.transpose(-1, -2) / math.sqrt(d // self.heads)       # [B, H, T, T]
            if hidden is not None:
                scores = scores.masked_fill(hidden, -math.inf)
            y = self.drop(torch.softmax(scores, -1)) @ v
        return self.linear(p, f"{layer}/attention/out", y.transpose(1, 2).reshape(b, t, d))

    def drop(self, x):
        return F.dropout(x, self.dropout) if self.dropout else x

    @staticmethod
    def linear(p, address, x):
        return F.linear(x, p[f"{address}/w"].t(), p[f"{address}/b"])

    @staticmethod
    def norm(p, address, x):
        return F.layer_norm(x, x.shape[-1:], p[f"{address}/scale"], p[f"{address}/bias"], 1e-5)


class Learner:
    """The steps of a workload. p is the dict of parameters, updated in place."""

    def __init__(self, workload, layers, parameters):
        self.workload, self.model = workload, Model(workload, layers)
        self.p = {a: torch.from_numpy(v.copy()).requires_grad_() for a, v in parameters.items()}
        self.adam = torch.optim.Adam(self.p.values(), lr=workload.outer_rate, fused=True)

    def step(self, draws):
        return getattr(self, self.workload.method)(draws)

    def maml(self, draws):
        w, total = self.workload, 0.0
        self.adam.zero_grad()
        for _, query, support in draws:
            f = self.p
            for _ in range(w.inner_steps):
                g = torch.autograd.grad(self.model.loss(f, support), list(f.values()),
                                        create_graph=w.second_order)
                f = {a: x - w.inner_rate * d for (a, x), d in zip(f.items(), g)}
            loss = self.model.loss(f, query) / len(draws)
            loss.backward()
            total += loss.item()
        self.adam.step()
        return total

    def reptile(self, draws):
        w, total = self.workload, 0.0
        moved = [torch.zeros_like(x) for x in self.p.values()]
        for _, query, support in draws:
            f = {a: x.detach().clone().requires_grad_() for a, x in self.p.items()}
            adam = torch.optim.Adam(f.values(), lr=w.inner_rate, betas=(0.0, 0.999), fused=True)
            for _ in range(w.inner_steps):
                adam.zero_grad()
                self.model.loss(f, support).backward()
                adam.step()
            with torch.no_grad():
                total += self.model.loss(f, query).item() / len(draws)
                torch._foreach_add_(moved, list(f.values()), alpha=1 / len(draws))
        with torch.no_grad():
            torch._foreach_lerp_(list(self.p.values()), moved, w.outer_rate)
        return total

    def mtl(self, draws):
        weights, total = dict(self.workload.weights), 0.0
        self.adam.zero_grad()
        for task, query, _ in draws:
            loss = weights[task] * self.model.loss(self.p, query)
            loss.backward()
            total += loss.item()
        self.adam.step()
        return total


def tensors(batch):
    """(objective, tokens, mask, target, weight) of a batch; None of none."""
    if batch is None:
        return None
    arrays = (batch.tokens, batch.mask, batch.target, batch.weight)
    tokens, mask, target, weight = (None if a is None else torch.from_numpy(a) for a in arrays)
    return batch.objective, tokens, mask, target.long(), weight


def main():
    imported = resident("VmRSS")
    chosen, workload, dump = options(__doc__.split("\n")[0],
                                     threads={"type": int, "default": 1})
    torch.set_num_threads(chosen.threads)
    learner = Learner(workload, dump.layers, dump.parameters)
    steps = [[(task, tensors(query), tensors(support)) for task, query, support in draws]
             for draws in dump.steps]
    measure(f"torch {torch.__version__}, {chosen.threads} threads", chosen,
            lambda i: learner.step(steps[i % len(steps)]), imported)


if __name__ == "__main__":
    main()
