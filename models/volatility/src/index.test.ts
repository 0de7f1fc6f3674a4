import { expect, test } from 'vitest'
import * as Model from './index.ts'

test('exports', () => {
  expect(Object.keys(Model).sort()).toMatchInlineSnapshot(`
    [
      "Artifact",
      "Backend",
      "BaseError",
      "Card",
      "Comparison",
      "Config",
      "Dataset",
      "Fit",
      "Forecast",
      "Frame",
      "Network",
      "Panel",
      "Parameters",
      "Recipe",
      "Registry",
      "Rivals",
      "Sample",
      "Scoring",
      "Table",
      "Training",
      "Walk",
    ]
  `)
})
