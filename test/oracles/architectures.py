"""Numbers of trained weights of torchvision's and timm's networks, for src/ml/models/architectures.

Run: python architectures.py > ../../src/ml/models/architectures/architectures.oracle.json
"""

import json
import sys

import timm
import torch
import torchvision
from torch import nn
from torchvision import models


def cifar_resnet18(num_classes):
    """torchvision's body under the stem of the CIFAR variant (one 3x3 convolution, no pooling)."""
    net = models.resnet18(num_classes=num_classes)
    net.conv1 = nn.Conv2d(3, 64, 3, padding=1, bias=False)
    net.maxpool = nn.Identity()
    return net


class WideBlock(nn.Module):
    """Pre-activation block of Zagoruyko & Komodakis (2016): batch norm, ReLU, 3x3, twice; 1x1 where the width changes."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.bn1, self.conv1 = nn.BatchNorm2d(inputs), nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
        self.bn2, self.conv2 = nn.BatchNorm2d(outputs), nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.shortcut = None if inputs == outputs else nn.Conv2d(inputs, outputs, 1, bias=False)


def wide_resnet_34_10(num_classes):
    widths = [16, 160, 320, 640]
    blocks = [WideBlock(widths[s] if b == 0 else widths[s + 1], widths[s + 1]) for s in range(3) for b in range(5)]
    return nn.Sequential(
        nn.Conv2d(3, 16, 3, padding=1, bias=False), *blocks, nn.BatchNorm2d(640), nn.Linear(640, num_classes)
    )


COUNTED = {
    "resnet18": models.resnet18,
    "resnet34": models.resnet34,
    "resnet50": models.resnet50,
    "cifar-resnet18": cifar_resnet18,
    "vgg16-bn": models.vgg16_bn,
    "densenet121": models.densenet121,
    "mobilenetv2": models.mobilenet_v2,
    "mobilenetv2-torch": models.mobilenet_v2,
    "mobilenetv3-large": models.mobilenet_v3_large,
    "efficientnet-b0": models.efficientnet_b0,
    "inception-v3": lambda num_classes: models.inception_v3(
        num_classes=num_classes, aux_logits=False, init_weights=False
    ),
    "wide-resnet-34-10": wide_resnet_34_10,
    "vit-s16": lambda num_classes: timm.create_model("vit_small_patch16_224", num_classes=num_classes),
}

json.dump(
    {
        "versions": {"torch": torch.__version__, "torchvision": torchvision.__version__, "timm": timm.__version__},
        "trainable": {
            name: {
                str(classes): sum(p.numel() for p in make(num_classes=classes).parameters() if p.requires_grad)
                for classes in (5, 1000)
            }
            for name, make in COUNTED.items()
        },
    },
    sys.stdout,
    indent=2,
)
