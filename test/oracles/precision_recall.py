"""Average precision of scikit-learn on small integer scores with many ties: python precision_recall.py > precision_recall.json"""
import json
import numpy as np
import sklearn
from sklearn.metrics import average_precision_score

rng = np.random.default_rng(7)
cases = []
for n, bins, share in [(40, 5, 0.3), (200, 1001, 0.02), (300, 20, 0.5)]:
    truth = rng.random(n) < share
    truth[0] = True
    score = np.clip((rng.random(n) * bins * 0.7 + truth * bins * 0.3), 0, bins - 1).astype(int)
    cases.append({"bins": bins, "truth": truth.astype(int).tolist(), "score": score.tolist(),
                  "averagePrecision": float(average_precision_score(truth, score))})
print(json.dumps({"versions": {"scikit-learn": sklearn.__version__, "numpy": np.__version__}, "cases": cases}))
