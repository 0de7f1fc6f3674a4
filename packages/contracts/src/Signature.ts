import { type Address, type Hex, hexToBigInt, recoverAddress, size, slice } from 'viem'
import { BaseError } from './BaseError.ts'

/** Half the order of secp256k1. Above it lies the twin of a signature that says the same. */
const halfOrder = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n

/**
 * Who signed the digest, as strictly as the contracts ask: 65 bytes, s in the lower half, v 27 or 28.
 *
 * viem's own recovery also takes the high-s twin, which the contracts refuse.
 *
 * @throws {MalformedSignatureError} the signature has another form, or recovers to nobody.
 */
export async function recover(digest: Hex, signature: Hex): Promise<Address> {
  if (!/^0x[0-9a-f]{130}$/i.test(signature) || size(signature) !== 65) throw new MalformedSignatureError({ signature })
  const v = hexToBigInt(slice(signature, 64))
  if (hexToBigInt(slice(signature, 32, 64)) > halfOrder || (v !== 27n && v !== 28n)) throw new MalformedSignatureError({ signature })
  try {
    return await recoverAddress({ hash: digest, signature })
  } catch (cause) {
    throw new MalformedSignatureError({ signature, cause })
  }
}

/**
 * The signatures in the order the contracts ask for: by signer address, rising.
 *
 * @throws {MalformedSignatureError} one of them recovers to nobody.
 */
export async function sort(digest: Hex, signatures: readonly Hex[]): Promise<Hex[]> {
  const signed = await Promise.all(
    signatures.map(async (signature) => ({ signature, signer: hexToBigInt(await recover(digest, signature)) })),
  )
  return signed.sort((a, b) => (a.signer < b.signer ? -1 : 1)).map(({ signature }) => signature)
}

/** Thrown when a signature has a form that no contract takes. */
export class MalformedSignatureError extends BaseError {
  override readonly name = 'Signature.MalformedSignatureError'
  override readonly code = 'SIGNATURE_MALFORMED'
  readonly signature: Hex

  constructor(options: { readonly signature: Hex; readonly cause?: unknown }) {
    super(`The signature ${options.signature.slice(0, 18)}… is malformed.`, {
      hint: 'Send 65 bytes r, s, v as 0x-hex, s in the lower half of the order, v 27 or 28.',
      cause: options.cause,
    })
    this.signature = options.signature
  }
}
