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
      "lendingReserveAbi",
      "limitBookAbi",
      "loopReceiptAbi",
      "multicallAbi",
      "oddTokenAbi",
      "perpVenueAbi",
      "priceFeedAbi",
      "receiptAbi",
      "testTokenAbi",
    ]
  `)
  expect(Object.keys(bytecode).sort()).toMatchInlineSnapshot(`
    [
      "collateralVaultBytecode",
      "lendingReserveBytecode",
      "limitBookBytecode",
      "loopReceiptBytecode",
      "multicallRuntimeBytecode",
      "oddTokenBytecode",
      "perpVenueBytecode",
      "priceFeedBytecode",
      "receiptBytecode",
      "testTokenBytecode",
    ]
  `)
})
