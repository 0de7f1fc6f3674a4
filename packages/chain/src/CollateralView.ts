/** What a group of accounts has locked on every chain: one pinned block and one `eth_call` per chain and source, however many accounts. */
import { collateralVaultAbi } from '@plimsoll/contracts'
import type { Inputs } from '@plimsoll/margin'
import { encodeAbiParameters, keccak256 } from 'viem'
import * as Contract from './Contract.ts'
import { type Hex, address as parseAddress } from './Hex.ts'
import * as Oracle from './Oracle.ts'
import * as Outflow from './Outflow.ts'
import * as Query from './Query.ts'
import { type Pinned, QuorumError, type Reader } from './Quorum.ts'
import * as VaultProof from './VaultProof.ts'

/** A token taken as collateral. */
export type Token = {
  readonly address: Hex
  readonly asset: string
  /** Pinned here: a token that changes them is refused. */
  readonly decimals: number
  readonly feed: Oracle.Feed & { readonly chainId: number }
  readonly haircuts: Inputs.Lot['haircuts']
}

export type Vault = { readonly chainId: number; readonly address: Hex; readonly tokens: readonly Token[] }

/** A venue that may be paid from vaults, and whom its settlements pay, chain by chain: a cap that names somebody else pays nobody here. */
export type Claimant = {
  readonly chainId: number
  readonly address: Hex
  readonly escrows: readonly { readonly chainId: number; readonly address: Hex }[]
}

/** What a settlement for a venue could take of a lot now. Native units. */
export type Claim = {
  readonly lotId: Hex
  readonly venue: { readonly chainId: number; readonly address: Hex }
  readonly amount: bigint
}

/** Why something is not in the view, in words. */
export type Refusal = { readonly chainId: number; readonly asset: string | null; readonly code: string; readonly sentence: string }

export type CollateralView = {
  /** When it was asked for. Unix seconds. */
  readonly asOf: number
  /** Lots that hold something, of all accounts asked for. A chain that is neither missing nor has a lot of an account holds nothing of it. */
  readonly lots: readonly Inputs.Lot[]
  /** Of these lots, by venue asked for. One that is not listed may be claimed nothing of. */
  readonly claims: readonly Claim[]
  /** Chains that could not be read at all. */
  readonly missing: Inputs.View['missing']
  /** Lots that are there and could not be priced, by holder. */
  readonly unpriced: readonly { readonly holder: Hex; readonly chainId: number; readonly code: string }[]
  readonly refusals: readonly Refusal[]
  /** The block each chain was read at, and who dissented. */
  readonly chains: readonly Pinned[]
  /** Between the oldest and the newest of those blocks. */
  readonly skewSeconds: number
}

/**
 * The collateral of many accounts at once.
 *
 * Source: docs/decisions/0004-reductions-at-once-increases-when-final.md.
 *
 * Amounts are those of the final block less every release, escape and escape request that any
 * source has seen since: increases count when final, reductions at once. Lots carry no credit; that is for margin to say.
 * Where a chain's evidence is `proof`, every amount is held against a Merkle proof besides, and a chain whose sources lie alike is missing.
 * Unknown is never zero: a chain that cannot be read is named in `missing`, and the caller decides.
 *
 * A deposit moved from one vault to another counts once: it leaves the first at the head and enters the second when final. The gap is
 * open only while every source of the first chain lags behind the second chain's final block, which `maxAgeSeconds` bounds, and a
 * release needs our own signature besides.
 *
 * @param args.readers - one a chain: of every vault, and of every feed that is not in `prices`.
 * @param args.accounts - whose collateral. Any case; about a thousand a call.
 * @param args.venues - who may be paid from the vaults; what each may claim of each lot is read besides, in one more `eth_call`.
 * @param args.prices - prices already at hand, by `feedKey`; those feeds are not read again.
 * @param args.blocks - by chain, final blocks to read at instead of the last one: to see what somebody else says they read there.
 * @throws {RangeError} a vault or feed is on a chain without a reader.
 */
export async function fetch(args: fetch.Args): Promise<CollateralView> {
  const { readers, vaults, asOf } = args
  const accounts = [...new Set(args.accounts.map((account) => parseAddress(account, 'account')))]
  const feeds = feedsToRead(args)
  const chainIds = new Set([...vaults.map((vault) => vault.chainId), ...feeds.map((feed) => feed.chainId)])
  const parts = await Promise.all(
    [...chainIds].map((chainId) =>
      readChain({
        reader: readerOf(readers, chainId),
        vaults: vaults.filter((vault) => vault.chainId === chainId),
        feeds: feeds.filter((feed) => feed.chainId === chainId),
        venues: (args.venues ?? []).filter(({ escrows }) => escrows.some((escrow) => escrow.chainId === chainId)),
        accounts,
        asOf,
        block: args.blocks?.get(chainId),
      }),
    ),
  )

  const prices = new Map([...(args.prices ?? []), ...parts.flatMap((part) => [...part.prices])])
  const failures = new Map(parts.flatMap((part) => (part.failure ? [[part.chainId, part.failure] as const] : [])))
  const priced = parts.flatMap((part) => part.holdings).map((holding) => lotOf({ holding, prices, failures }))
  const times = parts.flatMap((part) => (part.pinned ? [part.pinned.block.timestamp] : []))
  return {
    asOf,
    lots: priced.flatMap(({ lot }) => (lot ? [lot] : [])),
    claims: parts.flatMap((part) => part.claims),
    missing: vaultFailures(vaults, failures),
    unpriced: priced.flatMap(({ lot, refusal, holder }) =>
      lot || !refusal ? [] : [{ holder, chainId: refusal.chainId, code: refusal.code }],
    ),
    refusals: [...failures.values(), ...distinct(priced.flatMap(({ refusal }) => (refusal ? [refusal] : [])))],
    chains: parts.flatMap((part) => (part.pinned ? [part.pinned] : [])),
    skewSeconds: times.length === 0 ? 0 : Math.max(...times) - Math.min(...times),
  }
}

export declare namespace fetch {
  type Args = {
    readonly readers: readonly Reader[]
    readonly vaults: readonly Vault[]
    readonly venues?: readonly Claimant[]
    readonly accounts: readonly Hex[]
    readonly asOf: number
    readonly prices?: ReadonlyMap<string, Oracle.Assessment>
    readonly blocks?: ReadonlyMap<number, Query.Block>
  }
}

/**
 * One participant's view, as the inputs document has it.
 *
 * @param args.accounts - all of the participant's, among those fetched.
 */
export function of(args: { readonly view: CollateralView; readonly accounts: readonly Hex[] }): Inputs.View {
  const { view } = args
  const own = new Set(args.accounts.map((account) => account.toLowerCase()))
  const unpriced = view.unpriced.filter(({ holder }) => own.has(holder)).map(({ chainId, code }) => ({ chainId, code }))
  return { lots: view.lots.filter((lot) => own.has(lot.holder)), missing: distinct([...view.missing, ...unpriced]) }
}

/** Of some claims, those of one venue, as the inputs document has them. */
export function claimsAt(claims: readonly Claim[], venue: { readonly chainId: number; readonly address: Hex }): readonly Inputs.Claim[] {
  return claims.flatMap(({ lotId, venue: at, amount }) =>
    at.chainId === venue.chainId && at.address.toLowerCase() === venue.address.toLowerCase() ? [{ lotId, amount }] : [],
  )
}

/** What `prices` is keyed by. */
export function feedKey(feed: { readonly chainId: number; readonly address: Hex }): string {
  return `${feed.chainId}:${feed.address.toLowerCase()}`
}

/** The name of one piece of collateral: the same at every read, different from every other. */
export function lotId(lot: { readonly chainId: number; readonly holder: Hex; readonly token: Hex; readonly vault: Hex }): Hex {
  const types = [{ type: 'uint256' }, { type: 'address' }, { type: 'address' }, { type: 'address' }] as const
  return keccak256(encodeAbiParameters(types, [BigInt(lot.chainId), lot.holder, lot.token, lot.vault]))
}

type Holding = {
  readonly vault: Vault
  readonly token: Token
  readonly holder: Hex
  readonly amount: bigint
  readonly pendingOut: bigint
  /** What the token itself says; null where it says nothing. */
  readonly decimals: number | null
  readonly pinned: Pinned
}

type Part = {
  readonly chainId: number
  readonly pinned: Pinned | null
  readonly failure: Refusal | null
  readonly holdings: readonly Holding[]
  readonly claims: readonly Claim[]
  readonly prices: ReadonlyMap<string, Oracle.Assessment>
}

type ChainArgs = {
  readonly reader: Reader
  readonly vaults: readonly Vault[]
  readonly venues: readonly Claimant[]
  readonly feeds: readonly (Oracle.Feed & { readonly chainId: number })[]
  readonly accounts: readonly Hex[]
  readonly asOf: number
  readonly block: Query.Block | undefined
}

async function readChain(args: ChainArgs): Promise<Part> {
  const { chainId } = args.reader.config
  try {
    return await readWhole(args)
  } catch (error) {
    if (!(error instanceof QuorumError || error instanceof Contract.UnreadableError)) throw error
    const failure = { chainId, asset: null, code: error.code, sentence: error.message }
    return { chainId, pinned: null, failure, holdings: [], claims: [], prices: new Map() }
  }
}

async function readWhole({ reader, vaults, venues, feeds, accounts, asOf, block }: ChainArgs): Promise<Part> {
  const { chainId } = reader.config
  const query = Query.all([
    Query.all<readonly (readonly Row[])[]>(vaults.map((vault) => rowsOf({ vault, accounts }))),
    Query.all<readonly Oracle.Assessment[]>(feeds.map((feed) => Oracle.query({ feed, asOf }))),
  ])
  const { pinned, value } = await (block ? Query.fetchAt({ reader, block, query }) : Query.fetch({ reader, at: 'final', query }))
  const [rows, assessments] = value
  if (reader.config.evidence === 'proof')
    for (const [index, vault] of vaults.entries())
      await VaultProof.verify({ reader, pinned, vault: vault.address, claims: balancesOf(rows[index] ?? []) })
  const outflows = await outflowsOf({ reader, pinned, vaults })

  const holdings = rows.flat().flatMap(({ vault, token, holder, locked, leaving, decimals }) => {
    const outflow = outflows.get(vault.address)?.get(Outflow.keyOf(holder, token.address))
    const left = Outflow.apply({ locked, leaving, outflow })
    return left.amount === 0n ? [] : [{ vault, token, holder, decimals, pinned, ...left }]
  })
  const prices = new Map(assessments.flatMap((assessment, index) => (feeds[index] ? [[feedKey(feeds[index]), assessment] as const] : [])))
  const claims = await claimsOf({ reader, pinned, venues, holdings, outflows })
  return { chainId, pinned, failure: null, holdings, claims, prices }
}

/** What each venue's escrow may claim of each holding. What was reserved since the pinned block is taken off every venue's. */
async function claimsOf(args: {
  readonly reader: Reader
  readonly pinned: Pinned
  readonly venues: readonly Claimant[]
  readonly holdings: readonly Holding[]
  readonly outflows: ReadonlyMap<Hex, ReadonlyMap<string, Outflow.Outflow>>
}): Promise<readonly Claim[]> {
  const { reader, pinned, venues, holdings, outflows } = args
  const { chainId } = reader.config
  const asked = holdings.flatMap((holding) =>
    venues.flatMap((venue) => {
      const escrow = venue.escrows.find((it) => it.chainId === chainId)?.address
      return escrow === undefined ? [] : [{ holding, venue, escrow }]
    }),
  )
  if (asked.length === 0) return []
  const functionName = 'escrowOf'
  const query = Query.all<readonly Query.Outcome<Enabled>[]>(
    asked.map(({ holding: { vault, token, holder }, venue }) =>
      Query.call({
        ...{ abi: collateralVaultAbi, target: vault.address, functionName },
        args: [holder, token.address, BigInt(venue.chainId), venue.address],
      }),
    ),
  )
  const { results } = await reader.read({ pinned, calls: query.calls })
  const allowed = query.parse(results).flatMap((outcome, index) => {
    const one = asked[index]
    if (one === undefined) return []
    const { holding, venue, escrow } = one
    const held = Contract.answer(outcome, { abi: collateralVaultAbi, chainId, address: holding.vault.address, functionName })
    const isEnabled = held.escrow.toLowerCase() === escrow.toLowerCase()
    const amount = isEnabled ? VaultProof.left({ ...held, isFalling: held.lowersAt !== 0n }) : 0n
    return [{ holding, venue: { chainId: venue.chainId, address: venue.address }, escrow, amount }]
  })
  if (reader.config.evidence === 'proof')
    for (const [vault, own] of Map.groupBy(allowed, ({ holding }) => holding.vault.address))
      await VaultProof.verifyAllowances({
        ...{ reader, pinned, vault },
        allowances: own.map(({ holding: { holder, token }, ...rest }) => ({ holder, token: token.address, ...rest })),
      })
  return allowed.flatMap(({ holding: { vault, token, holder }, venue, amount }) => {
    const queued = outflows.get(vault.address)?.get(Outflow.keyOf(holder, token.address))?.queued ?? 0n
    const lot = lotId({ chainId, holder, token: token.address, vault: vault.address })
    return amount > queued ? [{ lotId: lot, venue, amount: amount - queued }] : []
  })
}

type Enabled = {
  readonly escrow: Hex
  readonly lowersAt: bigint
  readonly cap: bigint
  readonly used: bigint
  readonly queued: bigint
  readonly nextCap: bigint
}

type Row = {
  readonly vault: Vault
  readonly token: Token
  readonly holder: Hex
  readonly locked: bigint
  readonly leaving: bigint
  readonly decimals: number | null
}

/** Balances and escapes of every account and token of one vault, with what each token says of its decimals. */
function rowsOf(args: { readonly vault: Vault; readonly accounts: readonly Hex[] }): Query.Query<readonly Row[]> {
  const { vault, accounts } = args
  const { address, tokens } = vault
  const functionName = 'positions'
  const query = Query.all([
    Query.call({ abi: collateralVaultAbi, target: address, functionName, args: [accounts, tokens.map((token) => token.address)] }),
    Query.all<readonly Query.Outcome<number>[]>(
      tokens.map((token) => Query.call({ abi: decimalsAbi, target: token.address, functionName: 'decimals', args: [] })),
    ),
  ])
  return Query.map(query, ([positions, decimals]) => {
    const [locked, leaving] = Contract.answer(positions, { abi: collateralVaultAbi, chainId: vault.chainId, address, functionName })
    return accounts.flatMap((holder, row) =>
      tokens.flatMap((token, column) => {
        const [held, out] = [locked[row * tokens.length + column], leaving[row * tokens.length + column]]
        if (held === undefined || out === undefined)
          throw new Contract.UnreadableError({ chainId: vault.chainId, address, functionName, reason: 'it left accounts out' })
        const said = decimals[column]
        return [{ vault, token, holder, locked: held, leaving: out, decimals: said?.status === 'ok' ? said.value : null }]
      }),
    )
  })
}

function balancesOf(rows: readonly Row[]): readonly VaultProof.Claim[] {
  return rows.map(({ holder, token, locked, leaving }) => ({ holder, token: token.address, locked, leaving }))
}

async function outflowsOf(args: {
  readonly reader: Reader
  readonly pinned: Pinned
  readonly vaults: readonly Vault[]
}): Promise<ReadonlyMap<Hex, ReadonlyMap<string, Outflow.Outflow>>> {
  const { reader, pinned, vaults } = args
  if (vaults.length === 0) return new Map()
  const after = pinned.block.number
  // From the pinned block itself, which every agreeing source has: a range that starts beyond the head is an error at some nodes.
  const filter = { fromBlock: after, toBlock: 'latest' as const, addresses: vaults.map((vault) => vault.address), topics: [Outflow.topics] }
  const { answers } = await reader.logs({ pinned, filter })
  const logs = answers.map((answer) => answer.logs)
  return new Map(vaults.map((vault) => [vault.address, Outflow.of({ answers: logs, vault: parseAddress(vault.address, 'vault'), after })]))
}

function lotOf(args: {
  readonly holding: Holding
  readonly prices: ReadonlyMap<string, Oracle.Assessment>
  readonly failures: ReadonlyMap<number, Refusal>
}): { readonly holder: Hex; readonly lot: Inputs.Lot | null; readonly refusal: Refusal | null } {
  const { holding, prices, failures } = args
  const { vault, token, holder, amount, pendingOut, pinned } = holding
  const { chainId } = vault
  const refused = (code: string, sentence: string) => ({ holder, lot: null, refusal: { chainId, asset: token.asset, code, sentence } })

  if (holding.decimals !== token.decimals)
    return refused(
      'DECIMALS_CHANGED',
      `${token.asset} says it has ${holding.decimals ?? 'no'} decimals, and ${token.decimals} are configured.`,
    )
  const price = prices.get(feedKey(token.feed))
  if (!price) {
    const failure = failures.get(token.feed.chainId)
    return refused(
      failure?.code ?? 'ORACLE_UNREADABLE',
      `There is no price of ${token.asset}: ${failure?.sentence ?? 'its feed was not read.'}`,
    )
  }
  if (price.status === 'refused') return refused(price.code, `There is no price of ${token.asset}: ${price.sentence}`)

  const { number, hash, timestamp } = pinned.block
  const lot: Inputs.Lot = {
    lotId: lotId({ chainId, holder, token: token.address, vault: vault.address }),
    chainId,
    holder,
    asset: token.asset,
    token: parseAddress(token.address, 'token'),
    venue: parseAddress(vault.address, 'vault'),
    custody: 'LOCKED',
    amount,
    pendingOut,
    decimals: token.decimals,
    block: { number, hash, timestamp },
    price: { value: price.price, confidence: price.confidence, publishedAt: price.publishedAt },
    haircuts: token.haircuts,
  }
  return { holder, lot, refusal: null }
}

function feedsToRead({ vaults, prices }: fetch.Args): readonly Token['feed'][] {
  const feeds = vaults.flatMap((vault) => vault.tokens.map((token) => token.feed))
  const wanted = new Map(feeds.map((feed) => [feedKey(feed), feed]))
  return [...wanted].flatMap(([key, feed]) => (prices?.has(key) ? [] : [feed]))
}

function readerOf(readers: readonly Reader[], chainId: number): Reader {
  const reader = readers.find(({ config }) => config.chainId === chainId)
  if (!reader) throw new RangeError(`There is no reader of chain ${chainId}.`)
  return reader
}

function vaultFailures(vaults: readonly Vault[], failures: ReadonlyMap<number, Refusal>): Inputs.View['missing'] {
  const chainIds = [...new Set(vaults.map((vault) => vault.chainId))]
  return chainIds.flatMap((chainId) => {
    const failure = failures.get(chainId)
    return failure ? [{ chainId, code: failure.code }] : []
  })
}

function distinct<value>(values: readonly value[]): readonly value[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()]
}

const decimalsAbi = [
  { type: 'function', name: 'decimals', stateMutability: 'view', inputs: [], outputs: [{ name: '', type: 'uint8' }] },
] as const
