import { describe, expect, it } from 'vitest';
import oracle from './response-model.oracle.json' with { type: 'json' };
import { ResponseModel } from './response-model.ts';

const prior = {
  ...oracle.prior,
  parts: oracle.prior.parts.map(({ deviation, correlationLength }) => ({
    deviation,
    correlationLength: correlationLength ?? Infinity,
  })),
};

function modelOf(): ResponseModel {
  return new ResponseModel(Float64Array.from(oracle.places.flat()), prior);
}

describe('response model', () => {
  it("has the posterior of scikit-learn's Gaussian process, whether measured one by one or in batches", () => {
    for (const batch of [1, 2, 6]) {
      const model = modelOf();
      for (let start = 0; start < oracle.measured.length; start += batch) {
        for (const place of oracle.measured.slice(start, start + batch)) model.condition(place);
        model.observe(oracle.responses.slice(start, start + batch));
      }
      for (const [i, mean] of oracle.mean.entries()) {
        expect(model.mean[i]).toBeCloseTo(mean, 9);
        // The oracle's deviation is that of the smooth response, without the noise of a measurement.
        expect(Math.sqrt(model.variance[i])).toBeCloseTo(oracle.deviation[i], 9);
      }
    }
  });

  it('knows less nowhere and more where a measurement is announced, before it is told', () => {
    const model = modelOf();
    const before = Float64Array.from(model.variance);
    model.condition(4);
    expect(model.variance.every((variance, i) => variance <= before[i])).toBe(true);
    expect(model.variance[4]).toBeLessThan(prior.noiseDeviation ** 2);
    expect(model.mean).toEqual(modelOf().mean);
  });
});
