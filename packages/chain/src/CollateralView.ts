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

/** Why something is not in the view, in words. */
export type Refusal = { readonly chainId: number; readonly asset: string | null; readonly code: string; readonly sentence: string }

export type CollateralView = {
  /** When it was asked for. Unix seconds. */
  readonly asOf: number
  /** Lots that hold something, of all accounts asked for. A chain that is neither missing nor has a lot of an account holds nothing of it. */
  readonly lots: readonly Inputs.Lot[]
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
  readonly prices: ReadonlyMap<string, Oracle.Assessment>
}

type ChainArgs = {
  readonly reader: Reader
  readonly vaults: readonly Vault[]
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
    return { chainId, pinned: null, failure, holdings: [], prices: new Map() }
  }
}

async function readWhole({ reader, vaults, feeds, accounts, asOf, block }: ChainArgs): Promise<Part> {
  const { chainId } = reader.config
  const query = Query.all([
    Query.all<readonly (readonly Row[])[]>(vaults.map((vault) => rowsOf({ vault, accounts }))),
    Query.all<readonly Oracle.Assessment[]>(feeds.map((feed) => Oracle.query({ feed, asOf }))),
  ])
  const { pinned, value } = await (block ? Query.fetchAt({ reader, block, query }) : Query.fetch({ reader, at: 'final', query }))
  const [rows, assessments] = value
  if (reader.config.evidence === 'proof')
    for (const [index, vault] of vaults.entries())
      await VaultProof.verify({ reader, pinned, vault: vault.address, claims: claimsOf(rows[index] ?? []) })
  const outflows = await outflowsOf({ reader, pinned, vaults })

  const holdings = rows.flat().flatMap(({ vault, token, holder, locked, escaping, decimals }) => {
    const outflow = outflows.get(vault.address)?.get(Outflow.keyOf(holder, token.address))
    const left = Outflow.apply({ locked, escaping, outflow })
    return left.amount === 0n ? [] : [{ vault, token, holder, decimals, pinned, ...left }]
  })
  const prices = new Map(assessments.flatMap((assessment, index) => (feeds[index] ? [[feedKey(feeds[index]), assessment] as const] : [])))
  return { chainId, pinned, failure: null, holdings, prices }
}

type Row = {
  readonly vault: Vault
  readonly token: Token
  readonly holder: Hex
  readonly locked: bigint
  readonly escaping: bigint
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
    const [locked, escaping] = Contract.answer(positions, { abi: collateralVaultAbi, chainId: vault.chainId, address, functionName })
    return accounts.flatMap((holder, row) =>
      tokens.flatMap((token, column) => {
        const [held, leaving] = [locked[row * tokens.length + column], escaping[row * tokens.length + column]]
        if (held === undefined || leaving === undefined)
          throw new Contract.UnreadableError({ chainId: vault.chainId, address, functionName, reason: 'it left accounts out' })
        const said = decimals[column]
        return [{ vault, token, holder, locked: held, escaping: leaving, decimals: said?.status === 'ok' ? said.value : null }]
      }),
    )
  })
}

function claimsOf(rows: readonly Row[]): readonly VaultProof.Claim[] {
  return rows.map(({ holder, token, locked, escaping }) => ({ holder, token: token.address, locked, escaping }))
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
