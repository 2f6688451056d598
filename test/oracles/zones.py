"""Reference values for src/ml/lesions: scikit-image (disc dilation), scipy (Euclidean distances) and pycocotools (run
lengths). Run: python test/oracles/zones.py (needs numpy, scipy, scikit-image, pycocotools). Writes zones.json beside
itself."""

import json
import pathlib
from importlib.metadata import version

import numpy as np
from pycocotools import mask as coco
from scipy import ndimage
from skimage import morphology

rng = np.random.default_rng(7)


def rows(mask):
    return ["".join("#" if v else "." for v in row) for row in mask]


def blob(height, width, density):
    return ndimage.binary_opening(rng.random((height, width)) < density) | (rng.random((height, width)) < 0.01)


mask = blob(37, 53, 0.45)
out = {
    "versions": {name: version(name) for name in ("numpy", "scipy", "scikit-image", "pycocotools")},
    "mask": rows(mask),
    "dilations": [
        {"radius": radius, "rows": rows(morphology.dilation(mask.astype(np.uint8), morphology.disk(radius)))}
        for radius in (1, 2, 5, 9)
    ],
    "distances": np.round(ndimage.distance_transform_edt(~mask), 9).tolist(),
    "runLengths": [],
}
for height, width, density in ((37, 53, 0.4), (64, 9, 0.5), (5, 5, 0.0), (40, 60, 0.55)):
    sample = blob(height, width, density) if density else np.zeros((height, width), bool)
    encoded = coco.encode(np.asfortranarray(sample.astype(np.uint8)))
    flat = sample.flatten(order="F")
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flat.astype(np.int8)]))).tolist()
    counts = np.diff([0, *edges, flat.size]).tolist()
    out["runLengths"].append(
        {
            "size": [height, width],
            "compressed": encoded["counts"].decode("ascii"),
            "counts": counts,
            "rows": rows(sample),
        }
    )
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(out, separators=(",", ":")) + "\n")
