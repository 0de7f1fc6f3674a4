/** Sign-in with Ethereum (EIP-4361), with every check that a parser leaves to its caller. */
import { hashMessage } from 'viem'
import { createSiweMessage, parseSiweMessage } from 'viem/siwe'
import { BaseError } from './BaseError.ts'
import { signerOf } from './Ecdsa.ts'
import type { Hex } from './Hex.ts'

/** What this server signs people in for. From configuration, never from the request's Host header. */
export type Policy = {
  readonly domain: string
  readonly uri: string
  readonly chainIds: readonly number[]
}

export type SignIn = {
  /** Lower-case. */
  readonly account: Hex
  readonly chainId: number
  readonly issuedAt: number
  readonly expiresAt: number
}

export type Code =
  | 'SIWE_MALFORMED'
  | 'SIWE_VERSION'
  | 'SIWE_NONCE_UNKNOWN'
  | 'SIWE_NONCE_MISMATCH'
  | 'SIWE_DOMAIN_MISMATCH'
  | 'SIWE_URI_MISMATCH'
  | 'SIWE_CHAIN_NOT_ALLOWED'
  | 'SIWE_ISSUED_AT'
  | 'SIWE_EXPIRY_MISSING'
  | 'SIWE_EXPIRY_TOO_FAR'
  | 'SIWE_EXPIRED'
  | 'SIWE_NOT_YET_VALID'
  | 'SIWE_SIGNATURE_INVALID'

/** A message lives at most this long. */
export const maxLifetimeSeconds = 600

/** How far `issuedAt` may lie from this server's clock, either way. */
export const issuedAtToleranceSeconds = 60

/**
 * Checks a signed sign-in message. Externally owned accounts only; nothing is asked of any chain.
 *
 * @param args.nonce - the nonce that the caller has just deleted, atomically, before calling; null if there was none.
 * @param args.now - the server's clock. Unix seconds.
 * @returns who signed, and for how long the message holds.
 * @throws {RefusedError} with a code of its own for each check. Tell the caller only that sign-in failed.
 */
export async function verify(args: verify.Args): Promise<SignIn> {
  const { message, signature, policy, nonce, now } = args
  if (nonce === null) throw new RefusedError('SIWE_NONCE_UNKNOWN', 'its nonce was never given out, or is used')
  const fields = parse(message)
  if (fields.version !== '1') throw new RefusedError('SIWE_VERSION', 'its version is not 1')
  if (fields.nonce !== nonce) throw new RefusedError('SIWE_NONCE_MISMATCH', 'it carries another nonce')
  if (fields.scheme !== undefined && `${fields.scheme}:` !== new URL(policy.uri).protocol)
    throw new RefusedError('SIWE_DOMAIN_MISMATCH', 'it is for another scheme')
  if (fields.domain !== policy.domain) throw new RefusedError('SIWE_DOMAIN_MISMATCH', 'it is for another domain')
  if (fields.uri !== policy.uri) throw new RefusedError('SIWE_URI_MISMATCH', 'it is for another uri')
  if (!policy.chainIds.includes(fields.chainId)) throw new RefusedError('SIWE_CHAIN_NOT_ALLOWED', `chain ${fields.chainId} is not served`)
  const { issuedAt, expiresAt } = timesOf({ fields, now })

  const account = fields.address.toLowerCase() as Hex
  if ((await signerOf({ digest: hashMessage(message), signature })) !== account)
    throw new RefusedError('SIWE_SIGNATURE_INVALID', 'its account did not sign it')
  return { account, chainId: fields.chainId, issuedAt, expiresAt }
}

export declare namespace verify {
  type Args = {
    readonly message: string
    readonly signature: string
    readonly policy: Policy
    readonly nonce: string | null
    readonly now: number
  }
  type ErrorType = RefusedError
}

/**
 * The nonce of a message, for the caller to burn before `verify`.
 *
 * @throws {RefusedError} SIWE_MALFORMED.
 */
export function nonceOf(message: string): string {
  return parse(message).nonce
}

type Fields = {
  readonly scheme?: string | undefined
  readonly domain: string
  readonly address: Hex
  readonly uri: string
  readonly version: string
  readonly chainId: number
  readonly nonce: string
  readonly issuedAt: Date
  readonly expirationTime?: Date | undefined
  readonly notBefore?: Date | undefined
}

/** The longest message read. Characters. */
const MAX_LENGTH = 4_096

/** The parser skips what it does not know; a message that is not exactly what its fields write is refused. */
function parse(message: string): Fields {
  if (message.length > MAX_LENGTH) throw malformed()
  const parsed = parseSiweMessage(message)
  const { domain, address, uri, version, chainId, nonce, issuedAt } = parsed
  if (!domain || !address || !uri || !version || chainId === undefined || !nonce || !issuedAt) throw malformed()
  for (const time of [issuedAt, parsed.expirationTime, parsed.notBefore]) if (time && Number.isNaN(time.getTime())) throw malformed()
  if (version === '1' && written({ ...parsed, domain, address, uri, version, chainId, nonce, issuedAt }) !== withPlainTimes(message))
    throw malformed()
  return { ...parsed, domain, address, uri, version, chainId, nonce, issuedAt }
}

function written(fields: Parameters<typeof createSiweMessage>[0]): string {
  try {
    return createSiweMessage(fields)
  } catch {
    throw malformed()
  }
}

/** Wallets write times with and without milliseconds; both mean the same. */
function withPlainTimes(message: string): string {
  return message.replace(/^(Issued At|Expiration Time|Not Before): (\S+)$/gm, (line, field: string, value: string) => {
    const time = new Date(value)
    return Number.isNaN(time.getTime()) ? line : `${field}: ${time.toISOString()}`
  })
}

function timesOf(args: { readonly fields: Fields; readonly now: number }): { readonly issuedAt: number; readonly expiresAt: number } {
  const { fields, now } = args
  const issuedAt = secondsOf(fields.issuedAt)
  if (Math.abs(issuedAt - now) > issuedAtToleranceSeconds) throw new RefusedError('SIWE_ISSUED_AT', 'it was not issued now')
  if (!fields.expirationTime) throw new RefusedError('SIWE_EXPIRY_MISSING', 'it never expires')
  const expiresAt = secondsOf(fields.expirationTime)
  if (expiresAt <= now) throw new RefusedError('SIWE_EXPIRED', 'it has expired')
  if (expiresAt - issuedAt > maxLifetimeSeconds)
    throw new RefusedError('SIWE_EXPIRY_TOO_FAR', `it lives longer than ${maxLifetimeSeconds} s`)
  if (fields.notBefore && secondsOf(fields.notBefore) > now) throw new RefusedError('SIWE_NOT_YET_VALID', 'it does not hold yet')
  return { issuedAt, expiresAt }
}

function secondsOf(time: Date): number {
  return Math.floor(time.getTime() / 1000)
}

function malformed(): RefusedError {
  return new RefusedError('SIWE_MALFORMED', 'it is not a sign-in message')
}

/** Thrown when a sign-in message is not good enough. `code` is for the log; the caller gets one message for all. */
export class RefusedError extends BaseError {
  override readonly name = 'Siwe.RefusedError'
  declare readonly code: Code

  constructor(code: Code, why: string) {
    super({ code, message: `The sign-in message is refused: ${why}.`, hint: 'Ask for a new nonce, and sign the message again.' })
  }
}
