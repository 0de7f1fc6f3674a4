import { BaseError } from './BaseError.ts'

/**
 * A CAIP-10 account id of an EVM account: `eip155:<chainId>:<lower-case address>`.
 *
 * An externally owned account is the same person on every chain, so its id carries chain 0; a contract account is
 * somebody only on its own chain, so its id carries that chain.
 */
export type Caip10 = `eip155:${number}:0x${string}`

export type Parts = { readonly chainId: number; readonly address: `0x${string}` }

const pattern = /^eip155:(0|[1-9]\d{0,15}):(0x[0-9a-f]{40})$/
const address = /^0x[0-9a-fA-F]{40}$/

/**
 * The parts of an id. Strict: one spelling an account, or two spellings would be two accounts.
 *
 * @throws {InvalidAccountError} not `eip155`, a chain id with leading zeros or above 2^53 − 1, an address that is not 20 bytes in lower case.
 *
 * @example
 * Caip10.parse('eip155:0:0x00000000000000000000000000000000000000ab')
 * // => { chainId: 0, address: '0x00000000000000000000000000000000000000ab' }
 */
export function parse(text: string): Parts {
  const match = pattern.exec(text)
  const chainId = Number(match?.[1])
  if (!match || !Number.isSafeInteger(chainId)) throw new InvalidAccountError(text)
  return { chainId, address: match[2] as `0x${string}` }
}

/**
 * The id of an account on one chain; the address may come in any case.
 *
 * @throws {InvalidAccountError} the chain id is not a whole number or the address not 20 bytes of hex.
 *
 * @example
 * Caip10.format({ chainId: 31337001, address: '0x00000000000000000000000000000000000000AB' })
 * // => 'eip155:31337001:0x00000000000000000000000000000000000000ab'
 */
export function format(parts: { readonly chainId: number; readonly address: string }): Caip10 {
  if (!Number.isSafeInteger(parts.chainId) || parts.chainId < 0 || !address.test(parts.address))
    throw new InvalidAccountError(`eip155:${parts.chainId}:${parts.address}`)
  return `eip155:${parts.chainId}:${parts.address.toLowerCase() as `0x${string}`}`
}

/**
 * The id of an externally owned account: one identity on every chain.
 *
 * @example
 * Caip10.eoa('0x00000000000000000000000000000000000000AB')
 * // => 'eip155:0:0x00000000000000000000000000000000000000ab'
 */
export function eoa(account: string): Caip10 {
  return format({ chainId: 0, address: account })
}

/**
 * Whether an account is somebody on a chain: an externally owned one on every chain, a contract account on its own only; at the same address
 * elsewhere there may be another's.
 *
 * @example
 * [0, 1, 2].map((chainId) => Caip10.isOn({ chainId, address: '0x00000000000000000000000000000000000000ab' }, 2))
 * // => [true, false, true]
 */
export function isOn(account: Parts, chainId: number): boolean {
  return account.chainId === 0 || account.chainId === chainId
}

/** Thrown when a text is not the one spelling of an account id. */
export class InvalidAccountError extends BaseError {
  override readonly name = 'Caip10.InvalidAccountError'
  readonly account: string
  constructor(account: string) {
    super({
      code: 'INVALID_ACCOUNT',
      message: `"${account.slice(0, 80)}" is not a CAIP-10 id of an EVM account.`,
      hint: 'Write eip155:<chainId>:<lower-case address>, with chain 0 for an externally owned account.',
    })
    this.account = account
  }
}
