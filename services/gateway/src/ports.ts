/** The api's ports over store and chain: who signs in, who is linked to whom, what the ledger holds. */
import type { Services } from '@plimsoll/api'
import { Ending, LinkProof, MergeProof, Siwe, Tie } from '@plimsoll/chain'
import { Review } from '@plimsoll/margin'
import { Caip10, LinkMessage, MergeMessage, Participant } from '@plimsoll/reputation'
import { Certificates, type Database, Ledger, Nonces, Outbox, Participants, Sessions } from '@plimsoll/store'
import * as Members from './jobs/members.ts'
import type { Upkeep } from './jobs/upkeep.ts'
import * as Refusal from './refusal.ts'
import type { State } from './state.ts'

type Hex = `0x${string}`

const nonceSeconds = 300
const linkSeconds = 600
const sessionSeconds = 12 * 3_600
/** How long a session is answered from memory before the database is asked again. */
const rememberMs = 60_000

const { coolDownSeconds } = Participant

/** Sessions by token, remembered so that a warm request asks no database. */
export type SessionBook = {
  /** @param charge - for a token that is not known here, before the database is asked: whoever makes tokens up pays for each. */
  readonly of: (token: string, charge: () => Promise<void>) => Promise<Services.Session | null>
  readonly forget: (token: string) => void
  readonly remember: (token: string, session: Services.Session) => void
  /** Forgets every session of an account: it may have been ended elsewhere. */
  readonly forgetAccount: (account: string) => void
}

export function sessions(database: Database.Database, nowMs: () => number): SessionBook {
  const known = new Map<string, { readonly session: Services.Session; readonly until: number }>()
  /** Rises with whatever is forgotten: what the database had said before then is remembered no more. */
  let forgotten = 0
  const remember = (token: string, session: Services.Session) => {
    if (known.size >= 10_000) known.clear()
    known.set(token, { session, until: Math.min(session.expiresAt * 1000, nowMs() + rememberMs) })
  }
  return {
    remember,
    forget: (token) => {
      forgotten += 1
      known.delete(token)
    },
    forgetAccount: (account) => {
      forgotten += 1
      for (const [token, { session }] of known) if (session.account === account) known.delete(token)
    },
    of: async (token, charge) => {
      const hit = known.get(token)
      if (hit && hit.until > nowMs()) return hit.session
      if (!hit) await charge()
      const before = forgotten
      const verified = await Sessions.verify(database, token)
      if (verified.status !== 'active') {
        known.delete(token)
        return null
      }
      const { account, participantId, expiresAt } = verified.session
      const session = { account, participantId, expiresAt }
      if (forgotten === before) remember(token, session)
      return session
    },
  }
}

/** The session behind a token: as it is remembered, and the database is asked at once where its account has left, at whatever gateway. */
export function sessionOf(book: SessionBook, state: Pick<State, 'accounts'>): SessionBook['of'] {
  return async (token, charge) => {
    const session = await book.of(token, charge)
    if (session === null || state.accounts(session.participantId).some(({ address }) => address === session.account)) return session
    book.forget(token)
    return book.of(token, charge)
  }
}

/** Sign-in: the nonce is burned before the message is looked at. */
export function auth(args: {
  readonly database: Database.Database
  readonly book: SessionBook
  readonly sessionOf: SessionBook['of']
  readonly origin: string
  readonly chainIds: readonly number[]
  readonly nowMs: () => number
}): Services.Services['auth'] {
  const { database, book, sessionOf, origin, chainIds, nowMs } = args
  const domain = new URL(origin).host
  return {
    domain,
    uri: origin,
    chainIds,
    nonce: () => Nonces.create(database, { purpose: 'sign-in', subject: null, ttlSeconds: nonceSeconds }),
    signIn: async ({ message, signature }) => {
      const nonce = Siwe.nonceOf(message)
      const burnt = await Nonces.burn(database, { nonce, purpose: 'sign-in', subject: null })
      const { account } = await Siwe.verify({
        message,
        signature,
        policy: { domain, uri: origin, chainIds },
        nonce: burnt.status === 'burnt' ? nonce : null,
        now: Math.floor(nowMs() / 1000),
      })
      const { participantId } = await Participants.ensure(database, { account: Caip10.eoa(account) })
      const { token, session } = await Sessions.create(database, { participantId, account, ttlSeconds: sessionSeconds })
      const shown = { account, participantId, expiresAt: session.expiresAt }
      book.remember(token, shown)
      return { token, session: shown }
    },
    signOut: async (token) => {
      await Sessions.end(database, token)
      // Afterwards: who asked meanwhile had it from a database that knew it still.
      book.forget(token)
    },
    // It was charged for when its request came.
    session: (token) => sessionOf(token, async () => {}),
  }
}

function signed(tie: Tie.Tie): Participants.Tie {
  return { ...Tie.consent(tie), signed: JSON.stringify(tie) }
}

/**
 * What an account signed to part, as it is kept for signers: where it has nothing to do with who leaves, leaves standing what it signed, or nobody
 * signed it, nobody leaves.
 */
async function parting(args: {
  readonly ending: Services.Ending
  readonly leaving: string
  /** What the participant's accounts signed. */
  readonly kept: readonly Participants.Tie[]
  readonly readers: State['readers']
  readonly now: number
}): Promise<Participants.Tie> {
  const { ending, leaving, kept, readers, now } = args
  const { account, other, issuedAt } = ending.message
  if (account !== leaving && other !== leaving) throw new Refusal.RefusedError('UNLINK', 'ENDING_OF_ANOTHER')
  // Of a time to come it would end what is signed anew until then, and signers wait for it.
  if (issuedAt > now + Review.clockToleranceSeconds || issuedAt < now - linkSeconds) throw new Refusal.RefusedError('UNLINK', 'ENDING_TIME')
  const { ties = [], words = [] } = Object.groupBy(kept, ({ other }) => (other.startsWith(Members.endOf) ? 'words' : 'ties'))
  const own = ties.filter(({ one, other }) => one === leaving || other === leaving).map(({ signed }): Tie.Tie => JSON.parse(signed))
  const over = [ending.message, ...words.map(({ signed }): Ending.Message => JSON.parse(signed).message)]
  if (!own.every((tie) => over.some((word) => Ending.ends(word, tie)))) throw new Refusal.RefusedError('UNLINK', 'ENDING_LEAVES_TIES')
  if ((await Ending.verify({ ending, readers })) !== 'signed') throw new Refusal.RefusedError('UNLINK', 'ENDING_SIGNATURE')
  return { one: account, other: `${Members.endOf}${other ?? ''}`, signed: JSON.stringify(ending) }
}

/** Linking: the nonce is burned, then what the message says is checked, then both signatures, then the database decides. */
export function identity(args: {
  readonly database: Database.Database
  readonly state: State
  readonly book: SessionBook
  readonly nowMs: () => number
}): Services.Services['identity'] {
  const { database, state, book, nowMs } = args
  const now = () => Math.floor(nowMs() / 1000)
  return {
    accounts: async (participantId) =>
      (await Participants.accounts(database, participantId)).map(({ account, linkedAt }) => ({ account, linkedAt })),
    owns: async (participantId, account, chainId) => state.owns(participantId, account, chainId),
    prepareLink: async (session, account) => {
      const nonce = await Nonces.create(database, { purpose: 'link', subject: session.participantId, ttlSeconds: linkSeconds })
      const issuedAt = now()
      return {
        participantId: session.participantId,
        account: Caip10.format(account),
        primary: Caip10.eoa(session.account),
        nonce,
        issuedAt,
        expiresAt: issuedAt + linkSeconds,
      }
    },
    link: async (session, { message, accountSignature, primarySignature }) => {
      const burnt = await Nonces.burn(database, { nonce: message.nonce, purpose: 'link', subject: session.participantId })
      const accounts = await Participants.accounts(database, session.participantId)
      const participant = {
        participantId: session.participantId,
        mergedInto: null,
        accounts,
        negatives: await Participants.flags(database, session.participantId),
      }
      const assertHolds = (signatures: LinkProof.LinkProof) => {
        const proof = { nonceBurned: burnt.status === 'burnt', ...signatures }
        const verdict = LinkMessage.verdict({ message, participant, now: now(), proof })
        if (verdict.status === 'refused') throw new Refusal.RefusedError('LINK', verdict.code)
      }
      // A contract is asked on its chain whether it signed: of what is refused whoever signed, nobody is.
      assertHolds({ account: true, primary: true })
      assertHolds(await LinkProof.verify({ message, accountSignature, primarySignature, readers: state.readers }))
      const tie = signed({ kind: 'link', message, accountSignature, primarySignature })
      await Participants.link(database, { participantId: session.participantId, account: message.account, tie })
    },
    unlink: async (session, account, ending) => {
      const { participantId } = session
      const leaving = Caip10.format(account)
      const kept = ending === null ? [] : ((await Participants.ties(database, [participantId])).get(participantId) ?? [])
      const tie = ending === null ? null : await parting({ ending, leaving, kept, readers: state.readers, now: now() })
      await Participants.unlink(database, { participantId, account: leaving, coolDownSeconds, ...(tie === null ? {} : { tie }) })
      book.forgetAccount(account.address)
    },
    prepareMerge: async (session, account) => {
      const fromAccount = Caip10.format(account)
      const from = await Participants.byAccount(database, fromAccount)
      if (from === null) throw new Refusal.RefusedError('MERGE', 'FROM_NOT_LINKED')
      const nonce = await Nonces.create(database, { purpose: 'merge', subject: session.participantId, ttlSeconds: linkSeconds })
      const issuedAt = now()
      const intoAccount = Caip10.eoa(session.account)
      return { from, into: session.participantId, fromAccount, intoAccount, nonce, issuedAt, expiresAt: issuedAt + linkSeconds }
    },
    merge: async (session, { message, fromSignature, intoSignature }) => {
      const burnt = await Nonces.burn(database, { nonce: message.nonce, purpose: 'merge', subject: session.participantId })
      const side = async (participantId: Hex) => ({ participantId, accounts: await Participants.accounts(database, participantId) })
      const [from, into] = await Promise.all([side(message.from), side(session.participantId)])
      const assertHolds = (signatures: MergeProof.MergeProof) => {
        const proof = { nonceBurned: burnt.status === 'burnt', ...signatures }
        const verdict = MergeMessage.verdict({ message, from, into, now: now(), proof })
        if (verdict.status === 'refused') throw new Refusal.RefusedError('MERGE', verdict.code)
      }
      assertHolds({ from: true, into: true })
      assertHolds(await MergeProof.verify({ message, fromSignature, intoSignature, readers: state.readers }))
      const tie = signed({ kind: 'merge', message, fromSignature, intoSignature })
      await Participants.merge(database, { from: from.participantId, into: into.participantId, tie })
      for (const { address } of from.accounts) book.forgetAccount(address)
    },
  }
}

export function ledger(args: {
  readonly database: Database.Database
  readonly state: State
  readonly upkeep: Upkeep
}): Services.Services['ledger'] {
  const { database, state, upkeep } = args
  return {
    issue: async (request, decide) => {
      upkeep.assertSound()
      return Ledger.issue(database, request, decide)
    },
    latest: ({ participantId, account, venue, market }) => Certificates.latest(database, { participantId, account, venue, market }),
    document: (inputsHash) => Certificates.document(database, inputsHash),
    marginCall: (participantId) => state.marginCall(participantId),
  }
}

/** Streams of events that one participant may have open: each asks the database four times a second for as long as it is. */
const mostWatches = 16

/** Events of participants, each of whom has so many streams at most. */
export function events(database: Database.Database): Services.Services['events'] {
  const watches = new Map<Hex, number>()
  return async function* watched(args) {
    const { participantId } = args
    const open = watches.get(participantId) ?? 0
    if (open >= mostWatches) throw new TooManyWatchesError()
    watches.set(participantId, open + 1)
    try {
      yield* stream(database, args)
    } finally {
      const left = (watches.get(participantId) ?? 1) - 1
      if (left === 0) watches.delete(participantId)
      else watches.set(participantId, left)
    }
  }
}

/** Events of one participant, in commit order, until the signal fires. A cursor too old gets a `resync` first. */
async function* stream(
  database: Database.Database,
  args: { readonly participantId: Hex; readonly after: string | null; readonly signal: AbortSignal },
): AsyncIterable<Services.Event> {
  const { participantId, signal } = args
  let cursor = args.after ?? (await Outbox.head(database))
  while (!signal.aborted) {
    const page = await Outbox.after(database, { cursor, limit: 100, participantId })
    if (page.status === 'resync') yield { id: page.cursor, kind: 'resync', at: await database.now(), body: {} }
    else for (const message of page.messages) yield { id: message.cursor, kind: message.kind, at: message.at, body: { ...message.body } }
    cursor = page.cursor
    if (page.status === 'ok' && page.messages.length === 0) await pause(250, signal)
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
  })
}

/** Thrown when a participant has as many streams of events open as it may. */
export class TooManyWatchesError extends Error {
  override readonly name = 'Ports.TooManyWatchesError'
  readonly code = 'TOO_MANY_WATCHES'
  readonly hint = 'Close one, or let several readers share one.'
  constructor() {
    super(`At most ${mostWatches} streams of events may be open for one participant.`)
  }
}
