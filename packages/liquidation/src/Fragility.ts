/** How fragile one market is, in integers: every metric with its rounding, and what is not known with why. */
import type { Fixed } from '@plimsoll/margin'
import type * as Book from './Book.ts'
import type * as Brake from './Brake.ts'
import type * as LeverageRatio from './LeverageRatio.ts'
import * as LeverageRatioImpact from './LeverageRatioImpact.ts'
import * as Reading from './Reading.ts'
import * as Told from './Told.ts'

/** A figure, or why there is none. Never 0 for what is not there. */
export type Measured<T extends object> = ({ readonly status: 'ok' } & T) | Absent
export type Absent = { readonly status: 'none'; readonly code: Code; readonly reason: string }

const reasons = {
  NO_POSITIONS: 'Nobody has a position in this market.',
  NO_POSITIONS_THIS_SIDE: 'Nobody has a position that loses by such a move.',
  NOTHING_UNDER_THEM: 'Positions stand on no collateral or equity at all.',
  NOTHING_FAILS: 'No move, down to a twentieth of the price or up to twenty times it, liquidates anybody.',
  NOTHING_BREAKS: 'No shock, down to a twentieth of the price or up to twenty times it, leaves a loss that its account cannot pay.',
  NOTHING_CRITICAL: 'No leverage up to 20 times today’s feeds on itself.',
  NOTHING_FORCED: 'Nothing is forced at 3 σ̂.',
  NO_FINITE_SLOPE: 'This impact curve has no finite slope there.',
  ANYTHING_CLEARS: 'Any size clears within what a liquidator is paid.',
  BOOK_TOO_LARGE: 'The book is too large to search for it while others wait: run `plimsoll lri` over an exported book.',
  NO_QUOTE: 'The venue trades at its index: there is no quote of its own beside it.',
} as const
export type Code = keyof typeof reasons

/** All moves are log, in ppm, and adverse to the side. */
export type Side = {
  readonly direction: LeverageRatioImpact.Direction
  /** Whose positions lose. USD at P0. */
  readonly openInterest: bigint
  /** What live certificates may still add to it: the brake counts it. USD. */
  readonly headroom: bigint
  /** D1. Down; in σ̂ too. */
  readonly nearest: Measured<{ readonly movePpm: number; readonly sigmasPpm: number }>
  /** D2, with nobody but winners to pay. Down. */
  readonly insolvency: Measured<{ readonly movePpm: number }>
  /** κ: log move in ppm by a million USD, at no flow and at what 3 σ̂ forces. Up. */
  readonly slope: Measured<{ readonly firstPpm: number; readonly threeSigmaPpm: number }>
  /** n, local, where it is greatest, with ρ there in USD by 1 % of move. Up. */
  readonly local: Measured<{ readonly nPpm: number; readonly atPpm: number; readonly density: bigint }>
  /** The greatest secant n over 1, 2 and 3 σ̂, on the book as it is. Up. */
  readonly secantPpm: number
  readonly brake: Braked
  /** LRI(s) at each shock. Up. */
  readonly shocks: readonly Shock[]
  /** Lc: how many times today’s leverage, and that leverage. Down. */
  readonly critical: Measured<{ readonly timesPpm: number; readonly leveragePpm: number }>
  /** W. Up. */
  readonly wrongWay: Measured<{ readonly leveragePpm: number }>
  /** V2: USD that clears; by the largest position and by what 3 σ̂ forces. Down. */
  readonly coverage: {
    readonly executable: Measured<{ readonly notional: bigint }>
    readonly byLargest: Measured<{ readonly timesPpm: number }>
    readonly byForced: Measured<{ readonly timesPpm: number }>
  }
}

/** What a raise of the side costs in initial margin, on book and live headroom: the very table that limits read. */
export type Braked = {
  /** `off`: the next dollar costs nothing more. `on`: it does. `shut`: there is no next dollar. */
  readonly status: 'off' | 'on' | 'shut'
  /** n(0): secant, over 1, 2 and 3 σ through the cycle, headroom included. Up. */
  readonly reflexivityPpm: number
  /** Of the next dollar; null where there is none. */
  readonly ppm: number | null
  readonly steps: Brake.Brake['long']
}

export type Shock = {
  readonly name: string
  readonly shockPpm: number
  readonly endsPpm: number
  /** x* − s: the headline. */
  readonly extraPpm: number
  readonly amplificationPpm: number
  readonly secantPpm: number
  readonly forced: bigint
  readonly badDebt: bigint
  readonly rounds: number
  readonly settled: boolean
  readonly monotone: boolean
}

export type Fragility = {
  readonly convention: LeverageRatio.Convention
  /** L1 and L2. Up. */
  readonly posted: Measured<{ readonly leveragePpm: number }>
  readonly equity: Measured<{ readonly leveragePpm: number }>
  /** V1. */
  readonly divergence: Absent
  readonly down: Side
  readonly up: Side
}

/**
 * Every metric of one market, and the brake of its limits from the same reading.
 *
 * Source: docs/method/leverage-ratio-impact.md, eq. (1) to (16).
 * Rounding: towards danger: distances and what clears down; leverage, n and losses up.
 *
 * @param brake - `Reading.brake(reading)`, as limits have it; it is not made again.
 * @throws {Venue.UnknownMarketError} an account holds a market of which the reading has no impact.
 */
export function of(reading: Reading.Reading, brake: Brake.Brake): Fragility {
  const { book, market } = reading
  const report = LeverageRatioImpact.assess(book, Reading.terms(reading), market)
  return {
    convention: report.convention,
    posted: leverage(report.posted),
    equity: leverage(report.equity),
    divergence: none('NO_QUOTE'),
    down: sideOf(reading, report.down, braked(brake, 'long')),
    up: sideOf(reading, report.up, braked(brake, 'short')),
  }
}

/** How many accounts have a position in the market. */
export function accounts({ book, market }: Reading.Reading): number {
  return book.accounts.filter(({ positions }) => positions.some((position) => position.market === market)).length
}

/** One side of a brake: what it asks of the next dollar. */
export function braked({ reflexivity, ...tables }: Brake.Brake, side: Book.Side): Braked {
  const steps = tables[side]
  const [first] = steps
  return {
    status: first === undefined ? 'shut' : first.ppm === 0 ? 'off' : 'on',
    reflexivityPpm: side === 'long' ? reflexivity.longPpm : reflexivity.shortPpm,
    ppm: first?.ppm ?? null,
    steps,
  }
}

function sideOf(reading: Reading.Reading, side: LeverageRatioImpact.Side, brake: Braked): Side {
  const { nearest, insolvency, slope, local, critical, wrongWay, coverage } = side
  const losing = side.direction === 'down' ? 'long' : 'short'
  const openInterest = reading.book.accounts
    .flatMap(({ positions }) => positions)
    .reduce((sum, { market, side, notional }) => (market === reading.market && side === losing ? sum + notional : sum), 0n)
  const large = reading.book.accounts.length > Reading.searched
  const steep = slope !== null && Number.isFinite(slope.first) && Number.isFinite(slope.threeSigma)
  const times = (by: number | null | undefined, code: Code): Measured<{ readonly timesPpm: number }> =>
    by === null || by === undefined
      ? none(coverage?.executable === null ? 'ANYTHING_CLEARS' : code)
      : ok({ timesPpm: Told.ppm(by, 'down') })
  return {
    direction: side.direction,
    openInterest,
    headroom: reading.headroom[losing],
    nearest:
      nearest === null
        ? none('NOTHING_FAILS')
        : ok({ movePpm: Told.ppm(nearest.move, 'down'), sigmasPpm: Told.ppm(nearest.sigma, 'down') }),
    insolvency: insolvency === null ? none(large ? 'BOOK_TOO_LARGE' : 'NOTHING_BREAKS') : ok({ movePpm: Told.ppm(insolvency, 'down') }),
    slope: steep ? ok({ firstPpm: byMillion(slope.first), threeSigmaPpm: byMillion(slope.threeSigma) }) : none('NO_FINITE_SLOPE'),
    local:
      local === null || local.n === 0
        ? none('NOTHING_FAILS')
        : ok({ nPpm: Told.ppm(local.n, 'up'), atPpm: Told.ppm(local.at, 'down'), density: Told.usd(local.density / 100, 'up') }),
    secantPpm: Told.ppm(side.secant, 'up'),
    brake,
    shocks: side.shocks.map(shockOf),
    critical:
      critical === null || critical.leverage === null
        ? none(large ? 'BOOK_TOO_LARGE' : openInterest === 0n ? 'NO_POSITIONS_THIS_SIDE' : 'NOTHING_CRITICAL')
        : ok({ timesPpm: Told.ppm(critical.headroom, 'down'), leveragePpm: fixedPpm(critical.leverage, 'down') }),
    wrongWay: wrongWay === null ? none('NO_POSITIONS_THIS_SIDE') : ok({ leveragePpm: Told.ppm(wrongWay.leverage, 'up') }),
    coverage: {
      executable:
        coverage === null || coverage.executable === null
          ? none('ANYTHING_CLEARS')
          : ok({ notional: Told.usd(coverage.executable, 'down') }),
      byLargest: times(coverage?.byLargest, 'NO_POSITIONS_THIS_SIDE'),
      byForced: times(coverage?.byForced, 'NOTHING_FORCED'),
    },
  }
}

function shockOf(it: LeverageRatioImpact.Impacted): Shock {
  return {
    name: it.name,
    shockPpm: Told.ppm(it.shock, 'nearest'),
    endsPpm: Told.ppm(it.x, 'up'),
    extraPpm: Told.ppm(it.extra, 'up'),
    amplificationPpm: Told.ppm(it.amplification, 'up'),
    secantPpm: Told.ppm(it.secant, 'up'),
    forced: it.forced,
    badDebt: it.badDebt,
    rounds: it.rounds,
    settled: it.settled,
    monotone: it.monotone,
  }
}

function leverage(ratio: LeverageRatio.LeverageRatio): Measured<{ readonly leveragePpm: number }> {
  if (ratio.status === 'empty') return none('NO_POSITIONS')
  if (ratio.status === 'unbacked') return none('NOTHING_UNDER_THEM')
  return ok({ leveragePpm: fixedPpm(ratio.ratio, 'up') })
}

function fixedPpm(ratio: Fixed.Fixed, rounding: 'up' | 'down'): number {
  const unit = 1_000_000_000_000n
  return Number(rounding === 'up' ? (ratio + unit - 1n) / unit : ratio / unit)
}

/** Log by USD as ppm of log by a million USD. */
function byMillion(slope: number): number {
  return Told.ppm(slope * 1_000_000, 'up')
}

function ok<T extends object>(figure: T): { readonly status: 'ok' } & T {
  return { status: 'ok', ...figure }
}

function none(code: Code): Absent {
  return { status: 'none', code, reason: reasons[code] }
}
