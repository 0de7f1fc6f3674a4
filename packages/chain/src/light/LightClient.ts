/** A chain's final blocks, known from a checkpoint that the operator trusts and what committees signed since, whoever passes it on. */
import type { Dissent } from '../Dissent.ts'
import * as Dissents from '../Dissent.ts'
import type { Hex } from '../Hex.ts'
import * as Http from '../Http.ts'
import { RequestError } from '../JsonRpc.ts'
import { CheckpointOldError, LightBehindError, LightSilentError } from '../QuorumError.ts'
import * as Beacon from './Beacon.ts'
import * as LightStore from './LightStore.ts'

export type Config = LightStore.Terms & {
  /** Nodes with the light client's part of the beacon API. One that is honest is enough, and none is believed. */
  readonly beacons: readonly { readonly id: string; readonly url: string }[]
  /** Root of a final beacon block, as the operator knows it from somewhere else. */
  readonly checkpoint: Hex
  /** Greatest age of the newest final block. Beyond it the chain is not read. */
  readonly maxAgeSeconds: number
  /** Greatest age of what is stood on, when it is stood on: committees of longer ago may have sold their keys. */
  readonly maxCheckpointAgeSeconds: number
  /** For one request to one node. */
  readonly timeoutMs: number
}

export type LightClient = {
  /**
   * The final blocks verified of late, newest first. Nodes are asked in the background, once a slot; it waits for them only where nothing was
   * heard of late.
   *
   * @param options.reach - the number of a block that somebody stands on. Where nothing so new is known nodes are asked at once, and it waits until
   *   one has told of it, or all have been heard: whoever names a block has heard of it some seconds earlier.
   * @throws {Quorum.CheckpointOldError} {Quorum.LightSilentError} {Quorum.LightBehindError}
   */
  readonly finals: (options?: { readonly reach: bigint | null }) => Promise<readonly LightStore.Final[]>
  /** What was verified, however old it is. Asks nobody. */
  readonly known: () => LightStore.Final | null
  /** Whether it has verified that this block is final. */
  readonly holds: (block: { readonly number: bigint; readonly hash: Hex }) => boolean
  /** What each node failed in when it was last asked, and that the checkpoint will soon be too old to start from. */
  readonly faults: () => readonly string[]
}

/** The part of its greatest age at which a checkpoint is told of: there is time left to renew it. */
const AGING = 0.75

/** No more often than this are nodes asked, whatever block is named. */
const HASTE_MS = 1_000
/** Updates asked for at once: some 50 KB each. */
const AT_ONCE = 16
/** Periods followed in one round. */
const PERIODS = 64
/** The most an answer may weigh. Bytes. */
const maxBytes = 4 * 1024 * 1024

/**
 * A light client of one chain. Nothing is asked before the first call.
 *
 * @param args.config - checked.
 * @param args.nowMs - unix milliseconds: what is signed later than that is refused.
 */
export function open(args: open.Args): LightClient {
  const { chainId, config, nowMs } = args
  const everyMs = config.slotSeconds * 1_000
  /** Longer than rounds are apart, also where every node hangs. */
  const quietMs = 3 * everyMs + 4 * config.timeoutMs * config.beacons.length
  let store: LightStore.LightStore | null = null
  /** Slot of the checkpoint. */
  let begun: number | null = null
  let dissent: readonly Dissent[] = []
  /** What is no node's fault. */
  let failure: { readonly error: unknown } | null = null
  let running: Promise<void> | null = null
  /** Of whoever waits for news. */
  let news = Promise.withResolvers<void>()
  let beganMs = Number.NEGATIVE_INFINITY
  let endedMs = Number.NEGATIVE_INFINITY

  /** How far off a time is. One that is to come is of a clock that was set back: as far off as one that is over. */
  const since = (ms: number) => Math.abs(nowMs() - ms)
  const asOf = () => Math.floor(nowMs() / 1000)
  const ageOf = (slot: number) => asOf() - (config.genesisTime + slot * config.slotSeconds)

  function learn(next: LightStore.LightStore): LightStore.LightStore {
    store = next
    news.resolve()
    news = Promise.withResolvers()
    return next
  }

  /** Asks every node once, all at the same time: one that hangs keeps no other waiting. What they send is verified one by one, as it comes. */
  async function round(): Promise<void> {
    let turn = Promise.resolve()
    const failed = await Promise.all(
      config.beacons.map(async ({ id, url }) => {
        try {
          const update = await fetchUpdate(url)
          const own = turn.then(() => follow(url, update))
          turn = own.catch(() => {})
          await own
          return []
        } catch (error) {
          return [{ id, error }]
        }
      }),
    )
    dissent = failed.flat().map(({ id, error }) => Dissents.of(id, error))
  }

  async function follow(url: string, update: Beacon.Update): Promise<void> {
    let at = store ?? (await begin(url))
    if (isOld(at)) return
    let next = await LightStore.next({ store: at, update, terms: config, asOf: asOf() })
    for (let periods = 0; next.status === 'ahead' && periods < PERIODS; periods += AT_ONCE) {
      at = await catchUp({ url, store: at, period: next.period })
      next = await LightStore.next({ store: at, update, terms: config, asOf: asOf() })
    }
    if (next.status === 'news') learn(next.store)
    if (next.status === 'ahead') throw new LightStore.InvalidUpdateError(`the committee of period ${next.period} was not told`)
  }

  async function begin(url: string): Promise<LightStore.LightStore> {
    const answer = await ask(url, `bootstrap/${config.checkpoint}`)
    const bootstrap = Beacon.parseBootstrap(answer, config.committeeSize)
    const first = await LightStore.from({ checkpoint: config.checkpoint, bootstrap, terms: config })
    begun = bootstrap.header.block.slot
    return learn(first)
  }

  /** Learns the committees up to a period, one by one: each is told by the state that the one before it signed. */
  async function catchUp(to: {
    readonly url: string
    readonly store: LightStore.LightStore
    readonly period: number
  }): Promise<LightStore.LightStore> {
    const from = Math.max(...to.store.committees.keys())
    const count = Math.min(AT_ONCE, to.period - from)
    const answer = await ask(to.url, `updates?start_period=${from}&count=${count}`)
    if (!Array.isArray(answer) || answer.length > count)
      throw new RequestError({ code: 'RPC_MALFORMED', detail: 'it sent no list of updates' })
    let at = to.store
    for (const value of answer) {
      const update = Beacon.parseUpdate(value, config.committeeSize)
      const next = await LightStore.next({ store: at, update, terms: config, asOf: asOf() })
      if (next.status === 'news') at = next.store
    }
    if (at === to.store) throw new LightStore.InvalidUpdateError(`it has no update of period ${from}`)
    return learn(at)
  }

  async function fetchUpdate(url: string): Promise<Beacon.Update> {
    return Beacon.parseUpdate(await ask(url, 'finality_update'), config.committeeSize)
  }

  function ask(url: string, path: string): Promise<unknown> {
    const { timeoutMs } = config
    return fetchJson({ url: `${url.replace(/\/$/, '')}/eth/v1/beacon/light_client/${path}`, timeoutMs })
  }

  /** Whoever could sign then may have left since, and sign anything now at no cost. */
  function isOld({ finals }: LightStore.LightStore): boolean {
    return ageOf(finals[0].slot) > config.maxCheckpointAgeSeconds
  }

  function start(): Promise<void> {
    if (running) return running
    beganMs = nowMs()
    running = round()
      .then(
        () => {
          failure = null
        },
        (error: unknown) => {
          failure = { error }
        },
      )
      .finally(() => {
        endedMs = nowMs()
        running = null
      })
    return running
  }

  function reaches(number: bigint): boolean {
    return store !== null && store.finals[0].number >= number && ageOf(store.finals[0].slot) <= config.maxAgeSeconds
  }

  async function finals({ reach }: { readonly reach: bigint | null } = { reach: null }): Promise<readonly LightStore.Final[]> {
    const isQuiet = since(endedMs) >= quietMs
    const isEnough = () => (reach === null ? !isQuiet : reaches(reach))
    if (running || since(beganMs) >= (isEnough() ? everyMs : Math.min(everyMs, HASTE_MS))) {
      const asked = start()
      // Another round than this one tells nobody here.
      while (running === asked && !isEnough()) await Promise.race([asked, news.promise])
    }
    if (failure !== null) throw failure.error
    const { maxAgeSeconds, maxCheckpointAgeSeconds } = config
    if (store === null) throw new LightSilentError({ chainId, dissent, ageSeconds: null, maxAgeSeconds })
    const ageSeconds = ageOf(store.finals[0].slot)
    if (isOld(store)) throw new CheckpointOldError({ chainId, dissent, ageSeconds, maxAgeSeconds: maxCheckpointAgeSeconds })
    if (ageSeconds <= maxAgeSeconds) return store.finals
    if (dissent.length === config.beacons.length) throw new LightSilentError({ chainId, dissent, ageSeconds, maxAgeSeconds })
    throw new LightBehindError({ chainId, dissent, ageSeconds, maxAgeSeconds })
  }

  function faults(): readonly string[] {
    const failed = dissent.map(({ id, why, detail }) => `LIGHT_CLIENT_SOURCE: beacon node ${id}: ${why}: ${detail}`)
    const ageSeconds = begun === null ? 0 : ageOf(begun)
    if (store === null || ageSeconds <= config.maxCheckpointAgeSeconds * AGING) return failed
    const { root } = store.finals[0]
    const left = Math.max(0, config.maxCheckpointAgeSeconds - ageSeconds)
    return [
      ...failed,
      `LIGHT_CHECKPOINT_AGING: the checkpoint can be started from for another ${left} s; a newer one that was verified is ${root}`,
    ]
  }

  return {
    ...{ finals, faults },
    known: () => store?.finals[0] ?? null,
    holds: ({ number, hash }) => store?.finals.some((final) => final.number === number && final.hash === hash) ?? false,
  }
}

export declare namespace open {
  type Args = { readonly chainId: number; readonly config: Config; readonly nowMs: () => number }
}

/** What a node answers, bounded in time and length, followed nowhere. */
async function fetchJson(args: { readonly url: string; readonly timeoutMs: number }): Promise<unknown> {
  const { url, timeoutMs } = args
  const signal = AbortSignal.timeout(timeoutMs)
  try {
    const response = await fetch(url, { redirect: 'error', headers: { accept: 'application/json' }, signal })
    const text = await Http.read(response, maxBytes)
    if (text === null) throw new RequestError({ code: 'RPC_BODY_TOO_LARGE', detail: `more than ${maxBytes} bytes` })
    if (response.status === 429) throw new RequestError({ code: 'RPC_RATE_LIMITED', detail: 'HTTP 429' })
    if (!response.ok) throw new RequestError({ code: 'RPC_HTTP_STATUS', detail: `HTTP ${response.status}` })
    return JSON.parse(text) as unknown
  } catch (error) {
    if (error instanceof RequestError) throw error
    if (error instanceof SyntaxError) throw new RequestError({ code: 'RPC_MALFORMED', detail: 'it is not JSON' })
    if (signal.aborted) throw new RequestError({ code: 'RPC_TIMEOUT', detail: `no answer within ${timeoutMs} ms` })
    throw new RequestError({ code: 'RPC_UNREACHABLE', detail: Http.reasonOf(error) })
  }
}
