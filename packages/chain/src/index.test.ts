import { expect, test } from 'vitest'
import * as chain from './index.ts'

test('exports', () => {
  expect(Object.keys(chain).sort()).toMatchInlineSnapshot(`
    [
      "Agreement",
      "BaseError",
      "Book",
      "Breaker",
      "ChainConfig",
      "Circuit",
      "CollateralView",
      "Conduct",
      "Contract",
      "Dissent",
      "Diversity",
      "Event",
      "Header",
      "Hex",
      "History",
      "Holdings",
      "LinkProof",
      "LocalSigner",
      "Log",
      "MerkleProof",
      "Multicall",
      "Oracle",
      "Outflow",
      "PriceGuard",
      "Probation",
      "Query",
      "Quorum",
      "Sequencer",
      "Siwe",
      "VaultProof",
      "Venue",
    ]
  `)
})
