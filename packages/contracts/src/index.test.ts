import { expect, test } from 'vitest'
import * as bytecode from './bytecode.ts'
import * as index from './index.ts'

test('exports', () => {
  expect(Object.keys(index).sort()).toMatchInlineSnapshot(`
    [
      "Certificate",
      "Hash",
      "LinkAccount",
      "Market",
      "MarketParams",
      "Release",
      "Signature",
      "Struct",
      "collateralVaultAbi",
      "collateralVaultLayout",
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
      "limitBookBytecode",
      "multicallRuntimeBytecode",
      "perpVenueBytecode",
      "priceFeedBytecode",
      "testTokenBytecode",
    ]
  `)
})
