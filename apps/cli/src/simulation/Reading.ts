/** What a contract shows of itself, and what its model says it should: figure by figure under the same names. */
import { collateralVaultAbi, limitBookAbi, perpVenueAbi, testTokenAbi } from '@plimsoll/contracts'
import * as Claims from './Claims.ts'
import type * as Contracts from './Contracts.ts'
import * as Harbour from './Harbour.ts'
import * as Venue from './Venue.ts'
import * as World from './World.ts'

type Hex = `0x${string}`

export type Reading = ReadonlyMap<string, bigint | number | boolean | string>
/** What was ever named in the walk of a dock: ids of releases and claims, venues with an escrow. */
export type Named = {
  readonly releases: ReadonlySet<Hex>
  readonly claims: ReadonlySet<Hex>
  readonly venues: readonly { readonly chainId: number; readonly address: Hex; readonly venueId: Hex }[]
}

/** The first figure that differs, with both; null where none does. */
export function difference(model: Reading, contract: Reading): string | null {
  for (const [name, said] of model) {
    const is = contract.get(name)
    if (is !== said) return `${name} is ${is} at the contract and ${said} in the model`
  }
  return contract.size === model.size ? null : `the contract shows ${contract.size} figures and the model ${model.size}`
}

export function ofVenue(venue: Venue.Venue, sea: Venue.Sea): Reading {
  const all = new Map<string, bigint | number | boolean>([['pool', venue.pool]])
  let cash = venue.pool
  for (const account of World.accounts) {
    const { collateral, unsettledLoss, unpaidGain } = Venue.balance(venue, account)
    const { equity, raiseEquity, im, mm, positions } = Venue.account(venue, account, sea)
    cash += collateral
    const credit = venue.credits.get(account) ?? 0n
    const { sequence, markedAt } = venue.marks.get(account) ?? { sequence: 0n, markedAt: 0 }
    const figures = { collateral, unsettledLoss, unpaidGain, credit, equity, raiseEquity, im, mm, mark: sequence, markedAt }
    for (const [name, value] of Object.entries(figures)) all.set(`${account} ${name}`, value)
    for (const { market, size, notional, unrealised, imPpm, mmPpm } of positions)
      for (const [name, value] of Object.entries({ size, notional, unrealised, imPpm, mmPpm }))
        all.set(`${account} ${market} ${name}`, value)
    for (const { market } of sea.terms) {
      const last = venue.accepted.get(Venue.key(account, market))
      const { maxNotional, imPpm, sequence: accepted, expiresAt } = last ?? { maxNotional: 0n, imPpm: 0, sequence: 0n, expiresAt: 0 }
      const limit = { maxNotional, limitPpm: imPpm, accepted, expiresAt, ceiling: Venue.ceiling(last, sea.now) }
      const standing = { ...limit, live: last !== undefined && sea.now <= expiresAt }
      for (const [name, value] of Object.entries(standing)) all.set(`${account} ${market} ${name}`, value)
    }
  }
  all.set('cash', cash)
  for (const { market } of sea.terms)
    for (const long of [true, false]) all.set(`${market} ${long ? 'long' : 'short'}`, Venue.sideOf(venue, market, { long, sea }))
  return all
}

export async function atVenue({ anvil, address, limitBook, token }: Contracts.Pier, markets: readonly Hex[]): Promise<Reading> {
  const { publicClient: client } = anvil
  const venue = { address, abi: perpVenueAbi } as const
  const book = { address: limitBook, abi: limitBookAbi } as const
  const keys = World.accounts.flatMap((account) => markets.map((market) => ({ account, venue: address, market })))
  const [views, standings, marks, pool, cash, sides] = await Promise.all([
    client.readContract({ ...venue, functionName: 'accountsOf', args: [World.accounts] }),
    client.readContract({ ...book, functionName: 'limitsOf', args: [keys] }),
    client.multicall({
      allowFailure: false,
      contracts: World.accounts.map((account) => ({ ...book, functionName: 'lastMarkDownOf', args: [account, address] }) as const),
    }),
    client.readContract({ ...venue, functionName: 'pool' }),
    client.readContract({ address: token, abi: testTokenAbi, functionName: 'balanceOf', args: [address] }),
    Promise.all(markets.map((market) => client.readContract({ ...venue, functionName: 'marketOf', args: [market] }))),
  ])
  const all = new Map<string, bigint | number | boolean>([
    ['pool', pool],
    ['cash', cash],
  ])
  for (const [i, view] of views.entries()) {
    const account = World.accounts[i] as Hex
    const { collateral, unsettledLoss, unpaidGain, credit, equity, raiseEquity, im, mm, positions } = view
    const [sequence, markedAt] = marks[i] ?? [0n, 0n]
    const figures = {
      collateral,
      unsettledLoss,
      unpaidGain,
      credit,
      equity,
      raiseEquity,
      im,
      mm,
      mark: sequence,
      markedAt: Number(markedAt),
    }
    for (const [name, value] of Object.entries(figures)) all.set(`${account} ${name}`, value)
    for (const { market, size, notional, unrealised, imPpm, mmPpm } of positions)
      for (const [name, value] of Object.entries({ size, notional, unrealised, imPpm, mmPpm }))
        all.set(`${account} ${market} ${name}`, value)
  }
  for (const [i, { maxNotional, imPpm, sequence, expiresAt, ceiling, live }] of standings.entries()) {
    const { account, market } = keys[i] as (typeof keys)[number]
    const standing = { maxNotional, limitPpm: imPpm, accepted: sequence, expiresAt: Number(expiresAt), ceiling, live }
    for (const [name, value] of Object.entries(standing)) all.set(`${account} ${market} ${name}`, value)
  }
  for (const { market, longNotional, shortNotional } of sides) {
    all.set(`${market} long`, longNotional)
    all.set(`${market} short`, shortNotional)
  }
  return all
}

export function ofHarbour(harbour: Harbour.Harbour, named: Named, now: number): Reading {
  const all = new Map<string, bigint | number | boolean | string>()
  let total = 0n
  for (const account of World.accounts) {
    const berth = Harbour.berth(harbour, account)
    const { amount, reserved, exit } = berth
    total += amount
    const { amount: escaping, unlocksAt } = exit ?? { amount: 0n, unlocksAt: 0 }
    const figures = { amount, reserved, escaping, leaving: Harbour.leaving(berth), ...(exit === null ? {} : { unlocksAt }) }
    for (const [name, value] of Object.entries(figures)) all.set(`${account} ${name}`, value)
    for (const { venueId } of named.venues) {
      const held = Claims.escrow(harbour, account, venueId)
      const { escrow, used, queued } = held
      const figures = { escrow, used, queued, cap: Claims.capOf(held, now) }
      for (const [name, value] of Object.entries(figures)) all.set(`${account} ${venueId} ${name}`, value)
    }
  }
  all.set('total', total)
  all.set('cash', total)
  for (const id of named.releases) all.set(`${id} released`, harbour.used.has(id))
  for (const id of named.claims) all.set(`${id} claim`, harbour.claims.get(id)?.status ?? 'unknown')
  return all
}

const statuses = ['unknown', 'queued', 'paid', 'vetoed', 'lapsed'] as const

export async function atHarbour({ anvil, vault, token }: Contracts.Dock, named: Named): Promise<Reading> {
  const { publicClient: client } = anvil
  const at = { address: vault, abi: collateralVaultAbi } as const
  const { accounts } = World
  const [releases, claims] = [[...named.releases], [...named.claims]]
  const pairs = accounts.flatMap((account) => named.venues.map((venue) => ({ account, ...venue })))
  const read = { allowFailure: false } as const
  const [[held, leaving], reserved, escapes, escrows, used, fates, total, cash] = await Promise.all([
    client.readContract({ ...at, functionName: 'positions', args: [accounts, [token]] }),
    client.multicall({ ...read, contracts: accounts.map((it) => ({ ...at, functionName: 'reserved', args: [it, token] }) as const) }),
    client.multicall({ ...read, contracts: accounts.map((it) => ({ ...at, functionName: 'escapeOf', args: [it, token] }) as const) }),
    client.multicall({
      ...read,
      contracts: pairs.map(
        ({ account, chainId, address }) => ({ ...at, functionName: 'escrowOf', args: [account, token, BigInt(chainId), address] }) as const,
      ),
    }),
    client.multicall({ ...read, contracts: releases.map((id) => ({ ...at, functionName: 'released', args: [id] }) as const) }),
    client.multicall({ ...read, contracts: claims.map((id) => ({ ...at, functionName: 'claimOf', args: [id] }) as const) }),
    client.readContract({ ...at, functionName: 'totalLocked', args: [token] }),
    client.readContract({ address: token, abi: testTokenAbi, functionName: 'balanceOf', args: [vault] }),
  ])
  const all = new Map<string, bigint | number | boolean | string>([
    ['total', total],
    ['cash', cash],
  ])
  for (const [i, account] of accounts.entries()) {
    const { amount: escaping, unlocksAt } = escapes[i] ?? { amount: 0n, unlocksAt: 0n }
    const times = escaping === 0n ? {} : { unlocksAt: Number(unlocksAt) }
    const figures = { amount: held[i] ?? 0n, reserved: reserved[i] ?? 0n, escaping, leaving: leaving[i] ?? 0n, ...times }
    for (const [name, value] of Object.entries(figures)) all.set(`${account} ${name}`, value)
  }
  for (const [i, { account, venueId }] of pairs.entries()) {
    const { escrow, used, queued, cap } = escrows[i] as (typeof escrows)[number]
    for (const [name, value] of Object.entries({ escrow: escrow.toLowerCase(), used, queued, cap }))
      all.set(`${account} ${venueId} ${name}`, value)
  }
  for (const [i, id] of releases.entries()) all.set(`${id} released`, used[i] ?? false)
  for (const [i, id] of claims.entries()) all.set(`${id} claim`, statuses[fates[i]?.status ?? 0] ?? 'unknown')
  return all
}
