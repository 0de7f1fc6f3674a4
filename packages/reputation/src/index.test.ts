import { expect, test } from 'vitest'
import * as reputation from './index.ts'

test('exports', () => {
  expect(Object.keys(reputation).sort()).toMatchInlineSnapshot(`
    [
      "Attack",
      "Attestation",
      "Backtest",
      "BaseError",
      "Bins",
      "Caip10",
      "Calibration",
      "Consent",
      "Credible",
      "Decay",
      "Designs",
      "Discrimination",
      "Evidence",
      "Exposure",
      "Grant",
      "LinkMessage",
      "Loans",
      "Logit",
      "Membership",
      "MergeMessage",
      "Model",
      "Pair",
      "PairAttack",
      "Participant",
      "Reliquidations",
      "Score",
      "Scorecard",
      "Stability",
      "Tier",
      "TrackRecord",
      "Training",
      "Vaults",
    ]
  `)
})
