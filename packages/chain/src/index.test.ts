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
      "Eas",
      "Event",
      "Groth16",
      "Header",
      "Hex",
      "History",
      "LinkProof",
      "LocalSigner",
      "Log",
      "Multicall",
      "Oracle",
      "Outflow",
      "PrivateTree",
      "Query",
      "Quorum",
      "Semaphore",
      "Siwe",
      "Venue",
    ]
  `)
})
