/** Words that consent is over, in room that is bounded: whose collateral could be counted is not forgotten for whoever sends most. */
import type { Ending } from '@plimsoll/chain'

/** Word that what an account signed with another, or with everybody, is over. CAIP-10 ids; unix seconds. */
export type Ended = Ending.Message
type Parting = Pick<Ended, 'account' | 'other'>

/** By which network it came; null where a gateway brought it along with a certificate. */
export type From = string | null

export type By = {
  readonly from: From
  /** Whether the account is known to have something that could be counted. */
  readonly isStaked?: boolean
}

export type Room =
  /** It says nothing new. */
  | { readonly status: 'known' }
  | { readonly status: 'free' }
  /** The account has parted with so many by name that only one word to all of them is kept. */
  | { readonly status: 'many' }
  /** There is room once it is seen that one of these has nothing that could be counted, or for whoever has something himself. */
  | { readonly status: 'crowded'; readonly accounts: readonly string[] }

export type Endings = {
  /** The latest time of such word; null where there was none, or one to everybody says it too. Unix seconds. */
  readonly endedAt: (parting: Parting) => number | null
  /** Whether it can be kept. */
  readonly roomFor: (ended: Ended, by: By) => Room
  /** Keeps it: for good where the account has something that could be counted, else as long as there is room. */
  readonly keepEnded: (ended: Ended, by: By) => void
  /** What was found of accounts, null where it cannot be read: whoever had something once is not forgotten after. */
  readonly weigh: (found: ReadonlyMap<string, boolean | null>) => void
  /** What was found of an account is of another day: it is among the unweighed again, unless it is kept for good. */
  readonly weighAgain: (account: string) => void
  /** Forgets what accounts said, but of those that are kept for good. */
  readonly forgetEnded: (accounts: readonly string[]) => void
  /** Accounts of which nobody has looked, since they said something, whether they have something: of every network one, and one again. */
  readonly unweighed: (most: number) => readonly string[]
  /** Whether what the account said is kept for good. */
  readonly lasts: (account: string) => boolean
  /** Everything that is known, to be said again. */
  readonly words: () => Iterable<Word>
  readonly counts: () => Counts
}

/** All of what one account said. */
export type Word = { readonly ended: readonly Ended[]; readonly from: From; readonly lasts: boolean }

/** Accounts that are kept for good; words of others, by who brought them. */
export type Counts = { readonly lasting: number; readonly brought: number; readonly carried: number }

export type Sizes = {
  /** Accounts that have had something: they are kept for good. */
  readonly lasting: number
  /** Words of others, brought by anybody; and as many again that gateways bring. */
  readonly others: number
  /** Words of one account that name somebody. */
  readonly named: number
}

/** Some 200 bytes a word. */
export const sizes: Sizes = { lasting: 100_000, others: 100_000, named: 16 }

/** So many accounts are looked at for one word that finds no room. */
export const mostLooked = 32

type Account = {
  from: From
  /** To everybody. */
  all: number | null
  readonly named: Map<string, number>
  isStaked: boolean
  isWeighed: boolean
}

const nobody: Account = { from: null, all: null, named: new Map(), isStaked: false, isWeighed: false }

/** Nothing yet. */
export function open({ lasting: mostLasting, others: mostOthers, named: mostNamed }: Sizes = sizes): Endings {
  const accounts = new Map<string, Account>()
  /** Those that are not kept for good, by who brought them, the oldest first; and how many words those are. */
  const groups = new Map<From, { readonly members: Set<string>; words: number }>()
  const waiting = new Map<From, Set<string>>()
  let lasting = 0
  let brought = 0

  const wordsOf = (it: Account) => (it.all === null ? 0 : 1) + it.named.size
  const sizeOf = (from: From) => groups.get(from)?.words ?? 0
  /** Of the room that a word from there would take. */
  const taken = (from: From) => (from === null ? sizeOf(null) : brought)

  /** Takes an account out of what it is counted among, or puts it there. */
  function count(account: string, it: Account, sign: 1 | -1): void {
    if (it.isStaked) {
      lasting += sign
      return
    }
    const group = groups.get(it.from) ?? { members: new Set(), words: 0 }
    group.words += sign * wordsOf(it)
    if (it.from !== null) brought += sign * wordsOf(it)
    if (sign === 1) group.members.add(account)
    else group.members.delete(account)
    if (group.members.size === 0) groups.delete(it.from)
    else groups.set(it.from, group)
    const unseen = waiting.get(it.from) ?? new Set()
    if (sign === 1 && !it.isWeighed) unseen.add(account)
    else unseen.delete(account)
    if (unseen.size === 0) waiting.delete(it.from)
    else waiting.set(it.from, unseen)
  }

  function change(account: string, it: Account, by: () => void): void {
    if (accounts.has(account)) count(account, it, -1)
    by()
    accounts.set(account, it)
    count(account, it, 1)
  }

  /** Whom it could take the place of: nobody of a network that would have less than its own after. */
  function rivals(from: From): readonly string[] {
    const own = sizeOf(from)
    let [most, words] = [from, own]
    if (from !== null) for (const [one, group] of groups) if (one !== null && group.words > words) [most, words] = [one, group.words]
    const isOther = words > own + 1
    const oldest: string[] = []
    let left = isOther ? words - own - 1 : words
    for (const account of groups.get(isOther ? most : from)?.members ?? []) {
      if (left <= 0 || oldest.length >= mostLooked) break
      oldest.push(account)
      left -= wordsOf(accounts.get(account) ?? nobody)
    }
    return oldest
  }

  /** How many words more there would be of an account. */
  const growth = (it: Account, { other, issuedAt }: Ended) => {
    if (other !== null) return it.named.has(other) ? 0 : 1
    return 1 + [...it.named.values()].filter((at) => at > issuedAt).length - wordsOf(it)
  }

  const isKnown = ({ account, other, issuedAt }: Ended) => {
    const it = accounts.get(account)
    const at = Math.max(it?.all ?? -1, other === null ? -1 : (it?.named.get(other) ?? -1))
    return at >= issuedAt
  }

  return {
    endedAt: ({ account, other }) => {
      const it = accounts.get(account)
      return (other === null ? it?.all : it?.named.get(other)) ?? null
    },
    roomFor: (ended, { from, isStaked = false }) => {
      const it = accounts.get(ended.account) ?? { ...nobody, from }
      // Whoever brings himself what a gateway brought has a share of his own from then on.
      const isMoving = it.from === null && from !== null && !it.isStaked
      if (isKnown(ended) && !isMoving) return { status: 'known' }
      const more = isKnown(ended) ? 0 : growth(it, ended)
      if (more > 0 && ended.other !== null && it.named.size >= mostNamed) return { status: 'many' }
      const owner = isMoving ? from : it.from
      const asked = more + (isMoving ? wordsOf(it) : 0)
      if (it.isStaked || (isStaked && lasting < mostLasting) || asked <= 0 || taken(owner) + asked <= mostOthers) return { status: 'free' }
      return { status: 'crowded', accounts: rivals(owner).filter((account) => account !== ended.account) }
    },
    keepEnded: (ended, { from, isStaked = false }) => {
      const { account, other, issuedAt } = ended
      const it = accounts.get(account) ?? { ...nobody, named: new Map<string, number>(), from }
      change(account, it, () => {
        it.isWeighed = false
        if (it.from === null && from !== null) it.from = from
        if (isStaked && !it.isStaked && lasting < mostLasting) it.isStaked = true
        if (isKnown(ended)) return
        if (other !== null) it.named.set(other, issuedAt)
        else {
          it.all = issuedAt
          for (const [name, at] of it.named) if (at <= issuedAt) it.named.delete(name)
        }
      })
    },
    weigh: (found) => {
      for (const [account, isStaked] of found) {
        const it = accounts.get(account)
        if (it === undefined || it.isStaked) continue
        change(account, it, () => {
          it.isWeighed ||= isStaked !== null
          if (isStaked === true && lasting < mostLasting) it.isStaked = true
        })
        // The others' turn.
        const unseen = waiting.get(it.from)
        if (unseen !== undefined && waiting.delete(it.from)) waiting.set(it.from, unseen)
      }
    },
    weighAgain: (account) => {
      const it = accounts.get(account)
      if (it === undefined || it.isStaked) return
      it.isWeighed = false
      waiting.set(it.from, (waiting.get(it.from) ?? new Set()).add(account))
    },
    forgetEnded: (some) => {
      for (const account of some) {
        const it = accounts.get(account)
        if (it === undefined || it.isStaked) continue
        count(account, it, -1)
        accounts.delete(account)
      }
    },
    unweighed: (most) => {
      const found: string[] = []
      const queues = [...waiting.values()].map((one) => one.values())
      for (let left = queues; left.length > 0 && found.length < most; ) {
        left = left.filter((queue) => {
          const next = queue.next()
          if (!next.done && found.length < most) found.push(next.value)
          return !next.done
        })
      }
      return found
    },
    lasts: (account) => accounts.get(account)?.isStaked ?? false,
    words: function* () {
      for (const [account, { from, all, named, isStaked }] of accounts) {
        const toAll = all === null ? [] : [{ account, other: null, issuedAt: all }]
        const ended = [...toAll, ...[...named].map(([other, issuedAt]) => ({ account, other, issuedAt }))]
        yield { ended, from, lasts: isStaked }
      }
    },
    counts: () => ({ lasting, brought: taken(''), carried: taken(null) }),
  }
}
