/** Signing a digest with a private key: natively where the add-on loads, else in script. Both give the same bytes. */
import { createRequire } from 'node:module'
import { bytesToHex, hexToBytes } from 'viem'
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import type { Hex } from './Hex.ts'

/** One key, ready to sign. */
export type Key = {
  readonly backend: 'native' | 'script'
  /** Lower-case. */
  readonly address: Hex
  /** 65 bytes r, s, v over a digest: deterministic (RFC 6979), s in the lower half of the order, v 27 or 28. */
  readonly sign: (digest: Hex) => Promise<Hex>
}

/** What is used of the add-on. Its package falls back to a slow script of its own, so that the native part is asked for by name. */
type Native = {
  readonly ecdsaSign: (digest: Uint8Array, privateKey: Uint8Array) => { readonly signature: Uint8Array; readonly recid: number }
}

/**
 * A key on the fastest backend of this machine.
 *
 * @param privateKey - 32 bytes.
 * @throws what viem throws, which may quote the key: catch it where keys are read.
 */
export function of(privateKey: Hex): Key {
  return native ? onNative(native, privateKey) : onScript(privateKey)
}

/** A key on viem's own signing: what `of` gives where no add-on loads. */
export function onScript(privateKey: Hex): Key {
  const account: PrivateKeyAccount = privateKeyToAccount(privateKey)
  return {
    backend: 'script',
    address: account.address.toLowerCase() as Hex,
    sign: (digest) => account.sign({ hash: digest }),
  }
}

function onNative(addon: Native, privateKey: Hex): Key {
  // viem derives the address, and refuses what is no key.
  const script = onScript(privateKey)
  const key = hexToBytes(privateKey)
  return {
    backend: 'native',
    address: script.address,
    sign: async (digest) => {
      if (BigInt(digest) >= order) return script.sign(digest)
      const { signature, recid } = addon.ecdsaSign(hexToBytes(digest), key)
      return `${bytesToHex(signature)}${recid === 0 ? '1b' : '1c'}`
    },
  }
}

/** Of the curve. A digest from here on is taken modulo it by RFC 6979, and as it stands by the add-on: once in 2¹²⁸ digests. */
const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n

/** Null where the machine has no build of it: the package is optional. */
function load(): Native | null {
  try {
    return createRequire(import.meta.url)('secp256k1/bindings.js') as Native
  } catch {
    return null
  }
}

const native = load()
