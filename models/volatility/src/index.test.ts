import { expect, test } from 'vitest'
import * as Model from './index.ts'

test('exports', () => {
  expect(Object.keys(Model).sort()).toMatchInlineSnapshot(`
    [
      "Artifact",
      "Backend",
      "BaseError",
      "Binding",
      "Build",
      "Card",
      "Checkpoint",
      "Comparison",
      "Config",
      "Dataset",
      "Fit",
      "Forecast",
      "Frame",
      "Gate",
      "Member",
      "Monitor",
      "Network",
      "Outlook",
      "Panel",
      "Parameters",
      "Recipe",
      "Registry",
      "Rivals",
      "Rounds",
      "Sample",
      "Scoring",
      "Serving",
      "Share",
      "Sheet",
      "Standing",
      "Suite",
      "Table",
      "Training",
      "Walk",
    ]
  `)
})
