/** A chain read by k of n sources at one pinned block hash. */
import * as Agreement from './Agreement.ts'
import * as ChainConfig from './ChainConfig.ts'
import type { Dissent } from './Dissent.ts'
import * as Diversity from './Diversity.ts'
import { type Header, key as keyOf } from './Header.ts'
import type { Hex } from './Hex.ts'
import { bytes } from './Hex.ts'
import * as Jitter from './Jitter.ts'
import type * as JsonRpc from './JsonRpc.ts'
import * as Log from './Log.ts'
import * as LightClient from './light/LightClient.ts'
import * as MerkleProof from './MerkleProof.ts'
import * as Multicall from './Multicall.ts'
import * as Pin from './Pin.ts'
import * as Pool from './Pool.ts'
import {
  FinalityStalledError,
  FinalityViolatedError,
  HashDisagreeError,
  MulticallError,
  ProofInvalidError,
  QuorumError,
  StaleHeadError,
  UniformError,
  ValueDisagreeError,
} from './QuorumError.ts'
import * as SourceScore from './SourceScore.ts'

export type { At, Pinned } from './Pin.ts'
export * from './QuorumError.ts'

export type Read = {
  readonly pinned: Pin.Pinned
  /** One a call, in order. */
  readonly results: readonly Multicall.Result[]
  readonly agree: readonly string[]
  readonly dissent: readonly Dissent[]
}

export type LogRead = {
  /** One list a source, at least k of them. */
  readonly answers: readonly { readonly id: string; readonly logs: readonly Log.Log[] }[]
  readonly dissent: readonly Dissent[]
}

export type Proven = {
  /** One a slot, in order. */
  readonly values: readonly bigint[]
  /** Whose proof it was; null where nothing had to be asked. */
  readonly source: string | null
  readonly dissent: readonly Dissent[]
}

export type LogFilter = {
  readonly fromBlock: bigint
  readonly toBlock: bigint | 'latest'
  readonly addresses: readonly Hex[]
  /** Per position, the values that match; an empty list matches all. */
  readonly topics: readonly (readonly Hex[])[]
}

export type Reader = {
  readonly config: ChainConfig.ChainConfig
  /** The last final block accepted, to be kept across restarts; null before the first. */
  readonly accepted: () => Header | null
  /** How far each source's word has held, by its id. A proof is asked of the best first. */
  readonly scores: () => ReadonlyMap<string, SourceScore.SourceScore>
  /** Whether a block may be called final: its light client verified it, or it has none. */
  readonly isVerified: (block: { readonly number: bigint; readonly hash: Hex }) => boolean
  /** What stands against its light client, each with a code; nothing where it has none. */
  readonly lightFaults: () => readonly string[]
  /** @param options.reach - number of the final block that somebody names: its light client is asked at once whether it is final by now. */
  readonly pin: (options?: { readonly at?: Pin.At; readonly reach?: bigint }) => Promise<Pin.Pinned>
  /** One `eth_call` per source for each of `Multicall.parts`, all at the pinned block; a part that cannot be read fails the whole. */
  readonly read: (args: { readonly pinned: Pin.Pinned; readonly calls: readonly Multicall.Call[] }) => Promise<Read>
  /** One `eth_getLogs` per source. Says nothing of whether the lists are equal. */
  readonly logs: (args: { readonly pinned: Pin.Pinned; readonly filter: LogFilter }) => Promise<LogRead>
  /** Values of a contract's storage, proven against the pinned header. One source is enough: a proof needs no second voice. */
  readonly prove: (args: { readonly pinned: Pin.Pinned; readonly address: Hex; readonly slots: readonly Hex[] }) => Promise<Proven>
  /** The header of an earlier block, from k of the agreeing sources. */
  readonly header: (args: { readonly pinned: Pin.Pinned; readonly number: bigint }) => Promise<Header>
  /** Pins and reads; a block replaced in between is pinned anew, three times at most. */
  readonly fetch: (args: { readonly calls: readonly Multicall.Call[]; readonly at?: Pin.At }) => Promise<Read>
  /** An operator's word that the chain may be read again, from `accepted` on; null trusts the next. */
  readonly reset: (args: { readonly accepted: Header | null }) => void
}

const ATTEMPTS = 3
/** Parts of a read that are asked for at once. */
const AT_ONCE = 4
/** Greatest wait before the second attempt, doubled before the third. */
const FIRST_WAIT_MS = 100
/** Slots to a proof: about 4 KiB each on a large chain, below the greatest answer that is read. */
const SLOTS = 500

/**
 * A reader of one chain.
 *
 * Source: docs/decisions/0004-reductions-at-once-increases-when-final.md.
 *
 * Chain ids are checked on every pin; a source on the wrong chain stays out until a reset.
 *
 * @param args.accepted - the last final block accepted before a restart; absent or null trusts the first.
 * @param args.nowMs - the clock that ages are measured by. Unix milliseconds.
 * @param args.random - how long to wait before another attempt, and how long to leave a failing source alone.
 * @throws {ChainConfig.InvalidConfigError}
 */
export function open(args: open.Args): Reader {
  const config = ChainConfig.of(args.config)
  const { chainId, k } = config
  const nowMs = args.nowMs ?? Date.now
  const random = args.random ?? Math.random
  const pool = Pool.open(config, { nowMs, random })
  const light = config.lightClient ? LightClient.open({ chainId, config: config.lightClient, nowMs }) : null
  let accepted = args.accepted ?? null
  let frozen: FinalityViolatedError | null = null
  const scores = new Map(config.sources.map(({ id }) => [id, SourceScore.start]))

  function scoreOf(id: string): SourceScore.SourceScore {
    return scores.get(id) ?? SourceScore.start
  }

  function judge(args: { readonly agree: readonly string[]; readonly dissent: readonly Dissent[] }): void {
    const asOf = Math.floor(nowMs() / 1000)
    for (const id of args.agree) scores.set(id, SourceScore.next({ score: scoreOf(id), dissent: null, asOf }))
    for (const one of args.dissent) scores.set(one.id, SourceScore.next({ score: scoreOf(one.id), dissent: one, asOf }))
  }

  async function pin({ at = 'final', reach }: { readonly at?: Pin.At; readonly reach?: bigint } = {}): Promise<Pin.Pinned> {
    if (frozen) throw frozen
    const verified = async (named: bigint | null) => (light && at === 'final' ? light.finals({ reach: named }) : null)
    await verified(reach ?? null)
    const all = await Pin.survey({ config, pool })
    const head = Pin.headOf(all, k)
    refuseOldHead(head.timestamp, all.dissent)
    const seen = at === 'head' ? await standing(all) : all

    let finals: readonly Header[] | null
    let last: Header | null
    let found: Pin.Found
    do {
      // Another pin may accept a block meanwhile, one that was verified since this began; then this one must link to that.
      finals = await verified(0n)
      last = accepted
      found = await orFreeze(Pin.find({ config, pool, seen, at, last, finals }))
    } while (accepted?.hash !== last?.hash)
    refuseUniform(found)
    if (at === 'final') {
      refuseUnverified(found, finals)
      refuseOldFinal(found)
      accepted = found.header
    }
    // At the head two forks are both true for a while.
    judge({ agree: [], dissent: found.dissent.filter(({ why }) => at === 'final' || why !== 'RPC_HASH_DISAGREE') })
    return { chainId, at, block: found.header, head, agree: found.agree, dissent: found.dissent }
  }

  /** At the head nothing is signed yet, but it must stand on what is. */
  async function standing(seen: Pin.Survey): Promise<Pin.Survey> {
    if (!light) return seen
    // Whoever reads the head alone hears of what is signed as well. What it fails in is told to whoever reads what is final.
    light.finals().catch(() => {})
    const known = light.known()
    if (!known) return seen
    const held = await orFreeze(Pin.hold({ config, pool, seen, known }))
    judge({ agree: [], dissent: held.dissent })
    return { live: seen.live.filter(({ id }) => held.agree.includes(id)), dissent: [...seen.dissent, ...held.dissent] }
  }

  async function orFreeze<value>(work: Promise<value>): Promise<value> {
    try {
      return await work
    } catch (error) {
      if (error instanceof FinalityViolatedError) frozen = error
      // Without a light client nobody knows which of them lied.
      if (light && error instanceof QuorumError)
        judge({
          agree: [],
          dissent: error.dissent.filter(({ why, detail }) => why === 'RPC_HASH_DISAGREE' && detail.endsWith(Pin.verified)),
        })
      throw error
    }
  }

  /** Sources that went back may still have what they called final before: without the light client's word that counts for nothing. */
  function refuseUnverified({ header, dissent }: Pin.Found, finals: readonly Header[] | null): void {
    if (finals === null || finals.some(({ hash }) => hash === header.hash)) return
    throw new StaleHeadError({ chainId, dissent, what: `are at block ${header.number}, which the light client has not verified` })
  }

  async function read(args: { readonly pinned: Pin.Pinned; readonly calls: readonly Multicall.Call[] }): Promise<Read> {
    const { pinned, calls } = args
    refuseForeign(pinned)
    if (calls.length === 0) return { pinned, results: [], agree: pinned.agree, dissent: pinned.dissent }
    const parts = Multicall.parts(calls)
    const reads: Read[] = []
    let agree = pinned.agree
    for (let from = 0; from < parts.length; from += AT_ONCE) {
      // Whoever failed one part is asked for no other while there are enough without: who hangs costs its timeout once.
      const asked = agree.length >= k ? { ...pinned, agree } : pinned
      reads.push(...(await Promise.all(parts.slice(from, from + AT_ONCE).map((some) => readPart({ pinned: asked, calls: some })))))
      agree = pinned.agree.filter((id) => reads.every((read) => read.agree.includes(id)))
    }
    return {
      pinned,
      results: reads.flatMap(({ results }) => results),
      agree,
      dissent: [...new Map(reads.flatMap(({ dissent }) => dissent).map((one) => [one.id, one])).values()],
    }
  }

  async function readPart(args: { readonly pinned: Pin.Pinned; readonly calls: readonly Multicall.Call[] }): Promise<Read> {
    const { pinned, calls } = args
    const { number, hash } = pinned.block
    const to = config.multicall ?? ChainConfig.canonicalMulticall
    const params = [
      { to, data: Multicall.encode(calls) },
      { blockHash: hash, requireCanonical: true },
    ]
    const { answers, dissent } = await pool.ask(pinned.agree, async (client) =>
      bytes(await client.request('eth_call', params), 'call result'),
    )
    const agreement = Agreement.of({ answers: answers.map(({ id, value }) => ({ id, value, key: value })), k })
    if (agreement.status === 'short') {
      const refused = dissent.filter((one) => one.why === 'RPC_ANSWERED_ERROR')
      if (refused.length >= k)
        throw new MulticallError({ chainId, dissent: [...pinned.dissent, ...dissent], address: to, detail: refused[0]?.detail ?? '' })
      throw missing({ pinned, have: agreement.have, dissent })
    }
    const differ = agreement.differ.map((id): Dissent => ({ id, why: 'RPC_VALUE_DISAGREE', detail: `another answer at block ${number}` }))
    const all = [...pinned.dissent, ...dissent, ...differ]
    if (agreement.status === 'disagree') throw new ValueDisagreeError({ chainId, number, dissent: all })
    judge({ agree: agreement.agree, dissent: differ })
    refuseUniform({ agree: agreement.agree, dissent: all })
    const decoded = Multicall.decode({ data: agreement.value, count: calls.length })
    if (decoded.status === 'malformed') throw new MulticallError({ chainId, dissent: all, address: to, detail: decoded.detail })
    return { pinned, results: decoded.results, agree: agreement.agree, dissent: all }
  }

  /** What was proven of a contract, under the root it was proven by: an equal root means equal values. */
  const known = new Map<Hex, { readonly root: Hex; readonly values: Map<Hex, bigint> }>()

  async function prove(args: { readonly pinned: Pin.Pinned; readonly address: Hex; readonly slots: readonly Hex[] }): Promise<Proven> {
    const { pinned, address, slots } = args
    refuseForeign(pinned)
    if (slots.length === 0) return { values: [], source: null, dissent: [] }
    const best = pinned.agree.toSorted((a, b) => scoreOf(b).scorePpm - scoreOf(a).scorePpm)
    const { answer, source, dissent } = await pool.first(best, (client) => proveBy({ client, pinned, address, slots }))
    judge({ agree: source === null ? [] : [source], dissent })
    if (answer) return { values: answer, source, dissent }
    if (dissent.some(({ why }) => why === 'PROOF_INVALID'))
      throw new ProofInvalidError({ chainId, number: pinned.block.number, dissent, what: `no source proves the storage of ${address}` })
    throw missing({ pinned, have: 0, dissent })
  }

  async function proveBy(args: {
    readonly client: JsonRpc.Client
    readonly pinned: Pin.Pinned
    readonly address: Hex
    readonly slots: readonly Hex[]
  }): Promise<readonly bigint[]> {
    const { client, pinned, address, slots } = args
    const block = { blockHash: pinned.block.hash, requireCanonical: true }
    const stateRoot = MerkleProof.stateRoot(await client.request('eth_getBlockByHash', [pinned.block.hash, false]), pinned.block)
    const ask = async (some: readonly Hex[]) =>
      MerkleProof.verify({ answer: await client.request('eth_getProof', [address, some, block]), stateRoot, address, slots: some })

    const before = known.get(address)
    const { storageRoot } = before ? await ask([]) : { storageRoot: null }
    const values = before && before.root === storageRoot ? before.values : new Map<Hex, bigint>()
    const unknown = slots.filter((slot) => !values.has(slot))
    for (let from = 0; from < unknown.length; from += SLOTS) {
      const part = unknown.slice(from, from + SLOTS)
      const proven = await ask(part)
      for (const [index, value] of proven.values.entries()) values.set(part[index] ?? '0x', value)
      known.set(address, { root: proven.storageRoot, values })
    }
    return slots.map((slot) => values.get(slot) ?? 0n)
  }

  async function logs(args: { readonly pinned: Pin.Pinned; readonly filter: LogFilter }): Promise<LogRead> {
    const { pinned, filter } = args
    refuseForeign(pinned)
    const params = [
      {
        fromBlock: hexOf(filter.fromBlock),
        toBlock: filter.toBlock === 'latest' ? 'latest' : hexOf(filter.toBlock),
        address: filter.addresses,
        topics: filter.topics.map((values) => (values.length === 0 ? null : values)),
      },
    ]
    const { answers, dissent } = await pool.ask(pinned.agree, async (client) => Log.parseAll(await client.request('eth_getLogs', params)))
    if (answers.length < k) throw missing({ pinned, have: answers.length, dissent })
    return { answers: answers.map(({ id, value }) => ({ id, logs: value })), dissent: [...pinned.dissent, ...dissent] }
  }

  async function header(args: { readonly pinned: Pin.Pinned; readonly number: bigint }): Promise<Header> {
    const { pinned, number } = args
    refuseForeign(pinned)
    const { answers, dissent } = await pool.ask(pinned.agree, (client) => Pin.headerAt(client, number))
    const agreement = Agreement.of({ answers: answers.map(({ id, value }) => ({ id, value, key: keyOf(value) })), k })
    if (agreement.status === 'short') throw missing({ pinned, have: agreement.have, dissent })
    if (agreement.status === 'disagree') throw new HashDisagreeError({ chainId, number, dissent: [...pinned.dissent, ...dissent] })
    return agreement.value
  }

  async function fetch(args: { readonly calls: readonly Multicall.Call[]; readonly at?: Pin.At }): Promise<Read> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await read({ pinned: await pin({ at: args.at ?? 'final' }), calls: args.calls })
      } catch (error) {
        if (!(error instanceof HashDisagreeError) || attempt === ATTEMPTS) throw error
        // Whoever reads this chain besides has met the same reorganisation.
        await pause(Jitter.full({ ms: FIRST_WAIT_MS * 2 ** (attempt - 1), random }))
      }
    }
  }

  /** Too few answers: because the pinned block was replaced, or because sources died. */
  function missing(args: { readonly pinned: Pin.Pinned; readonly have: number; readonly dissent: readonly Dissent[] }): Error {
    const { pinned, have } = args
    const gone = args.dissent.filter((one) => one.why === 'RPC_BLOCK_UNKNOWN').length
    const dissent = [...pinned.dissent, ...args.dissent]
    if (gone > 0 && have + gone >= k) return new HashDisagreeError({ chainId, number: pinned.block.number, dissent })
    return Pin.shortage({ config, have, dissent })
  }

  function refuseOldHead(timestamp: number, dissent: readonly Dissent[]): void {
    const { maxAgeSeconds } = config.finality
    const ageSeconds = ageOf(timestamp)
    if (ageSeconds > maxAgeSeconds)
      throw new StaleHeadError({ chainId, dissent, what: `have seen no block for ${ageSeconds} s; at most ${maxAgeSeconds} s is used` })
  }

  function refuseOldFinal(found: Pin.Found): void {
    const { maxAgeSeconds } = config.finality
    const ageSeconds = ageOf(found.header.timestamp)
    if (ageSeconds > maxAgeSeconds) throw new FinalityStalledError({ chainId, dissent: found.dissent, ageSeconds, maxAgeSeconds })
  }

  function ageOf(timestamp: number): number {
    return Math.floor(nowMs() / 1000) - timestamp
  }

  function refuseUniform(args: { readonly agree: readonly string[]; readonly dissent: readonly Dissent[] }): void {
    const agreeing = config.sources.filter(({ id }) => args.agree.includes(id))
    const lacking = Diversity.lacking(ChainConfig.diversity(config), agreeing)
    if (lacking !== null) throw new UniformError({ chainId, dissent: args.dissent, lacking })
  }

  function refuseForeign(pinned: Pin.Pinned): void {
    if (frozen) throw frozen
    if (pinned.chainId !== chainId)
      throw new RangeError(`A block pinned on chain ${pinned.chainId} was handed to the reader of chain ${chainId}.`)
  }

  function reset(args: { readonly accepted: Header | null }): void {
    accepted = args.accepted
    frozen = null
    pool.readmit()
  }

  return {
    ...{ config, accepted: () => accepted, scores: () => scores },
    isVerified: (block) => light?.holds(block) ?? true,
    lightFaults: () => light?.faults() ?? [],
    ...{ pin, read, logs, prove, header, fetch, reset },
  }
}

export declare namespace open {
  type Args = {
    readonly config: ChainConfig.ChainConfig
    readonly accepted?: Header | null
    readonly nowMs?: () => number
    readonly random?: Jitter.Random
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

function hexOf(value: bigint): Hex {
  return `0x${value.toString(16)}`
}
