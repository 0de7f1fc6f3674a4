/** How fragile a market is: every metric of leverage and of what it does to prices, with the convention it was taken in. */
import { Fixed } from '@plimsoll/margin'
import * as Book from './Book.ts'
import * as Clusters from './Clusters.ts'
import * as Cohorts from './Cohorts.ts'
import * as Contagion from './Contagion.ts'
import type * as Deleveraging from './Deleveraging.ts'
import * as Figure from './Figure.ts'
import * as Headroom from './Headroom.ts'
import * as Impact from './Impact.ts'
import * as LeverageRatio from './LeverageRatio.ts'
import * as LiquidationCurve from './LiquidationCurve.ts'
import type * as Policy from './Policy.ts'
import * as Reflexivity from './Reflexivity.ts'
import * as Stress from './Stress.ts'
import * as Threshold from './Threshold.ts'
import * as Venue from './Venue.ts'
import type * as Waterfall from './Waterfall.ts'
import * as WrongWay from './WrongWay.ts'

/** What the metrics are taken with. */
export type Terms = {
  readonly convention: LeverageRatio.Convention
  readonly markets: Venue.Markets
  /** σ̂ of each market, annualised. */
  readonly sigmaPpm: Readonly<Record<string, number>>
  readonly horizonSeconds: number
  /** Stressed sensitivity of each market to a common fall; 1 where it is not given. */
  readonly betas: Readonly<Record<string, number>>
  /** The window of local reflexivity and of clusters, log. */
  readonly width: number
  /** What a liquidator is paid, as a share: it bounds the slippage at which a forced sale still clears. */
  readonly bonus: number
  readonly policy: Policy.Policy
  readonly feePpm: number
  readonly reserves: Omit<Waterfall.Reserves, 'fees'>
  readonly deleveraging: Deleveraging.Rule
  readonly roundCap: number
  /** What the venue and its index quote now. */
  readonly quotes: Readonly<Record<string, { readonly venue: number; readonly index: number }>>
  readonly labels: Cohorts.Labels
  /** D2 and Lc are searched for, a hundred cascades and more, unless it says `none`. */
  readonly searches?: 'none'
}

/** The down side is what longs fear, the up side what shorts do. */
export type Direction = 'down' | 'up'

/** One shock, and what it becomes. Log moves; USD. */
export type Impacted = {
  /** `1σ`, `2σ`, `3σ`, `5%`, `10%`, `20%`. */
  readonly name: string
  readonly shock: number
  readonly x: number
  /** x − s: the headline. */
  readonly extra: number
  /** A = x/s. */
  readonly amplification: number
  /** n(s) = 1 − s/x. */
  readonly secant: number
  /** Q(x), at P0. */
  readonly forced: bigint
  readonly badDebt: bigint
  readonly divergence: number
  readonly rounds: number
  readonly settled: boolean
  readonly monotone: boolean
}

export type Side = {
  readonly direction: Direction
  /** D1: the smallest adverse move that fails anybody, and in σ̂; null where none does. */
  readonly nearest: { readonly move: number; readonly sigma: number } | null
  /** D2: the smallest shock whose losses outrun insurance and backstop, after the cascade; null up to a move of e⁻³. */
  readonly insolvency: number | null
  /** κ at no flow, and at what is forced at 3 σ̂. Log by USD; not finite for a square root at no flow. */
  readonly slope: { readonly first: number; readonly threeSigma: number } | null
  /** n: local with its place and ρ there; the greatest secant at 1, 2, 3 σ̂. */
  readonly local: Reflexivity.local.Peak | null
  readonly secant: number
  readonly shocks: readonly Impacted[]
  readonly clusters: Clusters.Clusters
  /** Lc: leverage × headroom, and the headroom; null where no leverage up to 20 times is critical. */
  readonly critical: { readonly headroom: number; readonly leverage: Fixed.Fixed | null } | null
  /** W of the accounts that lose; null where nobody does. */
  readonly wrongWay: WrongWay.leverage.Leverage | null
  /** V2. */
  readonly coverage: Coverage | null
}

export type Coverage = {
  /** What clears at break-even slippage; null where anything does. USD at P0. */
  readonly executable: number | null
  /** By the largest position, and by what is forced at 3 σ̂; null where there is none, or anything clears. */
  readonly byLargest: number | null
  readonly byForced: number | null
}

export type Report = {
  readonly scope: string
  readonly convention: LeverageRatio.Convention
  /** L1 and L2. */
  readonly posted: LeverageRatio.LeverageRatio
  readonly equity: LeverageRatio.LeverageRatio
  readonly down: Side
  readonly up: Side
  /** V1: ln(venue/index) now; null where no quote is given. */
  readonly divergence: number | null
}

export type LeverageRatioImpact = {
  readonly convention: LeverageRatio.Convention
  readonly order: typeof Stress.order
  readonly markets: readonly Report[]
  readonly whole: Report & {
    /** Spectral radius of κ_j·dQ_j/dx_k before any shock and at 1, 2, 3 σ̂ of a common fall. */
    readonly spectral: readonly { readonly shock: number; readonly radius: number }[]
    readonly top: ReturnType<typeof Cohorts.top>
    readonly cohorts: readonly Cohorts.Cohort[]
  }
}

/**
 * All metrics of a book: by market, and for all of them under one common shock.
 *
 * Source: docs/method/leverage-ratio-impact.md, eq. (1) to (16).
 *
 * A market's own shocks leave the other prices standing; a common one moves each by its β. Cross-margin accounts count in every market they hold.
 *
 * @throws {Venue.UnknownMarketError} the book holds a market of which the terms know nothing.
 * @throws {Figure.InvalidFigureError} {Impact.InvalidImpactError}
 */
export function of(book: Book.Book, terms: Terms): LeverageRatioImpact {
  const names = Object.keys(terms.markets).sort()
  for (const { positions, holdings = [] } of book.accounts)
    for (const { market } of [...positions, ...holdings]) if (!(market in terms.markets)) throw new Venue.UnknownMarketError(market)
  const sigmas = Object.fromEntries(names.map((name) => [name, sigmaOf(terms, name)]))
  const held = names.filter((name) => book.accounts.some(({ positions }) => positions.some(({ market }) => market === name)))
  const markets = held.map((name) => assess(book, terms, name))
  const common = Object.fromEntries(names.map((name) => [name, terms.betas[name] ?? 1]))
  // The common shock is measured in σ̂ of a market of β 1: the notional-weighted mean of σ̂/|β|.
  const weights = held.map((name) => gross(book, name))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const sigma = held.reduce(
    (sum, name, k) => sum + ((weights[k] ?? 0) / total) * ((sigmas[name] ?? 0) / Math.max(0.1, Math.abs(common[name] ?? 1))),
    0,
  )
  const whole = report(book, terms, null, common, total === 0 ? (Object.values(sigmas)[0] ?? 1) : sigma)
  return {
    convention: terms.convention,
    order: Stress.order,
    markets,
    whole: {
      ...whole,
      spectral: [0, 1, 2, 3].map((k) => {
        const shock = k * (total === 0 ? 0 : sigma)
        return { shock, radius: Contagion.radius(book, { markets: terms.markets, direction: common, shock, width: terms.width }) }
      }),
      top: Cohorts.top(book),
      cohorts: Cohorts.of(book, terms.labels, terms.convention),
    },
  }
}

export declare namespace of {
  type ErrorType = Venue.UnknownMarketError | Figure.InvalidFigureError | Impact.InvalidImpactError
}

/**
 * The metrics of one market alone: its own shocks, the other prices standing still.
 *
 * Source: docs/method/leverage-ratio-impact.md, eq. (1) to (16).
 *
 * @throws {Venue.UnknownMarketError} the terms know nothing of it, or of another market that its accounts hold.
 * @throws {Figure.InvalidFigureError} {Impact.InvalidImpactError}
 */
export function assess(book: Book.Book, terms: Terms, market: string): Report {
  return report(book, terms, market, { [market]: 1 }, sigmaOf(terms, market))
}

function report(book: Book.Book, terms: Terms, market: string | null, direction: Threshold.Direction, sigma: number): Report {
  const posted = LeverageRatio.posted(book, market, terms.convention)
  const quote = market === null ? undefined : terms.quotes[market]
  if (quote) Figure.assert('above 0', { venue: quote.venue, index: quote.index })
  const opposite = Object.fromEntries(Object.entries(direction).map(([name, beta]) => [name, -beta]))
  return {
    scope: market ?? 'all markets',
    convention: terms.convention,
    posted,
    equity: LeverageRatio.equity(book, market, terms.convention),
    down: sideOf(book, terms, { market, direction, sigma, toward: 'down', posted }),
    up: sideOf(book, terms, { market, direction: opposite, sigma, toward: 'up', posted }),
    divergence: quote ? Math.log(quote.venue / quote.index) : null,
  }
}

type Asked = {
  readonly market: string | null
  readonly direction: Threshold.Direction
  readonly sigma: number
  readonly toward: Direction
  readonly posted: LeverageRatio.LeverageRatio
}

function sideOf(book: Book.Book, terms: Terms, asked: Asked): Side {
  const { market, direction, sigma, toward, posted } = asked
  const shocks = named(sigma, toward).map(({ name, shock }) => impacted(book, terms, { ...asked, name, shock }))
  const clusters = Clusters.of(only(book, market), direction, { width: terms.width, sigma })
  const nearest = nearestOf(book, market, direction)
  const secant = Math.max(0, ...shocks.filter(({ name }) => name.endsWith('σ')).map(({ secant }) => secant))
  const wrongWay = wrongWayOf(book, market, direction)
  const base: Side = {
    direction: toward,
    nearest: nearest === null ? null : { move: nearest, sigma: nearest / sigma },
    insolvency: terms.searches === 'none' ? null : insolvencyOf(book, terms, asked),
    slope: null,
    local: null,
    secant,
    shocks,
    clusters,
    critical: null,
    wrongWay,
    coverage: null,
  }
  const own = market === null ? undefined : terms.markets[market]
  if (own === undefined || market === null) return base

  const side: Book.Side = toward === 'down' ? 'long' : 'short'
  const window = { width: terms.width, within: Math.max(3 * sigma, -Math.log(0.8)) }
  const forced = Book.usd(shocks.find(({ name }) => name === '3σ')?.forced ?? 0n)
  const headroom = terms.searches === 'none' ? null : Headroom.leverage({ book, market, side }, own.impact, window)
  return {
    ...base,
    slope: { first: Impact.slope(own.impact, 0), threeSigma: Impact.slope(own.impact, forced) },
    local: Reflexivity.local(LiquidationCurve.of(book, market, side), own.impact, window),
    critical:
      headroom === null
        ? null
        : {
            headroom,
            leverage: posted.status === 'ok' ? Fixed.mul(posted.ratio, BigInt(Math.floor(headroom * 1e9)) * 1_000_000_000n, 'down') : null,
          },
    coverage: coverageOf(book, terms, { market, side, impact: own.impact, forced }),
  }
}

function named(sigma: number, toward: Direction): readonly { readonly name: string; readonly shock: number }[] {
  return [
    ...[1, 2, 3].map((k) => ({ name: `${k}σ`, shock: k * sigma })),
    ...[5, 10, 20].map((percent) => ({
      name: `${percent}%`,
      shock: toward === 'down' ? -Math.log1p(-percent / 100) : Math.log1p(percent / 100),
    })),
  ]
}

function stressed(book: Book.Book, terms: Terms, { direction, market }: Asked, shock: number): Stress.Stress {
  const { markets, policy, feePpm, reserves, deleveraging, roundCap } = terms
  const shocks = Object.fromEntries(Object.entries(direction).map(([name, beta]) => [name, -beta * shock]))
  return Stress.run({ book: only(book, market), markets, shocks, policy, feePpm, reserves, deleveraging, roundCap })
}

function impacted(book: Book.Book, terms: Terms, asked: Asked & { readonly name: string; readonly shock: number }): Impacted {
  const { name, shock, market, direction } = asked
  const stress = stressed(book, terms, asked, shock)
  // Over several markets, the one that falls furthest beyond its own shock, by that.
  const moved = Object.entries(stress.markets).filter(([name]) => (direction[name] ?? 0) !== 0)
  const x = Math.max(shock, ...moved.map(([name, { move }]) => -move / (direction[name] ?? 1)))
  const forced = market === null ? stress.forced : (stress.markets[market]?.forced ?? 0n)
  return {
    name,
    shock,
    x,
    extra: x - shock,
    amplification: x / shock,
    secant: 1 - shock / x,
    forced,
    badDebt: stress.badDebt,
    divergence: Math.max(0, ...moved.map(([, { divergence }]) => divergence)),
    rounds: stress.rounds,
    settled: stress.settled,
    monotone: stress.monotone,
  }
}

function nearestOf(book: Book.Book, market: string | null, direction: Threshold.Direction): number | null {
  let nearest: number | null = null
  for (const account of only(book, market).accounts) {
    if (account.positions.length === 0) continue
    const at = Threshold.along(account, direction)
    if (at !== null && (nearest === null || at < nearest)) nearest = at
  }
  return nearest
}

/** Walked up in steps of a quarter, the step that breaks halved: where the model is monotone this is the smallest shock. */
function insolvencyOf(book: Book.Book, terms: Terms, asked: Asked): number | null {
  const broke = (shock: number) => {
    const { paid } = stressed(book, terms, asked, shock)
    return paid.unpaid + paid.deleveraging > 0n
  }
  let low = 0
  for (let shock = 0.01; low < Threshold.furthest; shock = Math.min(Threshold.furthest, shock * 1.25)) {
    if (!broke(shock)) {
      low = shock
      continue
    }
    let high = shock
    for (let i = 0; i < 20; i++) {
      const middle = (low + high) / 2
      if (broke(middle)) high = middle
      else low = middle
    }
    return high
  }
  return null
}

/** The accounts that lose along a direction, together: what a fall of one per cent takes of their equity. */
function wrongWayOf(book: Book.Book, market: string | null, direction: Threshold.Direction): WrongWay.leverage.Leverage | null {
  const positions: WrongWay.leverage.Leg[] = []
  const collateral: WrongWay.leverage.Leg[] = []
  let equity = 0
  for (const account of only(book, market).accounts) {
    const own = account.positions.map(({ market, side, notional }) => ({
      value: side === 'long' ? Book.usd(notional) : -Book.usd(notional),
      beta: direction[market] ?? 0,
    }))
    const held = (account.holdings ?? []).map(({ market, value }) => ({ value: Book.usd(value), beta: direction[market] ?? 0 }))
    const exposure = [...own, ...held].reduce((sum, { value, beta }) => sum + value * beta, 0)
    if (account.positions.length === 0 || account.equity <= 0n || exposure <= 0) continue
    positions.push(...own)
    collateral.push(...held)
    equity += Book.usd(account.equity)
  }
  return equity > 0 ? WrongWay.leverage({ positions, collateral, equity }) : null
}

function coverageOf(
  book: Book.Book,
  terms: Terms,
  asked: { readonly market: string; readonly side: Book.Side; readonly impact: Impact.Impact; readonly forced: number },
): Coverage {
  const { market, side, impact, forced } = asked
  const executable = Headroom.executable(impact, side, terms.bonus)
  const largest = Math.max(
    0,
    ...Book.positions(book, market)
      .filter(({ position }) => position.side === side)
      .map(({ position }) => Book.usd(position.notional)),
  )
  const by = (amount: number) => (executable === null || amount === 0 ? null : executable / amount)
  return { executable, byLargest: by(largest), byForced: by(forced) }
}

function only(book: Book.Book, market: string | null): Book.Book {
  if (market === null) return book
  return { accounts: book.accounts.filter(({ positions }) => positions.some((position) => position.market === market)) }
}

function gross(book: Book.Book, market: string): number {
  return Book.positions(book, market).reduce((sum, { position }) => sum + Book.usd(position.notional), 0)
}

function sigmaOf(terms: Terms, market: string): number {
  const sigmaPpm = terms.sigmaPpm[market]
  if (sigmaPpm === undefined) throw new Venue.UnknownMarketError(market)
  const [one] = Reflexivity.shocks(sigmaPpm, terms.horizonSeconds)
  return one
}
