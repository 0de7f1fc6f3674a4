/** m of n signers, each a process of its own that checks for itself before it signs. Asked all at once; what they send is believed only when it recovers. */
import { Certificate, MarkDown } from '@plimsoll/contracts'
import { BaseError } from './BaseError.ts'
import * as Breaker from './Breaker.ts'
import { signerOf } from './Ecdsa.ts'
import type { Ending } from './Ending.ts'
import { type Hex, address as parseAddress } from './Hex.ts'
import * as Http from './Http.ts'
import type { Random } from './Jitter.ts'
import {
  DisagreeError,
  type Failure,
  type MarkDownRequest,
  type Request,
  type Signer,
  type TiedRequest,
  UnavailableError,
  type Uncounted,
} from './Signer.ts'
import type { Tie } from './Tie.ts'
import * as Uncounting from './Uncounting.ts'

/** One signer: where it is asked, and whose signature counts as its own. */
export type Member = { readonly url: string; readonly address: Hex }

/** Who signs certificates, and orders to lower credit: the same members, each asked in the way that fits. */
export type QuorumSigner = Signer<TiedRequest> & { readonly markDowns: Signer<MarkDownRequest> }

/** A certificate, and what it follows from. */
export type Question = {
  readonly chainId: number
  readonly limitBook: Hex
  readonly certificate: Certificate.Message
  /** Canonical text of the inputs. */
  readonly document: string
}

/** As it is sent: with what the participant's accounts signed to be one's, and what of it is over. */
export type TiedQuestion = Question & { readonly ties: readonly Tie[]; readonly endings: readonly Ending[] }

/** What is sent to a signer's `/mark-down`; amounts of the evidence as decimal strings. */
export type MarkDownQuestion = Omit<MarkDownRequest, 'digest' | 'markDown'> & { readonly markDown: MarkDown.Message }

/** What a signer answers. */
export type Answer =
  | { readonly status: 'signed'; readonly signature: Hex }
  /** It found wrong what it was asked to sign: a certificate more generous than its own, an order lower than is certain. */
  | ({ readonly status: 'refused' } & Unsigned)
  /** It could not check, so it says nothing of what it was asked. */
  | ({ readonly status: 'unable' } & Unsigned)

/** @property uncounted - everybody whose collateral it does not count, where that is why. */
type Unsigned = { readonly code: string; readonly message: string; readonly uncounted?: readonly Uncounted[] }

/** No longer than this is a signer left alone, however often it failed: a signer that is back is asked again soon. */
const longestRestMs = 10_000

/**
 * The collector of m of n signers.
 *
 * It computes the digest itself, and takes a signature only if it recovers to the member that sent it. The first m that do are given, in
 * the order of their addresses; nobody waits for the rest. A member that fails costs its timeout once and then rests for some seconds.
 * Where members name somebody whom they do not count, the rest is heard for half of the time that is left: who is left out is for more than n − m
 * of them to say (`Uncounting.agreed`).
 *
 * @param args.threshold - m, as the books have it.
 * @param args.timeoutMs - for one request as a whole. Below what the ledger allows a decision.
 * @throws {InvalidSignersError} an address is malformed or given twice, or the threshold cannot be met.
 */
export function of(args: of.Args): QuorumSigner {
  const { threshold, timeoutMs, nowMs = Date.now, random = Math.random } = args
  const members = args.members
    .map(({ url, address }) => ({ url, address: parseAddress(address, 'signer') }))
    .sort((a, b) => (a.address < b.address ? -1 : 1))
  const addresses = members.map(({ address }) => address)
  if (new Set(addresses).size !== addresses.length) throw new InvalidSignersError('A signer is given twice')
  if (!Number.isSafeInteger(threshold) || threshold < 1 || threshold > members.length)
    throw new InvalidSignersError(`The threshold is ${threshold}, with ${members.length} signers`)
  const breakers = new Map<Hex, { readonly breaker: Breaker.Breaker; readonly failedAt: number }>()

  const isResting = ({ address }: Member): boolean => {
    const known = breakers.get(address)
    return known !== undefined && Breaker.isOpen(known.breaker, nowMs()) && nowMs() < known.failedAt + longestRestMs
  }
  const note = ({ address }: Member, outcome: Breaker.Outcome): void => {
    const at = nowMs()
    breakers.set(address, {
      breaker: Breaker.next({ breaker: breakers.get(address)?.breaker ?? Breaker.closed, outcome, at, random }),
      failedAt: at,
    })
  }

  async function collect({ path, body, digest }: Asking): Promise<readonly Hex[]> {
    const rested = members.filter((member) => !isResting(member))
    const awake = rested.length >= threshold ? rested : members
    const resting = members.filter((member) => !awake.includes(member))
    const failures: Failure[] = resting.map(({ address }) => ({ signer: address, why: 'resting', detail: 'it failed a moment ago' }))
    const signatures = new Map<Hex, Hex>()
    const done = new AbortController()
    let isLate = false

    const startedAt = performance.now()
    const isLost = () => members.length - failures.filter(({ why }) => why === 'refused' || why === 'false').length < threshold
    const isNamed = () => failures.some(({ uncounted = [] }) => uncounted.length > 0)

    await new Promise<void>((resolve) => {
      let pending = awake.length
      let patience: NodeJS.Timeout | undefined
      const settle = () => {
        pending -= 1
        if (signatures.size >= threshold || pending === 0 || (isLost() && !isNamed())) resolve()
        else if (isLost()) patience ??= setTimeout(resolve, (timeoutMs - (performance.now() - startedAt)) / 2)
      }
      const timer = setTimeout(() => {
        isLate = true
        resolve()
      }, timeoutMs)
      done.signal.addEventListener('abort', () => {
        clearTimeout(timer)
        clearTimeout(patience)
      })
      for (const member of awake)
        void ask({ member, path, body, digest, timeoutMs, signal: done.signal })
          .then((outcome) => {
            // What comes after the answer was given is nobody's fault.
            if (done.signal.aborted) return
            if (typeof outcome === 'string') signatures.set(member.address, outcome)
            else failures.push(outcome)
            const silent = typeof outcome !== 'string' && (outcome.why === 'timeout' || outcome.why === 'unreachable')
            note(member, silent ? (outcome.why === 'timeout' ? 'timeout' : 'failed') : 'answered')
          })
          .finally(settle)
    })
    for (const member of awake) {
      const heard = signatures.has(member.address) || failures.some(({ signer }) => signer === member.address)
      if (heard || !isLate) continue
      note(member, 'timeout')
      failures.push({ signer: member.address, why: 'timeout', detail: `no answer within ${timeoutMs} ms` })
    }
    done.abort()

    if (signatures.size >= threshold)
      return [...signatures]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .slice(0, threshold)
        .map(([, it]) => it)
    const uncounted = Uncounting.agreed({ said: failures, members: members.length, threshold })
    throw isLost() ? new DisagreeError({ threshold, failures, uncounted }) : new UnavailableError({ threshold, failures, uncounted })
  }

  const sign = async (request: TiedRequest) => {
    const { digest, question } = questionOf(request)
    const tied: TiedQuestion = { ...question, ties: request.ties, endings: request.endings ?? [] }
    return collect({ path: 'sign', body: JSON.stringify(tied), digest })
  }
  const signMarkDown = async ({ digest: _, markDown, ...rest }: MarkDownRequest) => {
    const digest = MarkDown.digest(markDown, { chainId: rest.chainId, verifyingContract: rest.limitBook })
    const question: MarkDownQuestion = { ...rest, markDown: MarkDown.toMessage(markDown) }
    const body = JSON.stringify(question, (_key, value: unknown) => (typeof value === 'bigint' ? `${value}` : value))
    return collect({ path: 'mark-down', body, digest })
  }
  const set = { kind: 'quorum', addresses, threshold } as const
  return { ...set, sign, markDowns: { ...set, sign: signMarkDown } }
}

/** What signers that check are asked, and the digest that their signatures must be over: computed here, whatever the request says it is. */
export function questionOf(request: Request): { readonly question: Question; readonly digest: Hex } {
  const { chainId, limitBook, certificate, document } = request
  return {
    question: { chainId, limitBook, certificate: Certificate.toMessage(certificate), document },
    digest: Certificate.digest(certificate, { chainId, verifyingContract: limitBook }),
  }
}

/** Where the same question is put to every member, and over what its signature must be. */
type Asking = { readonly path: 'sign' | 'mark-down'; readonly body: string; readonly digest: Hex }

export declare namespace of {
  type Args = {
    readonly members: readonly Member[]
    readonly threshold: number
    readonly timeoutMs: number
    /** Unix milliseconds. */
    readonly nowMs?: () => number
    readonly random?: Random
  }
}

/** An answer is a signature, or a sentence and whom it does not count: more than this is read from nobody. Bytes. */
const maxAnswerBytes = 32 * 1024

/** A signature of this member over the digest, or why there is none. */
async function ask(
  args: Asking & { readonly member: Member; readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<Hex | Failure> {
  const { member, path, body, digest, timeoutMs, signal } = args
  const failure = (why: Failure['why'], detail: string): Failure => ({ signer: member.address, why, detail })
  let text: string | null
  try {
    const response = await fetch(`${member.url.replace(/\/$/, '')}/${path}`, {
      method: 'POST',
      redirect: 'error',
      headers: { 'content-type': 'application/json' },
      body,
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    })
    text = await Http.read(response, maxAnswerBytes)
  } catch (error) {
    const isLate = error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError')
    return isLate ? failure('timeout', `no answer within ${timeoutMs} ms`) : failure('unreachable', 'the connection failed')
  }
  const answer = text === null ? null : parse(text)
  if (answer === null) return failure('false', 'it answered something else than an answer')
  if (answer.status !== 'signed') {
    const { status, code, message, uncounted = [] } = answer
    return { ...failure(status, `${code}: ${message}`), ...(uncounted.length > 0 ? { uncounted } : {}) }
  }
  const recovered = await signerOf({ digest, signature: answer.signature })
  return recovered === member.address
    ? answer.signature
    : failure('false', `its signature is ${recovered === null ? 'none' : `of ${recovered}`}`)
}

function parse(text: string): Answer | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  if (typeof value !== 'object' || value === null) return null
  const { status, signature, code, message, uncounted } = value as Record<string, unknown>
  if (status === 'signed')
    return typeof signature === 'string' && /^0x[0-9a-f]{130}$/i.test(signature) ? { status, signature: signature as Hex } : null
  if (status !== 'refused' && status !== 'unable') return null
  return typeof code === 'string' && typeof message === 'string'
    ? { status, code: code.slice(0, 100), message: message.slice(0, 300), uncounted: Uncounting.parse(uncounted) }
    : null
}

/** Thrown when the set of signers cannot give what a book asks for. */
export class InvalidSignersError extends BaseError {
  override readonly name = 'QuorumSigner.InvalidSignersError'
  constructor(what: string) {
    super({
      code: 'SIGNERS_INVALID',
      message: `${what}.`,
      hint: 'Give each signer once, with its address, and a threshold between 1 and their number.',
    })
  }
}
