/** The vault of one chain: what is locked there, what is on its way out. Amounts in the token's own units. */
type Hex = `0x${string}`

/** `requestedAt` is null where nobody asked to leave. */
export type Berth = { readonly amount: bigint; readonly requestedAt: number | null }
export type Harbour = { readonly berths: ReadonlyMap<Hex, Berth>; readonly used: ReadonlySet<Hex> }

/** A release as the vault checks it. */
export type Release = { readonly releaseId: Hex; readonly account: Hex; readonly amount: bigint; readonly deadline: number }

/** From the request to the exit nobody has to sign. */
export const escapeSeconds = 72 * 3_600

export const empty: Harbour = { berths: new Map(), used: new Set() }

export function berth(harbour: Harbour, account: Hex): Berth {
  return harbour.berths.get(account) ?? { amount: 0n, requestedAt: null }
}

export function deposit(harbour: Harbour, account: Hex, amount: bigint): Harbour {
  const held = berth(harbour, account)
  return moor(harbour, account, { ...held, amount: held.amount + amount })
}

export function requestEscape(harbour: Harbour, account: Hex, now: number): Harbour {
  const held = berth(harbour, account)
  return held.amount === 0n || held.requestedAt !== null ? harbour : moor(harbour, account, { ...held, requestedAt: now })
}

export function leave(harbour: Harbour, account: Hex, now: number): Harbour {
  const { requestedAt } = berth(harbour, account)
  return requestedAt === null || now < requestedAt + escapeSeconds ? harbour : moor(harbour, account, { amount: 0n, requestedAt: null })
}

/** Once, before its deadline, as far as there is something. */
export function release(harbour: Harbour, order: Release, now: number): Harbour {
  const held = berth(harbour, order.account)
  if (harbour.used.has(order.releaseId) || now > order.deadline || order.amount > held.amount) return harbour
  const after = moor(harbour, order.account, { ...held, amount: held.amount - order.amount })
  return { ...after, used: new Set([...after.used, order.releaseId]) }
}

function moor(harbour: Harbour, account: Hex, held: Berth): Harbour {
  return { ...harbour, berths: new Map([...harbour.berths, [account, held]]) }
}
