"""Values for src/ml/models/pretraining/pretraining-loss.test.ts: torchvision's focal loss, Dice written out, and their gradients.

python test/oracles/pretraining.py > src/ml/models/pretraining/pretraining.oracle.json
"""

import json

import torch
import torchvision
from torchvision.ops import sigmoid_focal_loss

torch.manual_seed(7)
logits = torch.randn(2, 3, 3, 2, dtype=torch.float64) * 2
targets = (torch.rand(2, 3, 3, 2) < 0.3).double()


def focal(z):
    return sigmoid_focal_loss(z, targets, alpha=0.75, gamma=2, reduction="none").mean((0, 1, 2)).sum()


def dice(z):
    p = z.sigmoid()
    both = (p * targets).sum((0, 1, 2))
    either = p.sum((0, 1, 2)) + targets.sum((0, 1, 2))
    return (1 - (2 * both + 1) / (either + 1)).mean()


def with_gradient(loss):
    z = logits.clone().requires_grad_()
    value = loss(z)
    value.backward()
    return {"value": value.item(), "gradient": z.grad.flatten().tolist()}


print(
    json.dumps(
        {
            "versions": {"torch": torch.__version__, "torchvision": torchvision.__version__},
            "shape": list(logits.shape),
            "logits": logits.flatten().tolist(),
            "targets": targets.flatten().tolist(),
            "focal": with_gradient(focal),
            "dice": with_gradient(dice),
        }
    )
)
