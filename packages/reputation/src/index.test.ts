import { expect, test } from 'vitest'
import * as reputation from './index.ts'

test('exports', () => {
  expect(Object.keys(reputation).sort()).toMatchInlineSnapshot(`
    [
      "BaseError",
      "Caip10",
      "Decay",
      "Grant",
      "LinkMessage",
      "Model",
      "Pair",
      "PairAttack",
      "Participant",
      "Score",
      "Tier",
      "TrackRecord",
    ]
  `)
})
