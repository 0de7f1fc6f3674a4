import { expect, test } from 'vitest'
import * as index from './index.ts'

test('exports', () => {
  expect(Object.keys(index).sort()).toMatchInlineSnapshot(`
    [
      "Anvil",
      "Attestations",
      "Deployment",
      "FaultyRpc",
      "House",
      "Impersonation",
      "LitNetwork",
      "Postgres",
      "Service",
      "Wallet",
      "World",
    ]
  `)
})
