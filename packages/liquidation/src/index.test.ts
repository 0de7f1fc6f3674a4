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
      "Lending",
      "LeverageRatio",
      "LiquidationCurve",
      "Pool",
      "Reflexivity",
      "Schedule",
      "Uniform",
      "Vulnerability",
      "Walls",
      "WrongWay",
    ]
  `)
})
