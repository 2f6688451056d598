"""Reference values for src/ml/evaluation: statsmodels (intervals), scikit-learn (scores), OpenCV (inpainting) and DeLong's
variance by its definition. Run: python test/oracles/evaluation.py (needs numpy, scipy, scikit-learn, statsmodels,
opencv-python-headless). Writes evaluation.json and inpainting.json beside itself."""

import base64
import json
import pathlib
import zlib

import cv2
import numpy as np
import scipy
import sklearn
import statsmodels
from sklearn import metrics
from statsmodels.stats.proportion import proportion_confint

here = pathlib.Path(__file__).parent
rng = np.random.default_rng(2026)
versions = {
    "numpy": np.__version__,
    "scipy": scipy.__version__,
    "scikit-learn": sklearn.__version__,
    "statsmodels": statsmodels.__version__,
    "opencv": cv2.__version__,
}


def intervals():
    cases = []
    for k, n in [(0, 1), (1, 1), (0, 60), (60, 60), (1, 60), (34, 60), (51, 84), (14, 84), (3, 7), (999, 2000), (2, 100000)]:
        wilson = proportion_confint(k, n, 0.05, "wilson")
        exact = proportion_confint(k, n, 0.05, "beta")
        cases.append({"k": k, "n": n, "wilson": list(map(float, wilson)), "clopperPearson": list(map(float, exact))})
    return cases


def kernel(x, y):
    return 1.0 if x > y else 0.5 if x == y else 0.0


def delong(scores, positive):
    """Structural components written out as in DeLong et al. 1988, no ranks."""
    above = [s for s, p in zip(scores, positive) if p]
    below = [s for s, p in zip(scores, positive) if not p]
    v10 = np.array([np.mean([kernel(x, y) for y in below]) for x in above])
    v01 = np.array([np.mean([kernel(x, y) for x in above]) for y in below])
    return float(v10.var(ddof=1) / len(above) + v01.var(ddof=1) / len(below))


def classification():
    cases = []
    for n, noise in [(12, 0.3), (60, 0.8), (200, 1.6)]:
        truth = rng.choice(5, n, p=[0.42, 0.12, 0.28, 0.1, 0.08])
        logits = rng.normal(0, noise, (n, 5)).round(3)
        logits[np.arange(n), truth] += 1
        answers = logits.argmax(1)
        p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
        score = p[:, 2:].sum(1)
        # Rounded so that ties occur and have to count half.
        coarse = score.round(1)
        referable = truth >= 2
        cases.append(
            {
                "truth": truth.tolist(),
                "logits": logits.tolist(),
                "confusion": metrics.confusion_matrix(truth, answers, labels=range(5)).tolist(),
                "accuracy": metrics.accuracy_score(truth, answers),
                "balancedAccuracy": metrics.balanced_accuracy_score(truth, answers),
                "quadraticKappa": metrics.cohen_kappa_score(truth, answers, weights="quadratic"),
                "referableScores": score.tolist(),
                "referableAuc": metrics.roc_auc_score(referable, score),
                "referableVariance": delong(score, referable),
                "coarseScores": coarse.tolist(),
                "coarseAuc": metrics.roc_auc_score(referable, coarse),
                "coarseVariance": delong(coarse, referable),
            }
        )
    return cases


def paired():
    """scipy's paired percentile bootstrap of the difference of two means: the interval ours has to come close to."""
    cases = []
    for n, p_first, p_second in [(60, 0.6, 0.2), (120, 0.3, 0.28)]:
        first = (rng.random(n) < p_first).astype(int)
        second = (rng.random(n) < p_second).astype(int)
        result = scipy.stats.bootstrap(
            (first, second),
            lambda a, b, axis=-1: a.mean(axis=axis) - b.mean(axis=axis),
            paired=True,
            vectorized=True,
            n_resamples=20000,
            method="percentile",
            rng=np.random.default_rng(5),
        )
        cases.append(
            {
                "first": first.tolist(),
                "second": second.tolist(),
                "difference": float(first.mean() - second.mean()),
                "low": float(result.confidence_interval.low),
                "high": float(result.confidence_interval.high),
            }
        )
    return cases


def pack(array):
    return base64.b64encode(zlib.compress(np.ascontiguousarray(array).tobytes(), 9)).decode()


def inpainting():
    """A retina-like gradient with a vessel, three kinds of holes."""
    height, width = 60, 80
    y, x = np.mgrid[0:height, 0:width]
    image = np.stack(
        [170 + 50 * np.cos(x / 17) + y / 3, 90 + 40 * np.sin(y / 11) + x / 4, 40 + 0.5 * (x + y) * 0.6], axis=-1
    )
    vessel = np.abs(y - 30 - 12 * np.sin(x / 13)) < 2.2
    image[vessel] *= 0.55
    image = np.clip(image + rng.normal(0, 2, image.shape), 0, 255).astype(np.uint8)
    box = np.zeros((height, width), np.uint8)
    box[20:34, 30:47] = 1
    ring = np.zeros((height, width), np.uint8)
    cv2.circle(ring, (40, 30), 16, 1, 4)
    text = np.zeros((height, width), np.uint8)
    cv2.putText(text, "MARK", (6, 38), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 1, 2)
    cases = []
    for name, mask, radius in [("box", box, 3), ("ring", ring, 3), ("text", text, 5)]:
        cases.append(
            {
                "name": name,
                "radius": radius,
                "mask": pack(mask),
                # Only the filled pixels, row-major: the others are the image's own.
                "rgb": pack(cv2.inpaint(image, mask, radius, cv2.INPAINT_TELEA)[mask == 1]),
                "grey": pack(cv2.inpaint(image[:, :, 1].copy(), mask, radius, cv2.INPAINT_TELEA)[mask == 1]),
            }
        )
    return {"versions": versions, "width": width, "height": height, "image": pack(image), "cases": cases}


def write(name, value):
    (here / name).write_text(json.dumps(value, separators=(",", ":")) + "\n")


write(
    "evaluation.json",
    {"versions": versions, "intervals": intervals(), "classification": classification(), "paired": paired()},
)
write("inpainting.json", inpainting())
