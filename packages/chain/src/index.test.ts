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
      "LinkProof",
      "LocalSigner",
      "Log",
      "Mark",
      "Multicall",
      "Oracle",
      "Outflow",
      "Query",
      "Quorum",
      "Siwe",
      "Venue",
    ]
  `)
})
