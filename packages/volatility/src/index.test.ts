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
      "Integrity",
      "LogHar",
      "Minimum",
      "Procyclicality",
      "Quantile",
      "Random",
      "RealisedVariance",
      "Regression",
      "Returns",
      "SyntheticMarket",
    ]
  `)
})
