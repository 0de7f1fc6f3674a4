/** Finding the block to read at: phases 0 to 2 of docs/decisions/0004-reductions-at-once-increases-when-final.md. Holds no state. */
import * as Agreement from './Agreement.ts'
import type { ChainConfig } from './ChainConfig.ts'
import type { Dissent } from './Dissent.ts'
import * as Header from './Header.ts'
import type { Hex } from './Hex.ts'
import { quantity } from './Hex.ts'
import type { Client } from './JsonRpc.ts'
import { RequestError } from './JsonRpc.ts'
import type { Pool } from './Pool.ts'
import { FinalityViolatedError, HashDisagreeError, LostError, StaleHeadError, WrongChainError } from './QuorumError.ts'

/** `final`: the newest block that k sources call final. `head`: the newest that k sources have, which may still be replaced. */
export type At = 'final' | 'head'

/** A block that k sources gave the same header for. */
export type Pinned = {
  readonly chainId: number
  readonly at: At
  readonly block: Header.Header
  /** The newest block that k sources claim to have seen, each figure for itself. */
  readonly head: { readonly number: bigint; readonly timestamp: number }
  /** Whose answers count from here on. Every source is here or in `dissent`. */
  readonly agree: readonly string[]
  readonly dissent: readonly Dissent[]
}

/** What every source says of itself. */
export type Survey = {
  readonly live: readonly { readonly id: string; readonly tagged: Header.Header; readonly latest: Header.Header }[]
  readonly dissent: readonly Dissent[]
}

export type Found = { readonly header: Header.Header; readonly agree: readonly string[]; readonly dissent: readonly Dissent[] }

type Context = { readonly config: ChainConfig; readonly pool: Pool }

/**
 * Phases 0 and 1: which chain each source is on, the block it calls final, and its newest.
 *
 * @throws {Quorum.LostError} {Quorum.WrongChainError} fewer than k sources are on this chain.
 */
export async function survey({ config, pool }: Context): Promise<Survey> {
  const { ids, resting } = pool.awake()
  const { answers, dissent } = await pool.ask(ids, async (client) => {
    const [id, tagged, latest] = await Promise.all([
      client.request('eth_chainId', []),
      client.request('eth_getBlockByNumber', [config.finality.tag, false]),
      client.request('eth_getBlockByNumber', ['latest', false]),
    ])
    return { chainId: quantity(id, 'chain id'), tagged: Header.parse(tagged), latest: Header.parse(latest) }
  })
  const isHere = ({ value }: (typeof answers)[number]) => value.chainId === BigInt(config.chainId)
  const wrong = answers
    .filter((answer) => !isHere(answer))
    .map(({ id, value }): Dissent => ({ id, why: 'RPC_WRONG_CHAIN', detail: `it is on chain ${value.chainId}` }))
  for (const one of wrong) pool.eject(one)

  const live = answers.filter(isHere).map(({ id, value }) => ({ id, tagged: value.tagged, latest: value.latest }))
  const all = [...dissent, ...resting, ...wrong]
  if (live.length < config.k) throw shortage({ config, have: live.length, dissent: all })
  return { live, dissent: all }
}

/** The newest block that k sources claim to have seen, number and time each for itself. */
export function headOf(seen: Survey, k: number): Pinned['head'] {
  return {
    number: Agreement.kthHighest(
      seen.live.map((source) => source.latest.number),
      k,
    ),
    timestamp: Number(
      Agreement.kthHighest(
        seen.live.map((source) => BigInt(source.latest.timestamp)),
        k,
      ),
    ),
  }
}

/**
 * Phase 2: the highest block that k sources have reached and give one header for, linked to the last accepted one.
 *
 * @param args.last - the last final block accepted; null before the first.
 * @param args.finals - where the chain has a light client, what it has verified: nothing else is pinned as final. Newest first.
 * @throws {Quorum.HashDisagreeError} {Quorum.StaleHeadError} {Quorum.FinalityViolatedError} {Quorum.LostError}
 */
export async function find(args: find.Args): Promise<Found> {
  const { config, seen, at, last, finals } = args
  const sources = seen.live.map((source) => ({
    id: source.id,
    height: heightOf({ source, at, depth: BigInt(config.finality.depth ?? 0) }),
  }))
  const top = Agreement.kthHighest(
    sources.map((source) => source.height),
    config.k,
  )
  if (last && top < last.number) return regressed({ ...args, last })

  let dissent: readonly Dissent[] = []
  const bottom = last?.number ?? 0n
  const heights = finals?.map(({ number }) => number) ?? sources.map((source) => source.height)
  const numbers = candidates({ heights, top, bottom })
  if (finals && numbers.length === 0) throw behind({ ...args, finals, top })
  for (const number of numbers) {
    const there = sources.filter((source) => source.height >= number).map((source) => source.id)
    const behind = sources.filter((source) => source.height < number)
    const round = await headersAt({ ...args, ids: there, number, known: finals?.find((final) => final.number === number) ?? null })
    dissent = [...round.dissent, ...behind.map((source) => lagging(source, number))]
    if (!round.header) continue
    if (last) await link({ ...args, header: round.header, agree: round.agree, last })
    return { header: round.header, agree: round.agree, dissent: [...seen.dissent, ...dissent] }
  }
  throw new HashDisagreeError({ chainId: config.chainId, number: top, dissent: [...seen.dissent, ...dissent] })
}

export declare namespace find {
  type Args = Context & {
    readonly seen: Survey
    readonly at: At
    readonly last: Header.Header | null
    readonly finals: readonly Header.Header[] | null
  }
}

/** No block is both: verified by the light client, and final by k sources. */
function behind(args: find.Args & { readonly finals: readonly Header.Header[]; readonly top: bigint }): StaleHeadError {
  const { config, seen, finals, last, top } = args
  const newest = finals[0]?.number ?? 0n
  const what =
    last && newest < last.number
      ? `called block ${last.number} final, which the light client has not reached: it is at ${newest}`
      : `are at final block ${top}, behind what the light client still remembers; it is at ${newest}`
  return new StaleHeadError({ chainId: config.chainId, dissent: seen.dissent, what })
}

/** The quorum is missing: for want of sources, or because those there are answer for another chain. */
export function shortage(args: {
  readonly config: ChainConfig
  readonly have: number
  readonly dissent: readonly Dissent[]
}): LostError | WrongChainError {
  const { config, have, dissent } = args
  const { chainId, k, sources } = config
  const wrong = dissent.filter((one) => one.why === 'RPC_WRONG_CHAIN').length
  if (wrong > 0 && have + wrong >= k) return new WrongChainError({ chainId, dissent })
  return new LostError({ chainId, dissent, have, k, n: sources.length })
}

function heightOf(args: { readonly source: Survey['live'][number]; readonly at: At; readonly depth: bigint }): bigint {
  const { source, at, depth } = args
  if (at === 'head') return source.latest.number
  const deep = source.latest.number > depth ? source.latest.number - depth : 0n
  return source.tagged.number < deep ? source.tagged.number : deep
}

/** Where the top height has no k equal headers, a lower one, which more sources have reached, may. */
function candidates(args: { readonly heights: readonly bigint[]; readonly top: bigint; readonly bottom: bigint }): readonly bigint[] {
  const { heights, top, bottom } = args
  return [...new Set(heights)].filter((height) => height <= top && height >= bottom).sort((a, b) => (a < b ? 1 : -1))
}

type Round = { readonly header: Header.Header | null; readonly agree: readonly string[]; readonly dissent: readonly Dissent[] }

/**
 * One header by number from each of `ids`; `header` is null where no k of them are equal.
 *
 * @param args.known - what it must be, where a light client says so: then only those who say the same agree.
 * @throws {Quorum.FinalityViolatedError} k of them say something else than what is known.
 */
async function headersAt(
  args: Context & {
    readonly seen: Survey
    readonly ids: readonly string[]
    readonly number: bigint
    readonly known: Header.Header | null
  },
): Promise<Round> {
  const { config, pool, seen, ids, number, known } = args
  const told = seen.live.flatMap(({ id, tagged, latest }) => {
    const header = [tagged, latest].find((one) => one.number === number)
    return header && ids.includes(id) ? [{ id, value: header }] : []
  })
  const rest = ids.filter((id) => !told.some((answer) => answer.id === id))
  const { answers, dissent } = await pool.ask(rest, (client) => headerAt(client, number))
  const all = [...told, ...answers].map(({ id, value }) => ({ id, value, key: Header.key(value) }))
  if (known) return heldAgainst({ ...args, known, answers: all, dissent })
  const agreement = Agreement.of({ answers: all, k: config.k })
  if (agreement.status === 'agreed')
    return {
      header: agreement.value,
      agree: agreement.agree,
      dissent: [...dissent, ...differing(agreement.differ, `another header for block ${number}`)],
    }
  const differ = agreement.status === 'disagree' ? agreement.differ : []
  return { header: null, agree: [], dissent: [...dissent, ...differing(differ, `no ${config.k} equal headers for block ${number}`)] }
}

/**
 * Which of the sources have a block that is known to be final, and did reach it.
 *
 * @throws {Quorum.FinalityViolatedError} {Quorum.HashDisagreeError} {Quorum.StaleHeadError} fewer than k have.
 */
export async function hold(args: Context & { readonly seen: Survey; readonly known: Header.Header }): Promise<Omit<Found, 'header'>> {
  const { config, seen, known } = args
  const { chainId, k } = config
  const ids = seen.live.filter(({ latest }) => latest.number >= known.number).map(({ id }) => id)
  const behind = seen.live
    .filter(({ id }) => !ids.includes(id))
    .map(({ id, latest }) => lagging({ id, height: latest.number }, known.number))
  const what = `have not reached block ${known.number}, which is final by its light client`
  if (ids.length < k) throw new StaleHeadError({ chainId, dissent: [...seen.dissent, ...behind], what })
  const round = await headersAt({ ...args, ids, number: known.number })
  const dissent = [...round.dissent, ...behind]
  if (!round.header) throw new HashDisagreeError({ chainId, number: known.number, dissent: [...seen.dissent, ...dissent] })
  return { agree: round.agree, dissent }
}

/** How the dissent of a source ends that is known to have lied. */
export const verified = 'than its light client verified'

/** Whoever calls a block final that is another one than the light client verified has lied, however many they are. */
function heldAgainst(args: {
  readonly config: ChainConfig
  readonly known: Header.Header
  readonly answers: readonly Agreement.Answer<Header.Header>[]
  readonly dissent: readonly Dissent[]
}): Round {
  const { config, known, answers } = args
  const { chainId, k } = config
  const same = answers.filter(({ key }) => key === Header.key(known))
  const [first] = same
  const others = answers.filter(({ key }) => key !== Header.key(known))
  const lies = differing(
    others.map(({ id }) => id),
    `another header for block ${known.number} ${verified}`,
  )
  const dissent = [...args.dissent, ...lies]
  if (first && same.length >= k) return { header: first.value, agree: same.map(({ id }) => id), dissent }
  const made = Agreement.of({ answers: others, k })
  if (made.status === 'agreed')
    throw new FinalityViolatedError({ chainId, dissent, accepted: known, found: made.value.hash, by: 'light client' })
  return { header: null, agree: [], dissent }
}

/** A newer block must stand on the last accepted one. */
async function link(
  args: Context & { readonly header: Header.Header; readonly agree: readonly string[]; readonly last: Header.Header },
): Promise<void> {
  const { config, pool, header, agree, last } = args
  if (header.number === last.number) return refuseOther({ config, last, found: header.hash })
  if (header.number === last.number + 1n) return refuseOther({ config, last, found: header.parentHash })

  const { answers, dissent } = await pool.ask(agree, (client) => headerAt(client, last.number))
  const agreement = Agreement.of({ answers: answers.map(({ id, value }) => ({ id, value, key: value.hash })), k: config.k })
  if (agreement.status === 'short') throw shortage({ config, have: agreement.have, dissent })
  if (agreement.status === 'disagree')
    throw new HashDisagreeError({
      chainId: config.chainId,
      number: last.number,
      dissent: differing(agreement.differ, `no ${config.k} equal hashes for block ${last.number}`),
    })
  refuseOther({ config, last, found: agreement.value.hash })
}

/** The sources went back: a lag as long as k of them still have the accepted block, a violation when k have another there. */
async function regressed(args: Context & { readonly seen: Survey; readonly last: Header.Header }): Promise<Found> {
  const { config, seen, last } = args
  const round = await headersAt({ ...args, ids: seen.live.map((source) => source.id), number: last.number, known: null })
  const dissent = [...seen.dissent, ...round.dissent]
  if (!round.header)
    throw new StaleHeadError({ chainId: config.chainId, dissent, what: `are behind block ${last.number}, which they had called final` })
  refuseOther({ config, last, found: round.header.hash })
  return { header: round.header, agree: round.agree, dissent }
}

function refuseOther(args: { readonly config: ChainConfig; readonly last: Header.Header; readonly found: Hex }): void {
  const { config, last, found } = args
  if (found !== last.hash) throw new FinalityViolatedError({ chainId: config.chainId, dissent: [], accepted: last, found })
}

/** One header by number, from one source. */
export async function headerAt(client: Client, number: bigint): Promise<Header.Header> {
  const header = Header.parse(await client.request('eth_getBlockByNumber', [`0x${number.toString(16)}`, false]))
  if (header.number !== number) throw new RequestError({ code: 'RPC_MALFORMED', detail: `block ${header.number} in answer to ${number}` })
  return header
}

function lagging(source: { readonly id: string; readonly height: bigint }, target: bigint): Dissent {
  return { id: source.id, why: 'SOURCE_LAGGING', detail: `it is at ${source.height}, the target is ${target}` }
}

function differing(ids: readonly string[], detail: string): readonly Dissent[] {
  return ids.map((id) => ({ id, why: 'RPC_HASH_DISAGREE', detail }))
}
