"""Logits of torchvision's and timm's networks whose weights are computed from their names, for src/ml/models/initialise.

The same formula gives the same weights on the other side, so that no weight file is needed: every weight is a hash of
its name and place. A layer with another name, another order of axes or another padding gives other logits.

Run: python architecture_logits.py > ../../src/ml/models/initialise/architecture-logits.oracle.json
"""

import json
import sys

import numpy as np
import timm
import torch
import torchvision
from torchvision import models

CLASSES = 5
IMAGENET = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
CENTRED = ([0.5] * 3, [0.5] * 3)
PLAIN = ([0.0] * 3, [1.0] * 3)


def hashed(name, count):
    """`count` numbers in [0, 1): FNV-1a of the name, then the finaliser of MurmurHash3 over the place."""
    h = 0x811C9DC5
    for character in name.encode():
        h = ((h ^ character) * 0x01000193) & 0xFFFFFFFF
    x = np.arange(count, dtype=np.uint64)
    mask = np.uint64(0xFFFFFFFF)
    x = (x * np.uint64(0x9E3779B1) + np.uint64(h)) & mask
    x = ((x ^ (x >> np.uint64(16))) * np.uint64(0x85EBCA6B)) & mask
    x = ((x ^ (x >> np.uint64(13))) * np.uint64(0xC2B2AE35)) & mask
    x = x ^ (x >> np.uint64(16))
    return (x / 2**32).astype(np.float32)


def value(name, shape):
    u = hashed(name, int(np.prod(shape)))
    if name.endswith("running_var") or (name.endswith("weight") and len(shape) == 1):
        u = u + np.float32(0.5)
    elif len(shape) < 2 or name in ("cls_token", "pos_embed"):
        u = (u - np.float32(0.5)) * np.float32(0.4)
    else:
        u = (u - np.float32(0.5)) * np.float32(np.sqrt(24 / np.prod(shape[1:])))
    return torch.from_numpy(u.reshape(shape))


def logits(net, side, statistics):
    net.eval()
    state = net.state_dict()
    for name, tensor in state.items():
        if tensor.is_floating_point():
            state[name] = value(name, tuple(tensor.shape))
    net.load_state_dict(state)
    image = torch.from_numpy(hashed("image", 2 * 3 * side * side).reshape(2, 3, side, side))
    mean, deviation = (torch.tensor(part).view(1, 3, 1, 1) for part in statistics)
    with torch.no_grad():
        return net.double()(((image - mean) / deviation).double()).tolist()


def cifar_resnet18(num_classes):
    net = models.resnet18(num_classes=num_classes)
    net.conv1 = torch.nn.Conv2d(3, 64, 3, padding=1, bias=False)
    net.maxpool = torch.nn.Identity()
    return net


NETWORKS = {
    "resnet18": (models.resnet18, 72, IMAGENET),
    "resnet50": (models.resnet50, 48, IMAGENET),
    "cifar-resnet18": (cifar_resnet18, 24, PLAIN),
    "densenet121": (models.densenet121, 48, IMAGENET),
    "mobilenetv2-torch": (models.mobilenet_v2, 72, IMAGENET),
    "mobilenetv3-large": (models.mobilenet_v3_large, 72, IMAGENET),
    "efficientnet-b0": (models.efficientnet_b0, 72, IMAGENET),
    "inception-v3": (
        lambda num_classes: models.inception_v3(num_classes=num_classes, aux_logits=False, init_weights=False),
        91,
        CENTRED,
    ),
    "vgg16-bn": (models.vgg16_bn, 96, IMAGENET),
    "vit-s16": (lambda num_classes: timm.create_model("vit_small_patch16_224", num_classes=num_classes, img_size=48), 48, CENTRED),
}

json.dump(
    {
        "versions": {"torch": torch.__version__, "torchvision": torchvision.__version__, "timm": timm.__version__},
        "networks": {
            name: {"side": side, "logits": logits(make(num_classes=CLASSES), side, statistics)}
            for name, (make, side, statistics) in NETWORKS.items()
        },
    },
    sys.stdout,
    indent=2,
)
