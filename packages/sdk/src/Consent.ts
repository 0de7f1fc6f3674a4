/** Taking back what an account signed to be one participant's with others: at the signers themselves, whoever stands between. */
import { EndConsent } from '@plimsoll/contracts'
import type { Address, Hex } from 'viem'
import * as Clock from './Clock.ts'
import type { AccountSigner } from './MarginClient.ts'
import { signing } from './MarginError.ts'

type AccountAt = { readonly address: Address; readonly chainId?: number }

/** An account's own word that what it signed is over: with another account, or with everybody. CAIP-10 ids; unix seconds. */
export type Ending = {
  readonly message: { readonly account: string; readonly other: string | null; readonly issuedAt: number }
  readonly signature: Hex
}

/** What one signer made of it. */
export type Ended =
  /**
   * It counts nothing any more on what is over, in whatever it is asked to sign. `lasting`: for good, as it knows that the account has something
   * that could be counted. Else only as long as it has room, which goes for a signer that does not say, too.
   */
  | { readonly url: string; readonly status: 'kept'; readonly lasting: boolean; readonly message: null }
  | { readonly url: string; readonly status: 'refused' | 'unable' | 'unreachable'; readonly message: string }

/** How long one signer is waited for. */
const timeoutMs = 10_000

/**
 * Signs that what `account` signed with `other`, or with everybody, is over, and takes it to each signer. It is dated by their clocks.
 *
 * It is good however often it is brought, and by whomever: keep it, and bring it again to a signer that could not be reached. Certificates that
 * are out end by themselves, within 300 s. Whoever links the accounts again after signs anew, and counts again. Where what is kept is not `lasting`,
 * bring it again half a minute later, when the signer has looked at what the account has; and, of an account that has nothing yet, after its first deposit is final.
 *
 * @param args.signers - the URLs under which they take it: each that is left out goes on counting.
 * @throws {MarginError} the account did not sign, or nobody knows what time it is.
 *
 * @example
 * // A viem local account, or a wallet behind the same functions.
 * const account = { address: `0x${'0a'.repeat(20)}`, signMessage: async () => '0x01', signTypedData: async () => '0x01' }
 * const { answers } = await endConsent({ account, signers: ['http://127.0.0.1:9'] })
 * answers
 * // => [{ url: 'http://127.0.0.1:9', status: 'unreachable', message: 'It did not answer.' }]
 */
export async function endConsent(args: {
  readonly account: AccountSigner
  readonly other?: AccountAt
  readonly signers: readonly string[]
}): Promise<{ readonly ending: Ending; readonly answers: readonly Ended[] }> {
  const { account, other, signers } = args
  const issuedAt = await Clock.at(signers.map(endAt))
  const ending = await signing(() => sign({ by: account, other: other ?? null, issuedAt }))
  return { ending, answers: await Promise.all(signers.map((url) => bring(url, ending))) }
}

/**
 * Signs that it is over between whoever leaves and who signs it; with everybody, where that is one and the same.
 *
 * @param args.issuedAt - by the clock of whoever takes it: whatever is signed until then is over. Unix seconds.
 */
export async function sign(args: {
  readonly by: AccountSigner
  readonly other: AccountAt | null
  readonly issuedAt: number
}): Promise<Ending> {
  const { by, other, issuedAt } = args
  const message = {
    account: idOf(by),
    other: other === null || idOf(other) === idOf(by) ? null : idOf(other),
    issuedAt,
  }
  const typed = EndConsent.typedData({ ...message, other: message.other ?? '', issuedAt: BigInt(message.issuedAt) })
  return { message, signature: await by.signTypedData(typed) }
}

async function bring(url: string, ending: Ending): Promise<Ended> {
  try {
    const response = await fetch(endAt(url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(ending),
      signal: AbortSignal.timeout(timeoutMs),
    })
    const { status, lasting, code, message } = (await response.json()) as Readonly<Record<string, unknown>>
    if (status === 'kept') return { url, status, lasting: lasting === true, message: null }
    const told = `${String(code)}: ${String(message)}`.slice(0, 300)
    return status === 'refused' || status === 'unable'
      ? { url, status, message: told }
      : { url, status: 'unreachable', message: 'What answered there is no signer.' }
  } catch {
    return { url, status: 'unreachable', message: 'It did not answer.' }
  }
}

function endAt(url: string): string {
  return `${url.replace(/\/$/, '')}/end`
}

function idOf({ address, chainId = 0 }: AccountAt): string {
  return `eip155:${chainId}:${address.toLowerCase()}`
}
