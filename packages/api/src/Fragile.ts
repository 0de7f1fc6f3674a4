/** How fragile a market is, told to anybody: from the snapshot, by the pure package, with its age. No account is named. */
import { Fragility, Reading } from '@plimsoll/liquidation'
import type { z } from 'zod'
import { RateLimitedError } from './Fault.ts'
import type * as Schema from './FragileSchema.ts'
import * as Gather from './Gather.ts'
import type { Services } from './Services.ts'
import type { MarketState, ReadingState } from './Snapshot.ts'
import { encode } from './Wire.ts'

type Read = Extract<ReadingState, { readonly status: 'ok' }>
type Unread = {
  readonly status: 'unread'
  readonly market: string
  readonly ageSeconds: number
  readonly code: string
  readonly message: string
}

/** An answer is given again while the snapshot it is of is at most this much older than the latest: work is bounded however many ask. */
const keptMs = 5_000
/** And for so many times as long as it took: at most a twentieth of the time goes into one question. */
const times = 20
const most = 500

/** What-ifs are new questions each: together they get this much of each window, whoever asks. */
const windowMs = 10_000
const spendMs = 2_000

type Kept = {
  readonly takenAtMs: number
  /** Of a snapshot from then on the question is computed anew. */
  readonly untilMs: number
  readonly state: MarketState
  readonly read: Read
  readonly figures: unknown
}

/** The three questions over one set of services, computed one after another. What was computed is kept for a few seconds, by question. */
export function open(services: Services) {
  const kept = new Map<string, Kept>()
  /** What is being computed or waits its turn: whoever asks the same meanwhile is given the same. */
  const asked = new Map<string, Promise<Kept>>()
  let last: Promise<unknown> = Promise.resolve()

  /** What is computed of the market's reading with where it comes from, or why it is not known. */
  async function answer<T>(market: string, question: string, compute: (read: Read, state: MarketState) => Promise<T>) {
    const snapshot = services.snapshot()
    const state = Gather.marketOf(snapshot, market)
    if (state.reading.status === 'unread') {
      const { code, message } = state.reading
      return { status: 'unread' as const, market, ageSeconds: seconds(services.now() - snapshot.takenAtMs), code, message }
    }
    const read = state.reading
    const known = kept.get(question)
    if (known !== undefined && snapshot.takenAtMs < known.untilMs) return told(known, known.figures as T)
    const { takenAtMs } = snapshot
    const fresh = await (asked.get(question) ?? ask(question, { takenAtMs, state, read }, () => compute(read, state)))
    return told(fresh, fresh.figures as T)
  }

  /** Computes once everything that was asked before is done, and keeps it. */
  function ask(question: string, from: Omit<Kept, 'untilMs' | 'figures'>, compute: () => Promise<unknown>): Promise<Kept> {
    const mine = last
      .then(async () => {
        const began = services.now()
        const figures = await compute()
        const tookMs = Math.max(0, services.now() - began)
        if (kept.size >= most) kept.clear()
        const fresh = { ...from, untilMs: from.takenAtMs + Math.max(keptMs, times * tookMs), figures }
        kept.set(question, fresh)
        return fresh
      })
      .finally(() => asked.delete(question))
    asked.set(question, mine)
    last = mine.catch(() => {})
    return mine
  }

  function told<T>({ takenAtMs, state, read }: Kept, figures: T) {
    const { symbol } = state.terms
    const source = sourceOf(state, read, { takenAtMs, nowMs: services.now() })
    return { status: 'ok' as const, market: symbol, ageSeconds: seconds(services.now() - takenAtMs), source, figures }
  }

  let [window, spent] = [0, 0]
  /** Computes within what is left of the window. @throws {RateLimitedError} nothing is. */
  async function within<T>(compute: () => Promise<T>): Promise<T> {
    const began = services.now()
    const now = Math.floor(began / windowMs)
    if (now !== window) [window, spent] = [now, 0]
    if (spent >= spendMs) throw new RateLimitedError({ retryAfterSeconds: Math.ceil(((now + 1) * windowMs - began) / 1000) })
    try {
      return await compute()
    } finally {
      spent += Math.max(0, services.now() - began)
    }
  }

  return {
    fragility: async (market: string): Promise<z.infer<typeof Schema.fragilityOutput>> =>
      flat(
        await answer(market, `fragility ${market}`, async ({ reading }, { brake }) =>
          encode(await services.figures.fragility(reading, brake)),
        ),
      ),
    clusters: async (market: string): Promise<z.infer<typeof Schema.clustersOutput>> =>
      flat(
        await answer(market, `clusters ${market}`, async ({ reading }) => encode(await services.figures.clusters(reading, Reading.width))),
      ),
    stress: async ({ market, ...scenario }: z.infer<typeof Schema.stressInput>): Promise<z.infer<typeof Schema.stressOutput>> => {
      const { shockPpm, depthPpm, others } = scenario
      return flat(
        await answer(market, `stress ${market} ${shockPpm} ${depthPpm} ${others}`, ({ reading }) =>
          within(async () => encode(await services.figures.stress(reading, scenario))),
        ),
      )
    },
  }
}

/** The figures beside where they come from. */
function flat<T extends object>(answer: Unread | { status: 'ok'; market: string; ageSeconds: number; source: Source; figures: T }) {
  if (answer.status === 'unread') return answer
  const { figures, ...known } = answer
  return { ...known, ...figures }
}

type Source = Extract<z.infer<typeof Schema.fragilityOutput>, { status: 'ok' }>['source']

function sourceOf({ price }: MarketState, read: Read, at: { readonly takenAtMs: number; readonly nowMs: number }): Source {
  const { reading, sigma, blocks } = read
  const ageOf = (time: number) => seconds(at.nowMs - time * 1000)
  return {
    takenAt: Math.floor(at.takenAtMs / 1000),
    bookHash: reading.bookHash,
    accounts: Fragility.accounts(reading),
    blocks: blocks.map(({ venue, number, timestamp }) => ({ venue, number: number.toString(), timestamp, ageSeconds: ageOf(timestamp) })),
    price:
      price.status === 'ok'
        ? { status: price.status, index: price.index.toString(), publishedAt: price.publishedAt, ageSeconds: ageOf(price.publishedAt) }
        : { status: price.status, code: price.code, message: price.message },
    sigma: {
      source: sigma.source,
      annualPpm: reading.sigmaPpm.forecast,
      horizonSeconds: reading.horizonSeconds,
      ...(sigma.source === 'forecast'
        ? { model: sigma.model, modelHash: sigma.modelHash, asOf: sigma.asOf, why: null }
        : { model: null, modelHash: null, asOf: null, why: sigma.why }),
    },
  }
}

function seconds(ms: number): number {
  return Math.max(0, ms) / 1000
}
