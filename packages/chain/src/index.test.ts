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
      "JointSigner",
      "Holdings",
      "LinkProof",
      "LitAction",
      "LitSigner",
      "LocalSigner",
      "Log",
      "MerkleProof",
      "Mark",
      "Multicall",
      "Oracle",
      "Outflow",
      "PriceGuard",
      "Probation",
      "Query",
      "Quorum",
      "QuorumSigner",
      "Secp256k1",
      "Signer",
      "Sequencer",
      "Siwe",
      "VaultProof",
      "Venue",
    ]
  `)
})
