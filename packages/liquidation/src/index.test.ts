import { expect, test } from 'vitest'
import * as liquidation from './index.ts'

test('exports', () => {
  expect(Object.keys(liquidation).sort()).toMatchInlineSnapshot(`
    [
      "BaseError",
      "Book",
      "Brake",
      "Cascade",
      "Impact",
      "LeverageRatio",
      "LiquidationCurve",
      "Reflexivity",
    ]
  `)
})
