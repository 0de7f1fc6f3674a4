import { expect, test } from 'vitest'
import * as Volatility from './index.ts'

test('exports', () => {
  expect(Object.keys(Volatility).sort()).toMatchInlineSnapshot(`
    [
      "Bar",
      "BaseError",
      "Bootstrap",
      "ConfidenceSet",
      "Conformal",
      "Coverage",
      "DieboldMariano",
      "Distribution",
      "Drift",
      "Evaluation",
      "Ewma",
      "Features",
      "Garch",
      "Glm",
      "Har",
      "Hourly",
      "Integrity",
      "LogHar",
      "Minimum",
      "Perceptron",
      "Procyclicality",
      "Quantile",
      "Random",
      "RealisedVariance",
      "Regression",
      "Returns",
      "Signals",
      "SyntheticMarket",
    ]
  `)
})
