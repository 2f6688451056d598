"""Writes src/ml/models/training/training.oracle.json: optimiser steps and a smoothed cross-entropy by PyTorch."""
import json
from pathlib import Path

import torch

torch.manual_seed(7)
start = torch.randn(3, 2)
gradients = [torch.randn(3, 2) for _ in range(6)]
rates = [0.1, 0.1, 0.05, 0.05, 0.02, 0.02]


def run(make):
    weight = torch.nn.Parameter(start.clone())
    optimiser = make([weight])
    path = []
    for gradient, rate in zip(gradients, rates):
        for group in optimiser.param_groups:
            group["lr"] = rate
        weight.grad = gradient.clone()
        optimiser.step()
        path.append(weight.detach().flatten().tolist())
    return path


logits = torch.randn(4, 5) * 3
labels = torch.tensor([0, 3, 4, 1])


def value_and_gradient(loss):
    leaf = logits.clone().requires_grad_()
    value = loss(leaf)
    value.backward()
    return {"value": value.item(), "gradient": leaf.grad.flatten().tolist()}


def focal(z):
    each = torch.nn.functional.cross_entropy(z, labels, reduction="none")
    return ((1 - torch.exp(-each)) ** 2 * each).mean()


def soft_ordinal(z):
    distance = torch.arange(5)[None] - labels[:, None]
    targets = torch.softmax(-(distance.float() ** 2) / (2 * 0.75**2), dim=1)
    return torch.nn.functional.cross_entropy(z, targets)


oracle = {
    "madeBy": f"torch {torch.__version__}",
    "start": start.flatten().tolist(),
    "gradients": [g.flatten().tolist() for g in gradients],
    "rates": rates,
    "adamw": run(lambda p: torch.optim.AdamW(p, lr=1, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.1)),
    "nesterov": run(lambda p: torch.optim.SGD(p, lr=1, momentum=0.9, nesterov=True, weight_decay=0.1)),
    "momentum": run(lambda p: torch.optim.SGD(p, lr=1, momentum=0.9, weight_decay=0)),
    "logits": logits.tolist(),
    "labels": labels.tolist(),
    "crossEntropy": torch.nn.functional.cross_entropy(logits, labels).item(),
    "smoothedCrossEntropy": torch.nn.functional.cross_entropy(logits, labels, label_smoothing=0.1).item(),
    "focal": value_and_gradient(focal),
    "ordinal": value_and_gradient(soft_ordinal),
}
target = Path(__file__).parents[2] / "src/ml/models/training/training.oracle.json"
target.write_text(json.dumps(oracle) + "\n")
