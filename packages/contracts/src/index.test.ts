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
      "Market",
      "MarketParams",
      "Release",
      "Signature",
      "Struct",
      "collateralVaultAbi",
      "contractWalletAbi",
      "easAbi",
      "limitBookAbi",
      "multicallAbi",
      "perpVenueAbi",
      "priceFeedAbi",
      "schemaRegistryAbi",
      "testTokenAbi",
    ]
  `)
  expect(Object.keys(bytecode).sort()).toMatchInlineSnapshot(`
    [
      "collateralVaultBytecode",
      "contractWalletBytecode",
      "limitBookBytecode",
      "multicallRuntimeBytecode",
      "perpVenueBytecode",
      "priceFeedBytecode",
      "testTokenBytecode",
    ]
  `)
})
