"""Posterior of scikit-learn's GaussianProcessRegressor, for src/ml/watermark/search/response-model.test.ts.

Run: python gaussian_process.py > ../../src/ml/watermark/search/response-model.oracle.json
"""

import json
import sys

import numpy
import sklearn
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel

MEAN, NOISE = 0.4, 0.05
PARTS = [(1.0, None), (0.3, 4.0), (0.1, 0.8)]

random = numpy.random.default_rng(5)
places = numpy.round(random.uniform(0, 12, size=(40, 2)), 3)
measured = [3, 17, 8, 30, 21, 9]
responses = numpy.round(random.normal(0.2, 0.5, size=len(measured)), 3)

kernel = sum(
    (ConstantKernel(d**2, "fixed") * (RBF(length, "fixed") if length else ConstantKernel(1, "fixed")) for d, length in PARTS[1:]),
    ConstantKernel(PARTS[0][0] ** 2, "fixed"),
)
model = GaussianProcessRegressor(kernel, alpha=NOISE**2, optimizer=None)
model.fit(places[measured], responses - MEAN)
mean, deviation = model.predict(places, return_std=True)

json.dump(
    {
        "versions": {"python": sys.version.split()[0], "numpy": numpy.__version__, "scikit-learn": sklearn.__version__},
        "prior": {
            "mean": MEAN,
            "noiseDeviation": NOISE,
            "parts": [{"deviation": d, "correlationLength": length} for d, length in PARTS],
        },
        "places": places.tolist(),
        "measured": measured,
        "responses": responses.tolist(),
        "mean": (mean + MEAN).tolist(),
        "deviation": deviation.tolist(),
    },
    sys.stdout,
)
