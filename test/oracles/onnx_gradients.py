"""Reference values for ONNX graders: logits, input gradients and Grad-CAM maps of PyTorch.

Builds narrow, randomly initialised networks of the families that people export, writes each with the TorchScript and the
dynamo exporter at several opsets to test/fixtures/onnx, and the values of PyTorch's autograd to onnx_gradients.json.

Run from the repository root: python test/oracles/onnx_gradients.py
"""

import json
import os
import sys
import warnings

import numpy
import onnx
import timm
import torch
import torchvision
from torch import nn
from torchvision.models.densenet import DenseNet
from torchvision.models.efficientnet import EfficientNet, MBConvConfig
from torchvision.models.inception import BasicConv2d
from torchvision.models.mobilenetv2 import InvertedResidual
from torchvision.models.mobilenetv3 import InvertedResidualConfig, MobileNetV3
from torchvision.models.resnet import BasicBlock, Bottleneck, conv1x1
from torchvision.models.vision_transformer import VisionTransformer

warnings.filterwarnings("ignore")
SIDE, CLASSES, BATCH = 32, 5, 2
LABELS = [1, 3]
HERE = os.path.dirname(os.path.abspath(__file__))
FIXTURES = os.path.join(HERE, "..", "fixtures", "onnx")


class MiniResNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, 8, 7, 2, 3, bias=False), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(3, 2, 1)
        )
        down = nn.Sequential(conv1x1(8, 16, 2), nn.BatchNorm2d(16))
        wide = nn.Sequential(conv1x1(16, 32, 1), nn.BatchNorm2d(32))
        self.layer1 = BasicBlock(8, 8)
        self.layer2 = BasicBlock(8, 16, 2, down)
        self.layer3 = Bottleneck(16, 8, 1, wide)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(32, CLASSES)

    def forward(self, x):
        y = self.layer3(self.layer2(self.layer1(self.stem(x))))
        return self.fc(torch.flatten(self.pool(y), 1))


class MiniVgg(nn.Module):
    def __init__(self):
        super().__init__()
        layers, channels = [], 3
        for width in [8, "M", 12, 12, "M", 16, "M"]:
            if width == "M":
                layers.append(nn.MaxPool2d(2, 2))
            else:
                layers += [nn.Conv2d(channels, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU(True)]
                channels = width
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d((2, 2))
        self.classifier = nn.Sequential(
            nn.Linear(64, 24), nn.ReLU(True), nn.Dropout(), nn.Linear(24, CLASSES)
        )

    def forward(self, x):
        return self.classifier(torch.flatten(self.avgpool(self.features(x)), 1))


class MiniMobileNetV2(nn.Module):
    def __init__(self):
        super().__init__()
        stem = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1, bias=False), nn.BatchNorm2d(8), nn.ReLU6(True))
        blocks = [
            InvertedResidual(8, 8, 1, 1),
            InvertedResidual(8, 12, 2, 3),
            InvertedResidual(12, 12, 1, 3),
            InvertedResidual(12, 16, 2, 3),
        ]
        head = nn.Sequential(nn.Conv2d(16, 40, 1, bias=False), nn.BatchNorm2d(40), nn.ReLU6(True))
        self.features = nn.Sequential(stem, *blocks, head)
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(40, CLASSES))

    def forward(self, x):
        y = nn.functional.adaptive_avg_pool2d(self.features(x), (1, 1))
        return self.classifier(torch.flatten(y, 1))


class MiniInception(nn.Module):
    """The branches of Inception-v3 (A, reduction, factorised 7x7) at small widths, with its ceil-mode pooling cousin."""

    def __init__(self):
        super().__init__()
        self.stem = BasicConv2d(3, 8, kernel_size=3, stride=2)
        self.pool = nn.MaxPool2d(3, 2, ceil_mode=True)
        self.one = BasicConv2d(8, 4, kernel_size=1)
        self.five = nn.Sequential(BasicConv2d(8, 4, kernel_size=1), BasicConv2d(4, 6, kernel_size=5, padding=2))
        self.side = BasicConv2d(8, 4, kernel_size=1)
        self.reduce = BasicConv2d(14, 8, kernel_size=3, stride=2)
        self.long = nn.Sequential(
            BasicConv2d(22, 8, kernel_size=(1, 7), padding=(0, 3)), BasicConv2d(8, 8, kernel_size=(7, 1), padding=(3, 0))
        )
        self.fc = nn.Linear(30, CLASSES)

    def forward(self, x):
        # Inception-v3 with transform_input: pretrained weights expect another normalisation.
        x = torch.cat([x[:, c : c + 1] * s + b for c, s, b in [(0, 1.1, -0.1), (1, 0.9, 0.05), (2, 1.0, 0.1)]], 1)
        y = self.pool(self.stem(x))
        side = self.side(nn.functional.avg_pool2d(y, 3, 1, 1))
        y = torch.cat([self.one(y), self.five(y), side], 1)
        y = torch.cat([self.reduce(y), nn.functional.max_pool2d(y, 3, 2)], 1)
        y = torch.cat([self.long(y), y], 1)
        return self.fc(torch.flatten(nn.functional.adaptive_avg_pool2d(y, (1, 1)), 1))


def mobilenet_v3():
    def block(i, k, e, o, se, act, s):
        return InvertedResidualConfig(i, k, e, o, se, act, s, 1, 1.0)

    setting = [
        block(8, 3, 8, 8, True, "RE", 2),
        block(8, 3, 24, 16, False, "RE", 1),
        block(16, 5, 32, 16, True, "HS", 1),
        block(16, 5, 32, 16, True, "HS", 2),
    ]
    return MobileNetV3(setting, last_channel=32, num_classes=CLASSES)


def efficientnet():
    setting = [MBConvConfig(1, 3, 1, 8, 8, 1), MBConvConfig(4, 3, 2, 8, 16, 2), MBConvConfig(4, 5, 2, 16, 16, 1)]
    return EfficientNet(setting, dropout=0.2, last_channel=40, num_classes=CLASSES)


def densenet():
    return DenseNet(growth_rate=4, block_config=(2, 2), num_init_features=8, bn_size=2, num_classes=CLASSES)


def torchvision_vit():
    return VisionTransformer(
        image_size=SIDE, patch_size=8, num_layers=2, num_heads=2, hidden_dim=16, mlp_dim=32, num_classes=CLASSES
    )


def timm_vit():
    return timm.models.vision_transformer.VisionTransformer(
        img_size=SIDE, patch_size=8, embed_dim=16, depth=2, num_heads=2, mlp_ratio=2, num_classes=CLASSES
    )


# name: (constructor, module whose output Grad-CAM reads, opsets of the TorchScript exporter, opset of dynamo or None)
MODELS = {
    "resnet": (MiniResNet, "layer3", [9, 13], 18),
    "vgg": (MiniVgg, "avgpool", [11], 18),
    "densenet": (densenet, "features.norm5", [9, 12], 20),
    "mobilenet_v2": (MiniMobileNetV2, "features", [9, 17], 18),
    "mobilenet_v3": (mobilenet_v3, "features", [11, 16], 18),
    "efficientnet": (efficientnet, "features", [13], 18),
    "inception": (MiniInception, None, [10, 16], 18),
    "torchvision_vit": (torchvision_vit, "encoder.layers.encoder_layer_0", [14, 17], 18),
    "timm_vit": (timm_vit, "blocks.0", [17], 20),
}


def randomise(model):
    """Fresh batch norms are identities and fresh heads are zero: give them values that show mistakes."""
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.running_mean, 0, 0.2)
            nn.init.uniform_(module.running_var, 0.4, 1.6)
            nn.init.uniform_(module.weight, 0.7, 1.5)
            nn.init.normal_(module.bias, 0, 0.2)
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            fan = module.weight[0].numel()
            nn.init.normal_(module.weight, 0, (1.8 / fan) ** 0.5)
            if module.bias is not None:
                nn.init.normal_(module.bias, 0, 0.1)
        if isinstance(module, nn.LayerNorm):
            nn.init.uniform_(module.weight, 0.7, 1.4)
            nn.init.normal_(module.bias, 0, 0.1)


def image():
    count = BATCH * SIDE * SIDE * 3
    values = (numpy.arange(count, dtype=numpy.float64) * 0.61803398875) % 1
    return torch.from_numpy(values.astype(numpy.float32)).reshape(BATCH, SIDE, SIDE, 3)


def reference(model, target):
    x = image().double().requires_grad_()
    model = model.double()
    kept = {}
    handle = None
    if target is not None:
        module = model.get_submodule(target)
        handle = module.register_forward_hook(lambda _m, _i, out: kept.update(a=out))
    logits = model(x.permute(0, 3, 1, 2))
    loss = nn.functional.cross_entropy(logits, torch.tensor(LABELS), reduction="none")
    (gradient,) = torch.autograd.grad(loss.sum(), x, retain_graph=True)
    result = {
        "logits": logits.tolist(),
        "loss": loss.tolist(),
        "gradientNorm": gradient.norm().item(),
        "gradient": [float(f"{v:.7g}") for v in gradient.flatten()[::13].tolist()],
    }
    if handle is not None:
        features = kept["a"]
        picked = logits[torch.arange(BATCH), torch.tensor(LABELS)].sum()
        (slope,) = torch.autograd.grad(picked, features)
        if features.dim() == 3:
            # Class token first; the patches lie on a square.
            features, slope = features[:, 1:], slope[:, 1:]
            cam = torch.relu((features * slope.mean(1, keepdim=True)).sum(2))
            side = round(cam.shape[1] ** 0.5)
            cam = cam.reshape(BATCH, side, side)
        else:
            cam = torch.relu((features * slope.mean((2, 3), keepdim=True)).sum(1))
        result["cam"] = {"shape": list(cam.shape), "values": cam.flatten().tolist()}
        handle.remove()
    model.float()
    return result


def export(model, name, opsets, dynamo):
    files = []
    x = image().permute(0, 3, 1, 2).contiguous()
    for opset in opsets:
        file = f"{name}_script{opset}.onnx"
        axes = {"image": {0: "batch"}, "logits": {0: "batch"}}
        torch.onnx.export(
            model, (x,), os.path.join(FIXTURES, file), dynamo=False, opset_version=opset, input_names=["image"],
            output_names=["logits"], dynamic_axes=axes,
        )  # fmt: skip
        files.append(file)
    if dynamo is not None:
        file = f"{name}_dynamo{dynamo}.onnx"
        torch.onnx.export(
            model, (x,), os.path.join(FIXTURES, file), dynamo=True, opset_version=dynamo, input_names=["image"],
            output_names=["logits"], dynamic_shapes=({0: torch.export.Dim("batch")},), external_data=False, verbose=False,
        )  # fmt: skip
        strip_debug(os.path.join(FIXTURES, file))
        files.append(file)
    return files


def strip_debug(path):
    """The dynamo exporter records the source lines and folders of the machine in every node."""
    model = onnx.load(path)
    for thing in [*model.graph.node, *model.graph.value_info, *model.graph.input, *model.graph.output]:
        del thing.metadata_props[:]
        thing.doc_string = ""
    del model.graph.metadata_props[:]
    del model.metadata_props[:]
    del model.graph.value_info[:]
    onnx.save(model, path)


def main():
    os.makedirs(FIXTURES, exist_ok=True)
    only = sys.argv[1:]
    out = os.path.join(HERE, "onnx_gradients.json")
    models = json.load(open(out))["models"] if only and os.path.exists(out) else {}
    for index, (name, (make, target, opsets, dynamo)) in enumerate(MODELS.items()):
        if only and name not in only:
            continue
        torch.manual_seed(100 + index)
        model = make().eval()
        randomise(model)
        files = export(model, name, opsets, dynamo)
        models[name] = {"files": files, **reference(model, target)}
        print(name, files, [os.path.getsize(os.path.join(FIXTURES, f)) for f in files], flush=True)
    versions = {m.__name__: m.__version__ for m in (torch, torchvision, timm, onnx, numpy)}
    settings = {"side": SIDE, "classes": CLASSES, "labels": LABELS, "gradientStride": 13}
    with open(out, "w") as file:
        json.dump({"versions": versions, **settings, "models": models}, file)
        file.write("\n")


main()
