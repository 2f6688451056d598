"""Reference values for src/ml/imaging: Pillow's resize (mode F) and scikit-image's PSNR and SSIM.

Run with numpy, pillow and scikit-image installed: python test/oracles/imaging.py > test/oracles/imaging.json
The images are closed forms that the tests compute again, so no picture is stored.
"""

import json

import numpy as np
import PIL
import skimage
from PIL import Image
from skimage.metrics import peak_signal_noise_ratio, structural_similarity


def image(width, height, channels, top):
    x, y, c = np.meshgrid(np.arange(width), np.arange(height), np.arange(channels), indexing="xy")
    return (x * 7 + y * 13 + c * 29 + (x * y) % 11 * 5) % 256 * (top // 255)


def changed(a, top):
    height, width, channels = a.shape
    x, y, c = np.meshgrid(np.arange(width), np.arange(height), np.arange(channels), indexing="xy")
    # The left third stays as it is: windows over equal samples take a short cut in the product.
    delta = np.where(x < width // 3, 0, ((x * 3 + y * 5 + c) % 17 - 8) * (top // 255) * 2)
    return np.clip(a + delta, 0, top)


def resampled():
    kernels = {"bilinear": Image.BILINEAR, "bicubic": Image.BICUBIC, "area": Image.BOX}
    cases = []
    for size_in, size_out, box in [
        ((13, 9), (5, 4), None),
        ((13, 9), (7, 20), None),
        ((6, 5), (17, 11), None),
        ((16, 16), (4, 4), None),
        ((40, 3), (3, 2), None),
        ((13, 9), (5, 4), (1.25, 0.5, 11.75, 8.0)),
    ]:
        source = image(*size_in, 1, 255)[:, :, 0].astype(np.float32)
        for name, kernel in kernels.items():
            out = np.asarray(Image.fromarray(source, "F").resize(size_out, kernel, box=box))
            cases.append({"in": size_in, "out": size_out, "box": box, "kernel": name, "values": [round(float(v), 4) for v in out.ravel()]})
    return cases


def metrics():
    cases = []
    for width, height, channels, bits in [(31, 23, 1, 8), (97, 80, 3, 8), (40, 33, 3, 16)]:
        top = 2**bits - 1
        a = image(width, height, channels, top)
        b = changed(a, top)
        kind = np.uint8 if bits == 8 else np.uint16
        a, b = a.astype(kind), b.astype(kind)
        cases.append(
            {
                "width": width,
                "height": height,
                "channels": channels,
                "bits": bits,
                "psnr": float(peak_signal_noise_ratio(a, b, data_range=top)),
                "gaussian": float(structural_similarity(a, b, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=top, channel_axis=2)),
                "uniform": float(structural_similarity(a, b, data_range=top, channel_axis=2)),
            }
        )
    return cases


versions = {"numpy": np.__version__, "pillow": PIL.__version__, "scikit-image": skimage.__version__}
print(json.dumps({"versions": versions, "resampled": resampled(), "metrics": metrics()}))
