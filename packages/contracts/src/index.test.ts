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
      "collateralVaultLayout",
      "hostileTokenAbi",
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
      "hostileTokenBytecode",
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
