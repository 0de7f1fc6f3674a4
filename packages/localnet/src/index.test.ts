import { expect, test } from 'vitest'
import * as index from './index.ts'

test('exports', () => {
  expect(Object.keys(index).sort()).toMatchInlineSnapshot(`
    [
      "Anvil",
      "Attestations",
      "BeaconNode",
      "Cid",
      "Deployment",
      "FaultyRpc",
      "House",
      "Impersonation",
      "LitNetwork",
      "LitService",
      "Nats",
      "Postgres",
      "Service",
      "Wallet",
      "World",
    ]
  `)
})
