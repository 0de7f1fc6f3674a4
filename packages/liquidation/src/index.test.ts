import { expect, test } from 'vitest'
import * as liquidation from './index.ts'

test('exports', () => {
  expect(Object.keys(liquidation).sort()).toMatchInlineSnapshot(`
    [
      "Bands",
      "BaseError",
      "Book",
      "BookDocument",
      "Brake",
      "Branching",
      "Breach",
      "Cascade",
      "Closing",
      "Clusters",
      "Cohorts",
      "Columns",
      "Contagion",
      "Deleveraging",
      "Depth",
      "Figure",
      "Headroom",
      "Impact",
      "Isotonic",
      "Lending",
      "LeverageRatio",
      "LeverageRatioImpact",
      "LiquidationCurve",
      "Policy",
      "Pool",
      "Reflexivity",
      "Schedule",
      "Stress",
      "Sweep",
      "Threshold",
      "Uniform",
      "Vaults",
      "Venue",
      "Vulnerability",
      "Walls",
      "Watch",
      "Waterfall",
      "WrongWay",
    ]
  `)
})
