"""PyTorch's time for a forward and for an input gradient, against which bench/sections/onnx-speed.ts measures.

usage: torch_speed.py FOLDER THREADS
Writes FOLDER/<model>.onnx (random weights, five classes, any batch), prints the versions as one JSON line, then answers each
JSON line {"model", "batch", "work": "forward" | "gradient", "runs"} with {"milliseconds": [...], "logits": [...]}.
"""
import json
import sys
import time
from pathlib import Path

import torch
import torchvision

folder, threads = Path(sys.argv[1]), int(sys.argv[2])
torch.set_num_threads(threads)
torch.manual_seed(1)
models = {
    "resnet18": torchvision.models.resnet18(num_classes=5),
    "mobilenetv2": torchvision.models.mobilenet_v2(num_classes=5),
}
for name, model in models.items():
    model.eval().requires_grad_(False)
    torch.onnx.export(
        model,
        (torch.zeros(1, 3, 224, 224),),
        str(folder / f"{name}.onnx"),
        dynamo=False,
        opset_version=17,
        input_names=["input"],
        output_names=["logits"],
        dynamic_axes={"input": {0: "batch"}, "logits": {0: "batch"}},
    )
    models[name] = model.to(memory_format=torch.channels_last)


def ramp(batch):
    """The same pixels as in the section: value i % 251 / 250 along rows, columns, channels."""
    count = batch * 224 * 224 * 3
    flat = (torch.arange(count) % 251).to(torch.float32) / 250
    return flat.reshape(batch, 224, 224, 3).permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last)


def forward(model, x):
    with torch.inference_mode():
        return model(x)


def gradient(model, x):
    x = x.detach().requires_grad_(True)
    logits = model(x)
    loss = torch.nn.functional.cross_entropy(logits, torch.zeros(len(x), dtype=torch.long), reduction="sum")
    torch.autograd.grad(loss, x)
    return logits.detach()


print(json.dumps({"torch": torch.__version__, "torchvision": torchvision.__version__}), flush=True)
for line in sys.stdin:
    request = json.loads(line)
    work = {"forward": forward, "gradient": gradient}[request["work"]]
    x, times = ramp(request["batch"]), []
    for _ in range(request["runs"]):
        started = time.perf_counter()
        logits = work(models[request["model"]], x)
        times.append((time.perf_counter() - started) * 1000)
    print(json.dumps({"milliseconds": times, "logits": logits.flatten().tolist()}), flush=True)
