import { expect, test } from 'vitest'
import * as liquidation from './index.ts'

test('exports', () => {
  expect(Object.keys(liquidation).sort()).toMatchInlineSnapshot(`
    [
      "BaseError",
      "Book",
      "Brake",
      "Branching",
      "Breach",
      "Cascade",
      "Closing",
      "Deleveraging",
      "Depth",
      "Figure",
      "Impact",
      "Isotonic",
      "Lending",
      "LeverageRatio",
      "LiquidationCurve",
      "Policy",
      "Pool",
      "Reflexivity",
      "Schedule",
      "Stress",
      "Uniform",
      "Venue",
      "Vulnerability",
      "Walls",
      "Waterfall",
      "WrongWay",
    ]
  `)
})
