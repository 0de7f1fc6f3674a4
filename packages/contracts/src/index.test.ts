import { expect, test } from 'vitest'
import * as bytecode from './bytecode.ts'
import * as index from './index.ts'

test('exports', () => {
  expect(Object.keys(index).sort()).toMatchInlineSnapshot(`
    [
      "Certificate",
      "Hash",
      "LinkAccount",
      "MarkDown",
      "Market",
      "MarketParams",
      "Release",
      "Settlement",
      "Signature",
      "Struct",
      "collateralVaultAbi",
      "hostileTokenAbi",
      "limitBookAbi",
      "multicallAbi",
      "perpVenueAbi",
      "priceFeedAbi",
      "testTokenAbi",
    ]
  `)
  expect(Object.keys(bytecode).sort()).toMatchInlineSnapshot(`
    [
      "collateralVaultBytecode",
      "hostileTokenBytecode",
      "limitBookBytecode",
      "multicallRuntimeBytecode",
      "perpVenueBytecode",
      "priceFeedBytecode",
      "testTokenBytecode",
    ]
  `)
})
