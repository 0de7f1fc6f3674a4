/**
 * The vault of one chain as arithmetic: `VaultFunds` and the release of `CollateralVault`, rule by rule, for one token that keeps its
 * balance. Amounts in the token's own units. What the contract would revert leaves the state as it was.
 */
import { Fixed } from '@plimsoll/margin'

type Hex = `0x${string}`

export type Escape = { readonly amount: bigint; readonly unlocksAt: number }
/** What one account has there. `reserved` is what settlements under way have of it. */
export type Berth = { readonly amount: bigint; readonly reserved: bigint; readonly exit: Escape | null }
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
const nothing: Berth = { amount: 0n, reserved: 0n, exit: null }

export function berth(harbour: Harbour, account: Hex): Berth {
  return harbour.berths.get(account) ?? nothing
}

/** What is about to leave: escapes asked for and what settlements have reserved, as far as it is there. */
export function leaving({ amount, reserved, exit }: Berth): bigint {
  return Fixed.min(amount, reserved + (exit?.amount ?? 0n))
}

export function deposit(harbour: Harbour, account: Hex, amount: bigint): Harbour {
  const held = berth(harbour, account)
  return amount === 0n ? harbour : moor(harbour, account, { ...held, amount: held.amount + amount })
}

export function requestEscape(harbour: Harbour, order: { readonly account: Hex; readonly amount: bigint }, now: number): Harbour {
  const held = berth(harbour, order.account)
  if (order.amount === 0n || held.exit !== null || order.amount > held.amount) return harbour
  return moor(harbour, order.account, { ...held, exit: { amount: order.amount, unlocksAt: now + escapeSeconds } })
}

export function cancelEscape(harbour: Harbour, account: Hex): Harbour {
  const held = berth(harbour, account)
  return held.exit === null ? harbour : moor(harbour, account, { ...held, exit: null })
}

/** What settlements received in time have not reserved at once, the rest when they are over. */
export function executeEscape(harbour: Harbour, account: Hex, now: number): Harbour {
  const held = berth(harbour, account)
  const { amount, reserved, exit } = held
  if (exit === null || now < exit.unlocksAt) return harbour
  const paid = Fixed.min(exit.amount, amount - reserved)
  if (paid === 0n) return harbour
  const left = exit.amount - paid
  return pay(moor(harbour, account, { ...held, exit: left === 0n ? null : { ...exit, amount: left } }), account, paid)
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
  const over = held.exit !== null && held.exit.amount > amount
  const exit = over && held.exit !== null ? { ...held.exit, amount } : held.exit
  return moor(harbour, account, { ...held, amount, exit: exit?.amount === 0n ? null : exit })
}

export function moor(harbour: Harbour, account: Hex, held: Berth): Harbour {
  return { ...harbour, berths: new Map([...harbour.berths, [account, held]]) }
}
