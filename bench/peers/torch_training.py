"""PyTorch's time for a training step and for a forward, against which bench/sections/training-speed.ts measures.

usage: torch_training.py THREADS
Prints the versions as one JSON line, then answers each JSON line {"model": "resnet18" | "cifar-resnet18", "side", "batch",
"work": "step" | "forward", "runs"} with {"milliseconds": [...], "processor": [...]} (all threads). A step is forward, cross-entropy, backward and SGD with
momentum; channels-last, float32.
"""
import json
import sys
import time

import torch
import torchvision

torch.set_num_threads(int(sys.argv[1]))
torch.manual_seed(1)


def cifar_resnet18():
    net = torchvision.models.resnet18(num_classes=5)
    net.conv1 = torch.nn.Conv2d(3, 64, 3, padding=1, bias=False)
    net.maxpool = torch.nn.Identity()
    return net


networks = {"resnet18": torchvision.models.resnet18(num_classes=5), "cifar-resnet18": cifar_resnet18()}
networks = {name: net.to(memory_format=torch.channels_last) for name, net in networks.items()}
optimisers = {
    name: torch.optim.SGD(net.parameters(), lr=1e-3, momentum=0.9, nesterov=True, weight_decay=1e-4)
    for name, net in networks.items()
}


def step(name, x):
    networks[name].train()
    optimisers[name].zero_grad(set_to_none=True)
    logits = networks[name](x)
    loss = torch.nn.functional.cross_entropy(logits, torch.arange(len(x)) % 5)
    loss.backward()
    optimisers[name].step()
    return loss.item()


def forward(name, x):
    networks[name].eval()
    with torch.inference_mode():
        return networks[name](x)[0, 0].item()


print(json.dumps({"torch": torch.__version__, "torchvision": torchvision.__version__}), flush=True)
for line in sys.stdin:
    request = json.loads(line)
    work = {"forward": forward, "step": step}[request["work"]]
    shape = (request["batch"], 3, request["side"], request["side"])
    x, times, processor = torch.rand(shape).contiguous(memory_format=torch.channels_last), [], []
    for _ in range(request["runs"]):
        started, used = time.perf_counter(), time.process_time()
        work(request["model"], x)
        times.append((time.perf_counter() - started) * 1000)
        processor.append((time.process_time() - used) * 1000)
    print(json.dumps({"milliseconds": times, "processor": processor}), flush=True)
