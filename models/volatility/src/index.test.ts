import { expect, test } from 'vitest'
import * as Model from './index.ts'

test('exports', () => {
  expect(Object.keys(Model).sort()).toMatchInlineSnapshot(`
    [
      "Artifact",
      "Backend",
      "BaseError",
      "Card",
      "Config",
      "Dataset",
      "Forecast",
      "Network",
      "Parameters",
      "Registry",
      "Sample",
      "Scoring",
      "Training",
    ]
  `)
})
