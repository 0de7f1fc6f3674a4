/** How a venue's claim is paid from a vault: `VaultSettlements` as arithmetic, rule by rule, over the state of `Harbour`. */
import * as Harbour from './Harbour.ts'

type Hex = `0x${string}`

export type Order = {
  readonly id: Hex
  readonly account: Hex
  readonly amount: bigint
  readonly venueId: Hex
  readonly escrow: Hex
  /** What the venue has bound of the account's collateral. */
  readonly encumbrance: bigint
  readonly deadline: number
}

/** From an order's arrival to its payment; how long it stays payable after that. */
export const challengeSeconds = 3_600
const payableSeconds = 3 * 86_400

export const key = (account: Hex, venueId: Hex) => `${account}|${venueId}`
const zero: Hex = '0x0000000000000000000000000000000000000000'
const none: Harbour.Escrow = { escrow: zero, cap: 0n, used: 0n, queued: 0n, next: null }

export function escrow(harbour: Harbour.Harbour, account: Hex, venueId: Hex): Harbour.Escrow {
  return harbour.escrows.get(key(account, venueId)) ?? none
}

/** The cap as it holds now. */
export function capOf({ cap, next }: Harbour.Escrow, now: number): bigint {
  return next !== null && now >= next.lowersAt ? next.cap : cap
}

/** A higher cap holds at once, a lower one after the escape delay. */
export function enable(harbour: Harbour.Harbour, word: enable.Word, now: number): Harbour.Harbour {
  const before = escrow(harbour, word.account, word.venueId)
  const cap = capOf(before, now)
  if (before.escrow !== word.escrow && (before.queued !== 0n || cap > before.used)) return harbour
  const lowers = word.cap < cap
  const next = lowers ? { cap: word.cap, lowersAt: now + Harbour.escapeSeconds } : null
  return allow(harbour, word, { ...before, escrow: word.escrow, cap: lowers ? cap : word.cap, next })
}

export declare namespace enable {
  type Word = { readonly account: Hex; readonly venueId: Hex; readonly escrow: Hex; readonly cap: bigint }
}

export function queue(harbour: Harbour.Harbour, order: Order, now: number): Harbour.Harbour {
  const { id, account, amount, venueId, encumbrance, deadline } = order
  if (amount === 0n || now > deadline || harbour.claims.has(id)) return harbour
  const held = escrow(harbour, account, venueId)
  if (held.escrow !== order.escrow || order.escrow === zero) return harbour
  if (held.used + amount > capOf(held, now) || held.queued + amount > encumbrance) return harbour
  const berth = Harbour.berth(harbour, account)
  if (amount > claimable(berth, now)) return harbour
  const readyAt = now + challengeSeconds
  const claim: Harbour.Claim = { status: 'queued', account, venueId, amount, readyAt, lapsesAt: readyAt + payableSeconds }
  const allowed = allow(harbour, order, { ...held, used: held.used + amount, queued: held.queued + amount })
  return Harbour.moor(tell(allowed, id, claim), account, { ...berth, reserved: berth.reserved + amount })
}

/** Not what is reserved, nor an escape whose delay is over. */
function claimable({ amount, reserved, exit }: Harbour.Berth, now: number): bigint {
  const free = amount - reserved
  if (exit === null || now < exit.unlocksAt) return free
  return exit.amount >= free ? 0n : free - exit.amount
}

export function pay(harbour: Harbour.Harbour, id: Hex, now: number): Harbour.Harbour {
  const claim = harbour.claims.get(id)
  if (claim?.status !== 'queued' || now < claim.readyAt || now >= claim.lapsesAt) return harbour
  const { account, venueId, amount } = claim
  const held = escrow(harbour, account, venueId)
  const allowed = allow(harbour, claim, { ...held, queued: held.queued - amount })
  return Harbour.pay(free(tell(allowed, id, { ...claim, status: 'paid' }), claim), account, amount)
}

export function veto(harbour: Harbour.Harbour, id: Hex): Harbour.Harbour {
  const claim = harbour.claims.get(id)
  return claim?.status === 'queued' ? drop(harbour, id, { ...claim, status: 'vetoed' }) : harbour
}

export function lapse(harbour: Harbour.Harbour, id: Hex, now: number): Harbour.Harbour {
  const claim = harbour.claims.get(id)
  return claim?.status === 'queued' && now >= claim.lapsesAt ? drop(harbour, id, { ...claim, status: 'lapsed' }) : harbour
}

function drop(harbour: Harbour.Harbour, id: Hex, claim: Harbour.Claim): Harbour.Harbour {
  const held = escrow(harbour, claim.account, claim.venueId)
  const { amount } = claim
  return free(tell(allow(harbour, claim, { ...held, used: held.used - amount, queued: held.queued - amount }), id, claim), claim)
}

function free(harbour: Harbour.Harbour, { account, amount }: Harbour.Claim): Harbour.Harbour {
  const held = Harbour.berth(harbour, account)
  return Harbour.moor(harbour, account, { ...held, reserved: held.reserved - amount })
}

function tell(harbour: Harbour.Harbour, id: Hex, claim: Harbour.Claim): Harbour.Harbour {
  return { ...harbour, claims: new Map([...harbour.claims, [id, claim]]) }
}

function allow(harbour: Harbour.Harbour, where: { readonly account: Hex; readonly venueId: Hex }, held: Harbour.Escrow): Harbour.Harbour {
  return { ...harbour, escrows: new Map([...harbour.escrows, [key(where.account, where.venueId), held]]) }
}
