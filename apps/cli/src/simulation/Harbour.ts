/**
 * The vault of one chain as arithmetic: `VaultFunds` and the release of `CollateralVault`, rule by rule, for one token that keeps its
 * balance. Amounts in the token's own units. What the contract would revert leaves the state as it was.
 */
type Hex = `0x${string}`

export type Escape = { readonly amount: bigint; readonly unlocksAt: number }
/** What one account has there. `reserved` is what settlements under way have of it. */
export type Berth = { readonly amount: bigint; readonly reserved: bigint; readonly escape: Escape | null }
/** A depositor's word that a venue may claim. */
export type Escrow = {
  readonly escrow: Hex
  readonly cap: bigint
  readonly used: bigint
  readonly queued: bigint
  readonly next: NextCap | null
}
export type NextCap = { readonly cap: bigint; readonly lowersAt: number }
export type Status = 'queued' | 'paid' | 'vetoed' | 'lapsed'
export type Claim = {
  readonly status: Status
  readonly account: Hex
  readonly venueId: Hex
  readonly amount: bigint
  readonly readyAt: number
  readonly lapsesAt: number
}
/** Escrows by account and venue, claims by id. */
export type Harbour = {
  readonly berths: ReadonlyMap<Hex, Berth>
  readonly used: ReadonlySet<Hex>
  readonly escrows: ReadonlyMap<string, Escrow>
  readonly claims: ReadonlyMap<Hex, Claim>
}

/** A release as the vault checks it. */
export type Release = { readonly releaseId: Hex; readonly account: Hex; readonly amount: bigint; readonly deadline: number }

/** From the request to the exit nobody has to sign. */
export const escapeSeconds = 72 * 3_600

export const empty: Harbour = { berths: new Map(), used: new Set(), escrows: new Map(), claims: new Map() }
const nothing: Berth = { amount: 0n, reserved: 0n, escape: null }

export function berth(harbour: Harbour, account: Hex): Berth {
  return harbour.berths.get(account) ?? nothing
}

/** What is about to leave: escapes asked for and what settlements have reserved, as far as it is there. */
export function leaving({ amount, reserved, escape }: Berth): bigint {
  const out = reserved + (escape?.amount ?? 0n)
  return out < amount ? out : amount
}

export function deposit(harbour: Harbour, account: Hex, amount: bigint): Harbour {
  const held = berth(harbour, account)
  return amount === 0n ? harbour : moor(harbour, account, { ...held, amount: held.amount + amount })
}

export function requestEscape(harbour: Harbour, order: { readonly account: Hex; readonly amount: bigint }, now: number): Harbour {
  const held = berth(harbour, order.account)
  if (order.amount === 0n || held.escape !== null || order.amount > held.amount) return harbour
  return moor(harbour, order.account, { ...held, escape: { amount: order.amount, unlocksAt: now + escapeSeconds } })
}

export function cancelEscape(harbour: Harbour, account: Hex): Harbour {
  const held = berth(harbour, account)
  return held.escape === null ? harbour : moor(harbour, account, { ...held, escape: null })
}

/** What settlements received in time have not reserved at once, the rest when they are over. */
export function executeEscape(harbour: Harbour, account: Hex, now: number): Harbour {
  const held = berth(harbour, account)
  const { amount, reserved, escape } = held
  if (escape === null || now < escape.unlocksAt) return harbour
  const paid = escape.amount < amount - reserved ? escape.amount : amount - reserved
  if (paid === 0n) return harbour
  const left = escape.amount - paid
  return pay(moor(harbour, account, { ...held, escape: left === 0n ? null : { ...escape, amount: left } }), account, paid)
}

/** Once, before its deadline, as far as there is something that nothing else has reserved. */
export function release(harbour: Harbour, order: Release, now: number): Harbour {
  const { amount, reserved } = berth(harbour, order.account)
  if (order.amount === 0n || harbour.used.has(order.releaseId) || now > order.deadline || order.amount > amount - reserved) return harbour
  const after = pay(harbour, order.account, order.amount)
  return { ...after, used: new Set([...after.used, order.releaseId]) }
}

/** Takes collateral out; an escape under way is reduced to what is left. */
export function pay(harbour: Harbour, account: Hex, paid: bigint): Harbour {
  const held = berth(harbour, account)
  const amount = held.amount - paid
  const over = held.escape !== null && held.escape.amount > amount
  const escape = over && held.escape !== null ? { ...held.escape, amount } : held.escape
  return moor(harbour, account, { ...held, amount, escape: escape?.amount === 0n ? null : escape })
}

export function moor(harbour: Harbour, account: Hex, held: Berth): Harbour {
  return { ...harbour, berths: new Map([...harbour.berths, [account, held]]) }
}
