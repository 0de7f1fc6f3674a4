/** Closed-form cascade fixtures, where the outside data is present. Kinds that need an engine of a later issue are named below. */
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Book, Cascade, Impact, LeverageRatio, LiquidationCurve } from './index.ts'
import { usd } from './testing/books.ts'

type Json = { readonly [key: string]: never } & Record<string, unknown>
type Fixture = { readonly id: string; readonly kind: string; readonly input: Json; readonly expected: Json; readonly tol: number }

const shared = process.env['PLIMSOLL_SHARED'] ?? resolve(import.meta.dirname, '../../../../shared')
const file = join(shared, 'vectors', 'cascade.json')
const present = existsSync(file)
const fixtures: readonly Fixture[] = present ? JSON.parse(readFileSync(file, 'utf8')).fixtures : []

/** Not covered by what stands here today: other engines, other impact curves, other questions. */
const later = new Set([
  'account-cascade',
  'cpmm-sale',
  'lending-target-health',
  'perp-target-margin',
  'toxic-frontier',
  'two-step-liquidation',
  'borel-cascade',
  'hawkes',
  'first-passage',
  'almgren-chriss',
  'aggregate-vulnerability',
  'critical-leverage',
  'wrong-way',
  'adl',
  'gap-loss',
  'clearance',
  'ltv-leverage',
])

const number = (input: Json, key: string): number => input[key] as unknown as number
const numbers = (input: Json, key: string): readonly number[] => input[key] as unknown as readonly number[]

/** Q of a uniform density with finite support, linear impact, and whatever of it a backstop takes. */
function uniform(input: Json, absorb: (forced: number) => number = () => 0) {
  const [kappa, rho, w] = [
    number(input, 'kappa_per_usdm'),
    number(input, 'rho_usdm_per_log'),
    number(input, 'support_log') ?? Number.POSITIVE_INFINITY,
  ]
  const impact: Impact.Impact = { kind: 'linear', slope: kappa }
  const run = (shock: number, weight = 1) =>
    Cascade.leastFixedPoint({
      shock,
      forced: (x) => rho * Math.min(x, w),
      impact: (flow) => weight * Impact.of(impact, flow - absorb(flow)),
      roundCap: 10_000,
    })
  return { n: Impact.slope(impact, 0) * rho, run, rho, w }
}

const answers: Readonly<Record<string, (input: Json) => Record<string, unknown>>> = {
  'uniform-linear': (input) => {
    const { n, run } = uniform(input)
    const shock = number(input, 'shock_log')
    const { x, forced, path } = run(shock)
    return {
      n,
      amplification: x / shock,
      x_total: x,
      forced_usdm: forced,
      extra_drop: x - shock,
      x_after_rounds: numbers(input, 'rounds').map((round) => path[round - 1] ?? x),
    }
  },
  'uniform-saturating': (input) => {
    const { n, run } = uniform(input)
    const { x, forced } = run(number(input, 'shock_log'))
    const { support_log: _, ...unsupported } = input
    return { n, x_total: x, forced_usdm: forced, unsaturated_would_be: uniform(unsupported as Json).run(number(input, 'shock_log')).x }
  },
  'uniform-supercritical': (input) => {
    const { n, run, rho, w } = uniform(input)
    const { x, forced } = run(number(input, 'shock_log'))
    return { n, x_total: x, forced_usdm: forced, forced_share: forced / (rho * w), zero_shock_x: run(0).x }
  },
  'uniform-critical': (input) => {
    const { n, run } = uniform(input)
    const { x, forced, rounds } = run(number(input, 'shock_log'))
    return { n, x_total: x, forced_usdm: forced, rounds_to_finish: rounds }
  },
  'discrete-walls': (input) => {
    const walls = input['walls'] as unknown as readonly { at_log: number; usdm: number }[]
    const curve = LiquidationCurve.fromWalls(
      'long',
      walls.map(({ at_log, usdm }) => ({ at: at_log, notional: usdm })),
    )
    const impact: Impact.Impact = { kind: 'linear', slope: number(input, 'kappa_per_usdm') }
    return {
      cases: numbers(input, 'shocks').map((shock) => {
        const { x, forced } = Cascade.run({ curve, impact, shock })
        return { shock, least_fixed_point: x, forced_usdm: forced, all_fixed_points: Cascade.fixedPoints({ curve, impact, shock }) }
      }),
    }
  },
  'sqrt-impact': (input) => {
    const impact: Impact.Impact = {
      kind: 'squareRoot',
      coefficient: number(input, 'Y') * number(input, 'sigma_daily'),
      volume: 1 / number(input, 'rho_over_adv'),
    }
    const run = (shock: number) =>
      Cascade.leastFixedPoint({ shock, forced: (x) => x, impact: (flow) => Impact.of(impact, flow), roundCap: 10_000 })
    const shock = number(input, 'shock_log')
    const { x } = run(shock)
    return { a: Impact.of(impact, 1), x_total: x, amplification: x / shock, x_limit_shock_to_0: run(1e-15).x }
  },
  'lri-primitives': (input) => {
    const mark = number(input, 'mark')
    const rows = input['accounts'] as unknown as readonly { id: string; side: 1 | -1; qty: number; entry: number; coll: number }[]
    const book = Book.of(
      rows.map(({ id, side, qty, entry, coll }) => ({
        account: id,
        equity: usd(coll + side * qty * (mark - entry)),
        collateral: usd(coll),
        positions: [
          { market: 'M', side: side === 1 ? 'long' : 'short', notional: usd(qty * mark), maintenancePpm: number(input, 'mm_rate') * 1e6 },
        ],
      })),
    )
    const ratio = LeverageRatio.posted(book, 'M', 'two-sided')
    if (ratio.status !== 'ok') throw new Error(ratio.status)
    const entries = rows
      .map(({ id }) => Book.positions(book, 'M').find(({ account }) => account.account === id))
      .filter((entry) => entry !== undefined)
    const distances = (maintenance: (ppm: number) => number) =>
      entries.map(({ account, position }) => ({
        side: position.side,
        x:
          LiquidationCurve.distance({
            side: position.side,
            notional: Book.usd(position.notional),
            equity: Book.usd(account.equity),
            maintenance: maintenance(position.maintenancePpm),
          }) ?? Number.NaN,
      }))
    const priceOf = ({ side, x }: { side: Book.Side; x: number }) => mark * Math.exp(side === 'long' ? -x : x)
    const [liquidation, bankruptcy] = [distances((ppm) => ppm / 1e6), distances(() => 0)]
    const down = (move: number) => LiquidationCurve.forcedAtMark(LiquidationCurve.of(book, 'M', 'long'), -Math.log(1 - move))
    const up = (move: number) => LiquidationCurve.forcedAtMark(LiquidationCurve.of(book, 'M', 'short'), Math.log(1 + move))
    const named = (prefix: string, moves: readonly number[], of: (move: number) => number) =>
      Object.fromEntries(moves.map((move) => [`${prefix}_${Math.round(move * 100)}pct`, of(move)]))
    return {
      gross_notional: Book.usd(ratio.notional),
      collateral: Book.usd(ratio.base),
      leverage_ratio: Number(ratio.ratio) / 1e18,
      liq_prices: liquidation.map(priceOf),
      distance_log: liquidation.map(({ x }) => x),
      bankruptcy_prices: bankruptcy.map(priceOf),
      distance_to_insolvency_log_system_down: Math.min(...bankruptcy.filter(({ side }) => side === 'long').map(({ x }) => x)),
      ...named('forced_usd_down', numbers(input, 'moves_down'), down),
      ...named('forced_usd_up', numbers(input, 'moves_up'), up),
    }
  },
  'index-weight': (input) => {
    const { n, run, rho } = uniform(input)
    const shock = number(input, 'shock_log')
    const xOf = (weight: number) => (weight * n >= 1 ? null : run(shock, weight).x)
    const index = xOf(number(input, 'divergence_weight')) ?? Number.NaN
    const extra = number(input, 'kappa_per_usdm') * rho * index
    return {
      n: numbers(input, 'weights').map((weight) => weight * n),
      critical_weight: 1 / n,
      x_index_for_shock_0_01: numbers(input, 'weights').map(xOf),
      venue_divergence_log_w05: {
        forced_usdm: rho * index,
        venue_extra: extra,
        index_x: index,
        venue_x: shock + extra,
        divergence: shock + extra - index,
      },
    }
  },
  'backstop-share': (input) => {
    const { n } = uniform(input)
    const results = numbers(input, 'phi').map((phi) => uniform(input, (flow) => phi * flow).run(number(input, 'shock_log')))
    return {
      n,
      phi_min: 1 - 1 / n,
      x_total: results.map(({ x }) => x),
      forced_usdm: results.map(({ forced }) => forced),
      backstop_usdm: results.map(({ forced }, i) => forced * (numbers(input, 'phi')[i] ?? Number.NaN)),
    }
  },
  'backstop-capacity': (input) => ({
    x_total: numbers(input, 'capacity_usdm').map(
      (capacity) => uniform(input, (flow) => Math.min(flow, capacity)).run(number(input, 'shock_log')).x,
    ),
    min_capacity_to_stop: number(input, 'rho_usdm_per_log') * number(input, 'shock_log'),
  }),
}

/** Passes when |want − got| ≤ tol · max(1, |want|), through lists and objects; only what is expected is compared. */
function differences(want: unknown, got: unknown, tol: number, path: string): readonly string[] {
  if (typeof want === 'number') {
    const near = typeof got === 'number' && Math.abs(want - got) <= tol * Math.max(1, Math.abs(want))
    return near ? [] : [`${path}: want ${want}, got ${got}`]
  }
  if (Array.isArray(want)) {
    if (!Array.isArray(got) || got.length !== want.length) return [`${path}: want ${JSON.stringify(want)}, got ${JSON.stringify(got)}`]
    return want.flatMap((item, i) => differences(item, got[i], tol, `${path}[${i}]`))
  }
  if (want !== null && typeof want === 'object') {
    if (got === null || typeof got !== 'object') return [`${path}: missing`]
    return Object.entries(want).flatMap(([key, item]) => differences(item, (got as Record<string, unknown>)[key], tol, `${path}.${key}`))
  }
  return Object.is(want, got) ? [] : [`${path}: want ${want}, got ${got}`]
}

describe.skipIf(!present)('cascade.json (needs PLIMSOLL_SHARED or ../shared)', () => {
  const covered = fixtures.filter(({ kind }) => kind in answers)

  test('vector: every kind is either answered here or named as a later one', () => {
    expect(fixtures.map(({ kind }) => kind).filter((kind) => !(kind in answers) && !later.has(kind))).toEqual([])
    expect(new Set(covered.map(({ kind }) => kind)).size).toBe(Object.keys(answers).length)
  })

  for (const { id, kind, input, expected, tol } of covered)
    test(`vector: ${kind} (${id})`, () => {
      expect(differences(expected, answers[kind]?.(input), tol, kind)).toEqual([])
    })
})
