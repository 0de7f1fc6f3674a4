/** Keys in this process. The simplest signer, and the one whose keys are lost together with the process. */
import { BaseError } from './BaseError.ts'
import { isLocal } from './ChainConfig.ts'
import { type Hex, hash } from './Hex.ts'
import * as Secp256k1 from './Secp256k1.ts'
import type { Request, Signer } from './Signer.ts'

/**
 * A signer over private keys held here.
 *
 * @param args.privateKeys - 32 bytes each, all different.
 * @param args.threshold - how many sign each digest: the `m` of the book's m-of-n.
 * @param args.chainIds - where the signatures will hold. A development key signs for local chains only.
 * @throws {InvalidKeysError} a key is malformed, given twice, or publicly known; or the threshold cannot be met.
 */
export function of(args: of.Args): Signer<Pick<Request, 'digest'>> {
  const { privateKeys, threshold, chainIds } = args
  const accounts = privateKeys.map(accountOf).sort((a, b) => (a.address < b.address ? -1 : 1))
  const addresses = accounts.map(({ address }) => address)
  if (new Set(addresses).size !== addresses.length)
    throw new InvalidKeysError({ code: 'SIGNER_KEY_REPEATED', what: 'A key is given twice' })
  if (!Number.isSafeInteger(threshold) || threshold < 1 || threshold > accounts.length)
    throw new InvalidKeysError({ code: 'SIGNER_THRESHOLD_INVALID', what: `The threshold is ${threshold}, with ${accounts.length} keys` })
  const known = addresses.filter((address) => developmentAddresses.includes(address))
  const outside = chainIds.filter((chainId) => !isLocal(chainId))
  if (known.length > 0 && outside.length > 0)
    throw new InvalidKeysError({
      code: 'SIGNER_DEVELOPMENT_KEY',
      what: `Everybody knows the key of ${known.join(', ')}, and it would sign for chain ${outside.join(', ')}`,
    })

  const signing = accounts.slice(0, threshold)
  return {
    kind: 'local',
    addresses,
    threshold,
    sign: async (request) => {
      const digest = hash(request.digest, 'digest')
      return Promise.all(signing.map((account) => account.sign(digest)))
    },
  }
}

export declare namespace of {
  type Args = { readonly privateKeys: readonly Hex[]; readonly threshold: number; readonly chainIds: readonly number[] }
  type ErrorType = InvalidKeysError
}

/** Whose keys everybody knows: the first accounts of the mnemonic that development chains start with, and those of our own local chains. */
const developmentAddresses: readonly string[] = [
  '0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266',
  '0x70997970c51812dc3a010c7d01b50e0d17dc79c8',
  '0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc',
  '0x90f79bf6eb2c4f870365e785982e1f101e93b906',
  '0x15d34aaf54267db7d7c367839aaf71a00a2c6a65',
  '0x9965507d1a55bcc2695c58ba16fb37d819b0a4dc',
  '0x976ea74026e726554db657fa54763abd0c3a0aa9',
  '0x14dc79964da2c08b23698b3d3cc7ca32193d9955',
  '0x23618e81e3f5cdf7f54c3d65f7fbc0abf5b21e8f',
  '0xa0ee7a142d267c1f36714e4a8f75612f20a79720',
  '0xa4ba9c3a8059e92b42628475aaacd8ab5eb67310',
  '0x912c69f91c0289fec4c0bceaf31fa868776f0251',
  '0x5f96b26416e28fb3154f1343d3a08d5c764949ea',
  '0xde9d0f4637f649333bf783e85ae7a48ac1972623',
  '0xe38e8eb8f5950bf3adc9ddb5e3b16228fffe8cbd',
  '0xc12c23ba59657d5c9ce7e678aaaab0ff344cb061',
]

function accountOf(privateKey: Hex, index: number): Secp256k1.Key {
  try {
    return Secp256k1.of(hash(privateKey, 'private key'))
  } catch {
    // The cause would quote the key.
    throw new InvalidKeysError({ code: 'SIGNER_KEY_MALFORMED', what: `Key ${index + 1} is not a private key` })
  }
}

/** Thrown when the keys cannot sign, or must not. */
export class InvalidKeysError extends BaseError {
  override readonly name = 'LocalSigner.InvalidKeysError'
  constructor(args: { readonly code: string; readonly what: string }) {
    super({
      code: args.code,
      message: `${args.what}.`,
      hint: 'Give 32-byte hex keys of your own, each once, and a threshold between 1 and their number.',
    })
  }
}
