/** One chain's part of a view: pinned once, read in phases, refused as a whole. */
import * as ChainConfig from '../ChainConfig.ts'
import * as Code from '../Code.ts'
import * as Contract from '../Contract.ts'
import type { Hex } from '../Hex.ts'
import * as Holdings from '../Holdings.ts'
import * as Inflow from '../Inflow.ts'
import * as Oracle from '../Oracle.ts'
import * as Outflow from '../Outflow.ts'
import * as Query from '../Query.ts'
import { HashDisagreeError, MulticallError, type Pinned, QuorumError, type Reader, ReorgedError, ValueDisagreeError } from '../Quorum.ts'
import * as Claim from './Claim.ts'
import * as Lot from './Lot.ts'
import type * as Place from './Place.ts'
import * as Vault from './Vault.ts'

/** A deposit that is in no final block yet. Native units. */
export type Arrival = { readonly vault: Vault.Vault; readonly token: Vault.Token; readonly holder: Hex; readonly amount: bigint }

export type ChainPart = {
  readonly chainId: number
  readonly pinned: Pinned | null
  readonly failure: Lot.Refusal | null
  readonly locked: readonly Vault.Locked[]
  /** The same as the pinned block has it. */
  readonly firm: readonly Vault.Locked[]
  readonly arriving: readonly Arrival[]
  readonly claims: readonly Claim.Claim[]
  readonly found: Holdings.Found
  /** What stands at each address asked for, in order; of a chain that is missing nothing. */
  readonly codes: readonly Code.Code[]
  readonly prices: ReadonlyMap<string, Oracle.Assessment>
}

const nothingFound: Holdings.Found = { parts: [], refusals: [], unread: [] }
const nothing: Query.Query<Holdings.Found> = { calls: [], parse: () => nothingFound }

/** Reads one chain, or says why it is missing. */
export async function fetch(args: fetch.Args): Promise<ChainPart> {
  const { chainId } = args.reader.config
  try {
    return await whole(args)
  } catch (error) {
    if (!(error instanceof QuorumError || error instanceof Contract.UnreadableError)) throw error
    const failure = { chainId, asset: null, code: error.code, sentence: error.message }
    return {
      chainId,
      pinned: null,
      failure,
      locked: [],
      firm: [],
      arriving: [],
      claims: [],
      found: nothingFound,
      codes: [],
      prices: new Map(),
    }
  }
}

export declare namespace fetch {
  type Args = {
    readonly reader: Reader
    readonly vaults: readonly Vault.Vault[]
    readonly venues: readonly Claim.Claimant[]
    readonly watch: Place.Watch | null
    readonly feeds: readonly Vault.Token['feed'][]
    readonly accounts: readonly Hex[]
    readonly codesOf: readonly Hex[]
    readonly asOf: number
    /** A final block to read at instead of the last one. */
    readonly block: Query.Block | undefined
  }
}

async function whole(args: fetch.Args): Promise<ChainPart> {
  const { reader, vaults, feeds, accounts } = args
  const { chainId } = reader.config
  const { pinned, parts, assessments, found, codes } = await balances(args)
  const prices = new Map(
    assessments.flatMap((assessment, index) => (feeds[index] ? [[Lot.feedKey(feeds[index]), assessment] as const] : [])),
  )
  return standing(pinned, async () => {
    const rows = await Vault.rows({ reader, pinned, parts, accounts })
    if (reader.config.evidence === 'proof') await Vault.prove({ reader, pinned, rows })
    const answers = await Vault.since({ reader, pinned, vaults, topics: [...Outflow.topics, ...Inflow.topics] })
    const outflows = Vault.outflows({ answers, pinned, vaults })
    const locked = Vault.left({ rows, outflows, pinned })
    const claims = await Claim.fetch({ reader, pinned, venues: args.venues, locked: locked.filter(({ amount }) => amount > 0n), outflows })
    // Claims were read at the pinned hash after everything else; without them nothing yet says that it is still there.
    if (locked.length > 0 && args.venues.length === 0) await confirm(reader, pinned)
    const arriving = arrivals({ answers, pinned, vaults, accounts, k: reader.config.k })
    const firm = Vault.standing({ rows, pinned })
    return { chainId, pinned, failure: null, locked, firm, arriving, claims, found, codes, prices }
  })
}

/** Work on a pinned block, for as long as it stands. @throws {Quorum.ReorgedError} it was replaced meanwhile. */
async function standing<value>(pinned: Pinned, work: () => Promise<value>): Promise<value> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof HashDisagreeError) throw new ReorgedError({ chainId: pinned.chainId, dissent: error.dissent, ...pinned.block })
    throw error
  }
}

type Balances = {
  readonly pinned: Pinned
  readonly parts: readonly Vault.Part[]
  readonly assessments: readonly Oracle.Assessment[]
  readonly found: Holdings.Found
  readonly codes: readonly Code.Code[]
}

/**
 * The first phase, all of it at one block, in one `eth_call` a source where it fits. What is only looked at must not cost what is locked: where a call fails with it, or
 * sources differ over it, it is left out.
 */
async function balances(args: fetch.Args): Promise<Balances> {
  const { reader, watch, accounts } = args
  if (watch === null) return read(args, nothing)
  try {
    return await read(args, Holdings.query({ ...watch, holders: accounts, assets: addressesOf(watch) }))
  } catch (error) {
    if (!(error instanceof MulticallError || error instanceof ValueDisagreeError)) throw error
    const unread = [{ place: `everything but the vaults on chain ${reader.config.chainId}`, code: error.code, sentence: error.message }]
    return { ...(await read(args, nothing)), found: { ...nothingFound, unread } }
  }
}

async function read(args: fetch.Args, look: Query.Query<Holdings.Found>): Promise<Balances> {
  const { reader, vaults, feeds, accounts, codesOf, asOf, block } = args
  const { multicall = ChainConfig.canonicalMulticall } = reader.config
  // What is only looked at comes last: it may write before it answers, and nothing of that is undone before the call ends.
  const query = Query.all([
    Query.all<readonly (readonly Vault.Part[])[]>(vaults.map((vault) => Vault.query({ vault, accounts }))),
    Query.all<readonly Oracle.Assessment[]>(feeds.map((feed) => Oracle.query({ feed, asOf }))),
    Code.query({ accounts: codesOf, multicall }),
    look,
  ])
  const { pinned, value } = await (block ? Query.fetchAt({ reader, block, query }) : Query.fetch({ reader, at: 'final', query }))
  const [parts, assessments, codes, found] = value
  return { pinned, parts: parts.flat(), assessments, found, codes }
}

function addressesOf({ assets }: Place.Watch): ReadonlySet<Hex> {
  return new Set(assets.map(({ address }) => address.toLowerCase() as Hex))
}

/** @throws {Quorum.ReorgedError} another block stands where the pinned one was. */
async function confirm(reader: Reader, pinned: Pinned): Promise<void> {
  const { number, hash } = pinned.block
  const header = await reader.header({ pinned, number })
  if (header.hash !== hash) throw new ReorgedError({ chainId: pinned.chainId, dissent: pinned.dissent, number, hash })
}

function arrivals(args: {
  readonly answers: Parameters<typeof Inflow.of>[0]['answers']
  readonly pinned: Pinned
  readonly vaults: readonly Vault.Vault[]
  readonly accounts: readonly Hex[]
  readonly k: number
}): readonly Arrival[] {
  const { answers, pinned, vaults, accounts, k } = args
  return vaults.flatMap((vault) => {
    const inflows = Inflow.of({ answers, vault: vault.address.toLowerCase() as Hex, after: pinned.block.number, k })
    return vault.tokens.flatMap((token) =>
      accounts.flatMap((holder) => {
        const amount = inflows.get(Outflow.keyOf(holder, token.address)) ?? 0n
        return amount === 0n ? [] : [{ vault, token, holder, amount }]
      }),
    )
  })
}
