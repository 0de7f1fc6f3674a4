/** A market and the people in it, from one seed: prices, forecasts, what everybody wants to open, and the records they have earned. */
import { Ablation, Admission, Book } from '@plimsoll/liquidation'
import { Fixed, type Inputs } from '@plimsoll/margin'
import { Grant, Model, Score, type Tier, TrackRecord } from '@plimsoll/reputation'
import { type Bar, Random, RealisedVariance, SyntheticMarket } from '@plimsoll/volatility'
import * as Forecasts from './Forecasts.ts'

export type Options = {
  readonly seed: number
  readonly traders: number
  /** Days that are compared; those of the warm-up come before. */
  readonly days: number
  /** 1/κ. USD. */
  readonly depth: number
  readonly estimator: Forecasts.Estimator
  /** `record`: what the record of the warm-up earns. `full`: the greatest discount on everything for whoever kept positions alive in it. */
  readonly grants: 'record' | 'full'
  /** Share of traders whose conduct is drawn anew after the warm-up: 0 where records tell the truth, 1 where they say nothing. */
  readonly noise: number
}

export type Population = { readonly world: Admission.World; readonly fates: readonly Ablation.Fate[]; readonly granted: Granted }

/** What the records of the warm-up came to. USD. */
export type Granted = { readonly share: number; readonly discountPpm: number; readonly provenCap: number }

/** Days in which forecasts are fitted and records earned, under static margin. */
export const warmup = 200
const hours = 24
const daySeconds = 86_400
const one = 10n ** 18n
const symbol = 'ASSET-PERP'
/** Static initial and maintenance margin: ten times, and a liquidation at 4 %. */
const initialPpm = 100_000
const maintenancePpm = 40_000
const feePpm = 1_000
const greatestDiscountPpm = 300_000
/** Annualised, of the synthetic market's diffusion. */
const volatility = 0.8
/** A crash or a squeeze: one in so many days on average, so far in so many hours, three of four downward. */
const crash = { everyDays: 40, logMove: 0.15, bars: 6, down: 0.75 } as const

type Person = {
  readonly account: string
  readonly collateral: bigint
  /** What leverage is wanted, in the middle. */
  readonly appetite: number
  readonly tier: Tier.Tier
  /** How often money is put in when a position gets half-way to its liquidation: in the warm-up, and after it. */
  readonly discipline: readonly [before: number, after: number]
}

/** The whole population of one seed. */
export function of(options: Options): Population {
  const bars = prices(options)
  const forecasts = Forecasts.of({ bars, hours, warmup, estimator: options.estimator })
  const people = born(options)
  const days = forecasts.map((forecast) => lived(options, people, forecast, bars))
  const split = days.findIndex(({ day }) => day.at >= warmup * daySeconds)
  const through = RealisedVariance.annualise({
    variance: forecasts.slice(0, split).reduce((sum, { variance }) => sum + variance / split, 0),
    horizonSeconds: daySeconds,
  })
  const terms = termsOf(options, Math.ceil(through * 1_000_000))
  const strangers = people.map(({ account, collateral }) => ({ account, collateral, grant: terms.inputs.grant }))
  const before = days.slice(0, split)
  const books = Admission.of({ terms, traders: strangers, days: before.map(({ day }) => day) }, [], 1_000_000)
  const events = earned(before, books, terms)
  const traders = people.map(({ account, collateral, tier, discipline }) => {
    const earned = grantOf(events.get(account) ?? [], tier, terms)
    const whole = discipline[0] > 0.5 ? { ...earned, tier: 3 as const, imDiscountPpm: greatestDiscountPpm, provenCap: unbounded } : earned
    return { account, collateral, grant: options.grants === 'full' ? whole : earned }
  })
  const discounted = traders.filter(({ grant }) => grant.imDiscountPpm > 0)
  const mean = (of: (grant: Inputs.Grant) => number) => discounted.reduce((sum, { grant }) => sum + of(grant) / discounted.length, 0)
  return {
    world: { terms, traders, days: days.slice(split).map(({ day }) => day) },
    fates: days.slice(split).map(({ fate }) => fate),
    granted: {
      share: discounted.length / traders.length,
      discountPpm: mean(({ imDiscountPpm }) => imDiscountPpm),
      provenCap: mean(({ provenCap }) => Book.usd(provenCap)),
    },
  }
}

function prices({ seed, days }: Options): readonly Bar.Bar[] {
  const random = Random.of(seed, 'crashes')
  const events: SyntheticMarket.Event[] = []
  for (let day = 30; day < warmup + days; day++) {
    const [when, down, hour] = [random.uniform(), random.uniform(), random.uniform()]
    if (when * crash.everyDays >= 1) continue
    const bar = day * hours + Math.floor(hour * (hours - crash.bars))
    events.push({ bar, bars: crash.bars, logMove: down < crash.down ? -crash.logMove : crash.logMove })
  }
  const generated = SyntheticMarket.generate({
    seed,
    startAt: 0,
    intervalSeconds: daySeconds / hours,
    bars: (warmup + days) * hours,
    assets: [{ symbol, price: 1_000, volatility }],
    events,
  })
  return generated[symbol] ?? []
}

function born({ seed, traders, noise }: Options): readonly Person[] {
  const random = Random.of(seed, 'people')
  const drawn = () => (random.uniform() < 0.5 ? 0.98 : 0.1)
  return Array.from({ length: traders }, (_, i) => {
    const collateral = BigInt(Math.ceil(20_000 * Math.exp(random.normal()))) * one
    const appetite = 8 * Math.exp(0.6 * random.normal())
    const tier = Math.min(3, Math.floor(4 * random.uniform())) as Tier.Tier
    const [before, again, anew] = [drawn(), drawn(), random.uniform()]
    const account = `eip155:31337:0x${i.toString(16).padStart(40, '0')}`
    return { account, collateral, appetite, tier, discipline: [before, anew < noise ? again : before] }
  })
}

/** One day: what is asked for in which order, and what then happens. Its numbers do not depend on any other day's. */
function lived({ seed }: Options, people: readonly Person[], forecast: Forecasts.Daily, bars: readonly Bar.Bar[]) {
  const { index, sigma } = forecast
  const at = index * daySeconds
  const random = Random.of(seed, `day ${index}`)
  const longs = Math.max(0.3, Math.min(0.95, 0.65 + 0.15 * random.normal()))
  const rescues: Record<string, bigint> = {}
  const wanted = people.map((person, trader) => {
    const [comes, leverage, side, saves] = [random.uniform(), random.normal(), random.uniform(), random.uniform()]
    const [before, after] = person.discipline
    if (saves < (index < warmup ? before : after)) rescues[person.account] = person.collateral / 2n
    if (comes > 0.7) return null
    const times = BigInt(Math.round(1e6 * person.appetite * Math.exp(0.4 * leverage)))
    return { trader, side: side < longs ? ('long' as const) : ('short' as const), notional: (person.collateral * times) / 1_000_000n }
  })
  const orders = [...random.permutation(people.length)].flatMap((i) => wanted[i] ?? [])
  const open = bars[index * hours - 1]?.close ?? Number.NaN
  const after = bars.slice(index * hours, (index + 1) * hours)
  return {
    day: { at, forecast: { ...forecast.quantiles, source: 'seeded', modelHash: nobody, asOf: at }, orders },
    fate: { sigma, rescues, bars: after.map(({ low, high, close }) => ({ low: low / open, high: high / open, close: close / open })) },
  }
}

/** What each account did and suffered in the warm-up, as the events that a chain would show. */
function earned(
  days: readonly ReturnType<typeof lived>[],
  books: readonly Book.Book[],
  terms: Admission.Terms,
): ReadonlyMap<string, readonly TrackRecord.Event[]> {
  const events = new Map<string, TrackRecord.Event[]>()
  for (const [k, { day, fate }] of days.entries()) {
    const book = books[k] ?? { accounts: [] }
    const { closed, insolvent, called, rescued } = Ablation.live(book, terms, fate)
    const worst = {
      long: -Math.log(Math.min(...fate.bars.map(({ low }) => low))),
      short: Math.log(Math.max(...fate.bars.map(({ high }) => high))),
    }
    const at = day.at + daySeconds
    for (const { account, positions } of book.accounts) {
      const [{ notional: amountUsd, side } = { notional: 0n, side: 'long' as const }] = positions
      const own = events.get(account) ?? []
      const add = (event: TrackRecord.Event) => own.push(event)
      const id = (kind: string) => `${account} ${k} ${kind}`
      add({ id: id('fee'), account, at, kind: 'fee', amountUsd: Fixed.ofPpm(amountUsd, feePpm, 'down'), recoverableUsd: 0n })
      if (closed.has(account)) add({ id: id('liquidation'), account, at, kind: 'liquidation', amountUsd })
      else {
        const adverseDays = worst[side] >= fate.sigma ? 1 : 0
        add({ id: id('close'), account, at, kind: 'close', amountUsd, heldSeconds: daySeconds })
        add({ id: id('exposure'), account, at, kind: 'exposure', amountUsd, heldSeconds: daySeconds, adverseDays })
      }
      if (insolvent.has(account)) add({ id: id('badDebt'), account, at, kind: 'badDebt', amountUsd })
      if (called.has(account)) add({ id: id('marginCall'), account, at, kind: 'marginCall', amountUsd })
      if (rescued.has(account)) add({ id: id('selfRescue'), account, at, kind: 'selfRescue', amountUsd })
      events.set(account, own)
    }
  }
  return events
}

function grantOf(events: readonly TrackRecord.Event[], tier: Tier.Tier, { sigmaPpm }: Admission.Terms): Inputs.Grant {
  const model = Model.first
  const record = TrackRecord.of(events, warmup * daySeconds, model)
  const pair = { initialPpm, maintenancePpm, sigmaPpm, quantilePpm: 0, windowSeconds: daySeconds / hours }
  const tierCaps = [unbounded, unbounded, unbounded, unbounded] as const
  const score = Score.of(record, model)
  const grant = Grant.of({ tier, score, record, bond: 0n, pair, elsewhere: [], tierCaps, model, modelHash: nobody })
  // Renewed every day on the record of the warm-up.
  return { ...grant, validUntil: Number.MAX_SAFE_INTEGER }
}

const nobody = `0x${'0'.repeat(64)}` as const
const address = `0x${'0'.repeat(40)}` as const
/** Nothing but margin is to hold anybody back. */
const unbounded = 10n ** 12n * one

function termsOf({ depth }: Options, sigmaPpm: number): Admission.Terms {
  const none = { longPpm: 0, shortPpm: 0 }
  const inputs: Inputs.Inputs = {
    version: 1,
    asOf: 0,
    subject: { participantId: nobody, account: address, venue: { chainId: 31_337, address }, market: nobody },
    request: { notional: null },
    view: { lots: [], missing: [] },
    market: {
      symbol,
      price: { index: one, mark: one, publishedAt: 0 },
      initial: { kind: 'flat', ppm: initialPpm },
      maintenance: { kind: 'flat', ppm: maintenancePpm },
      liquidity: { kind: 'flat', ppm: 0 },
      liquidationCostPpm: 0,
      openInterest: { long: 0n, short: 0n },
      headroom: { long: 0n, short: 0n },
      caps: { side: unbounded, participant: 10n ** 9n * one },
      wrongWay: none,
    },
    forecast: { source: 'seeded', modelHash: nobody, asOf: 0, sigmaPpm, closeOut: none, liquidation: none, throughTheCycle: none },
    damper: null,
    grant: Grant.base({
      asOf: 0,
      pair: { initialPpm, maintenancePpm, sigmaPpm, quantilePpm: 0, windowSeconds: daySeconds / hours },
      tierCaps: [unbounded, unbounded, unbounded, unbounded],
      model: Model.first,
      modelHash: nobody,
    }),
    brake: { status: 'ok', bookHash: nobody, reflexivity: none, long: [], short: [] },
    ledger: {
      version: 0n,
      otherEncumbrance: 0n,
      certificateCredit: 0n,
      position: { side: 'flat', notional: 0n },
      venueCollateral: 0n,
      unrealisedLoss: 0n,
      fees: 0n,
      otherRequirement: 0n,
    },
    growth: { ceiling: unbounded },
    params: {
      betaPpm: 250_000,
      brakeMaxPpm: 500_000,
      floorPpm: 10_000,
      longCapPpm: 1_000_000,
      quantileFallPpmPerDay: 100_000,
      throughTheCycleMovePpmPerDay: 20_000,
      tierDiscountPpm: [0, 100_000, 200_000, greatestDiscountPpm],
      concentration: [{ upTo: null, weightPpm: 1_000_000 }],
      maxViewAgeSeconds: 120,
      maxPriceAgeSeconds: 120,
      maxForecastAgeSeconds: 7_200,
      ttlSeconds: 300,
      closeOutSeconds: daySeconds,
      liquidationSeconds: 300,
    },
  }
  return { inputs, impact: { kind: 'linear', slope: 1 / depth }, sigmaPpm, horizonSeconds: daySeconds, refresh: 20 }
}
