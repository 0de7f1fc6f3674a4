import { expect, test } from 'vitest'
import * as margin from './index.ts'

test('exports', () => {
  expect(Object.keys(margin).sort()).toMatchInlineSnapshot(`
    [
      "Account",
      "BaseError",
      "Bound",
      "Credit",
      "Curve",
      "Damper",
      "Encumbrance",
      "Fixed",
      "Health",
      "Inputs",
      "Limit",
      "LiquidationPrice",
      "Parse",
      "Position",
      "Requirement",
    ]
  `)
})
