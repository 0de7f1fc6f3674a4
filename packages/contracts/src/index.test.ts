import { expect, test } from 'vitest'
import * as bytecode from './bytecode.ts'
import * as index from './index.ts'

test('exports', () => {
  expect(Object.keys(index).sort()).toMatchInlineSnapshot(`
    [
      "Attestation",
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
      "backstopAbi",
      "collateralVaultAbi",
      "collateralVaultLayout",
      "contractWalletAbi",
      "easAbi",
      "hostileTokenAbi",
      "lendingReserveAbi",
      "limitBookAbi",
      "loopReceiptAbi",
      "mandatesAbi",
      "multicallAbi",
      "oddTokenAbi",
      "perpVenueAbi",
      "priceFeedAbi",
      "receiptAbi",
      "schemaRegistryAbi",
      "testTokenAbi",
      "trancheAbi",
    ]
  `)
  expect(Object.keys(bytecode).sort()).toMatchInlineSnapshot(`
    [
      "backstopBytecode",
      "collateralVaultBytecode",
      "contractWalletBytecode",
      "hostileTokenBytecode",
      "lendingReserveBytecode",
      "limitBookBytecode",
      "loopReceiptBytecode",
      "mandatesBytecode",
      "multicallRuntimeBytecode",
      "oddTokenBytecode",
      "perpVenueBytecode",
      "priceFeedBytecode",
      "receiptBytecode",
      "testTokenBytecode",
      "trancheBytecode",
    ]
  `)
})
