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
      "CollateralView",
      "Conduct",
      "Contract",
      "Dissent",
      "Event",
      "Header",
      "Hex",
      "History",
      "JointSigner",
      "LinkProof",
      "LitAction",
      "LitSigner",
      "LocalSigner",
      "Log",
      "Multicall",
      "Oracle",
      "Outflow",
      "Query",
      "Quorum",
      "QuorumSigner",
      "Secp256k1",
      "Signer",
      "Siwe",
      "Venue",
    ]
  `)
})
