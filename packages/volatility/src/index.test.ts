import { expect, test } from 'vitest'
import * as Volatility from './index.ts'

test('exports', () => {
  expect(Object.keys(Volatility).sort()).toMatchInlineSnapshot(`
    [
      "Bar",
      "BaseError",
      "Evaluation",
      "Ewma",
      "Features",
      "LogHar",
      "Quantile",
      "Random",
      "RealisedVariance",
      "Regression",
      "Returns",
      "SyntheticMarket",
    ]
  `)
})
