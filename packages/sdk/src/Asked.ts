/** What was asked for: a gateway that names something else gets no signature, and what it hands over goes no further. */
import { Hash, Market } from '@plimsoll/contracts'
import { Inputs } from '@plimsoll/margin'
import { isAddressEqual } from 'viem'
import type { AccountSigner, Key, SignedLimit } from './MarginClient.ts'
import { MarginError } from './MarginError.ts'
import type { Transport } from './Transport.ts'

/** Whoever answers may have asked another gateway, to sign in there: what is signed names this one. */
export function domain(url: string, transport: Transport): void {
  const { hostname, username } = new URL(url)
  if (hostname !== transport.domain || username !== '')
    throw new MarginError({
      code: 'FOREIGN_DOMAIN',
      shortMessage: `The gateway asks for a sign-in to ${hostname}, and this is ${transport.domain}: nothing was signed.`,
      hint: 'Reach it by the name that people sign in to, or give that name to the transport as `domain`, if you trust it.',
    })
}

/** Whoever answers may want an account for somebody else: what is signed names the two that it was asked for. */
export function account(named: string, { address, chainId = 0 }: AccountSigner): void {
  const asked = `eip155:${chainId}:${address.toLowerCase()}`
  if (named !== asked)
    throw new MarginError({
      code: 'FOREIGN_ACCOUNT',
      shortMessage: `The gateway asks for signatures over ${named} instead of ${asked}: nothing was signed.`,
      hint: 'Sign in with the account that you give as `primary`, at a gateway that you trust.',
    })
}

/** Whoever answers may hand over a session of somebody else, so that what is asked for from then on is asked in their name. */
export function session(told: string, { address }: Pick<AccountSigner, 'address'>): void {
  if (told.toLowerCase() !== address.toLowerCase())
    throw new MarginError({
      code: 'FOREIGN_SESSION',
      shortMessage: `The gateway answered with a session of ${told} instead of ${address.toLowerCase()}: it is not kept.`,
      hint: 'Do not act at this gateway, and ask its operator.',
    })
}

/** A certificate may be good, and be somebody else's: what is handed on is what was asked for. */
export function certificate(signed: SignedLimit, key: Key & { readonly notional?: bigint }): SignedLimit {
  const { account, venue, market, notional } = key
  const { certificate: told, chainId } = signed
  const is =
    isAddressEqual(told.account, account) &&
    `eip155:${chainId}:${told.venue}`.toLowerCase() === venue.toLowerCase() &&
    told.market === Market.id(market) &&
    (notional === undefined || told.maxNotional === notional)
  if (!is) throw foreign(told)
  return signed
}

/** More than was asked for is what was open, by the inputs that the certificate binds: who keeps a position asks for no more than that. */
export function kept({ certificate: told }: SignedLimit, document: string): void {
  if (Hash.ofText(document) !== told.inputsHash || Inputs.parse(document).ledger.position.notional !== told.maxNotional) throw foreign(told)
}

function foreign({ account, venue }: SignedLimit['certificate']): MarginError {
  return new MarginError({
    code: 'FOREIGN_CERTIFICATE',
    shortMessage: `The gateway answered with a certificate of ${account} at ${venue} that was not asked for.`,
    hint: 'Do not act on it, and ask the operator of the gateway.',
  })
}
