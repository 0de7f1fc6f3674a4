/** Who signed, checked offline. Contract wallets are not asked: that takes a read, at a pinned block. */
import { Signature } from '@plimsoll/contracts'
import type { Hex } from './Hex.ts'

/** The address whose key signed a digest, lower-case; null if the bytes are no signature that a contract would take. */
export async function signerOf(args: { readonly digest: Hex; readonly signature: string }): Promise<Hex | null> {
  try {
    return (await Signature.recover(args.digest, args.signature as Hex)).toLowerCase() as Hex
  } catch (error) {
    if (error instanceof Signature.MalformedSignatureError) return null
    throw error
  }
}
