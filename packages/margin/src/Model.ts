/** How a venue margins a market: every rule a figure, ready to be applied to accounts. */
import { BaseError } from './BaseError.ts'
import type * as Isolated from './Isolated.ts'
import type * as Scenario from './Scenario.ts'

/** A figure of initial margin and one of maintenance margin. */
export type Margins = { readonly initial: number; readonly maintenance: number }

/** A charge on initial margin while a feed is unsure: `(1 − confidence) · rate` of notional, below the threshold. */
export type Doubt = { readonly threshold: number; readonly rate: number }

/** Rates are fractions: 0.05 is 5 %. */
export type Terms = {
  /** The worst of scenarios; null where a venue has none. */
  readonly span: Span | null
  /** Options of an expiry need the least of each alone and all at settlement; null where their value counts instead. */
  readonly isolated: Isolated.Terms | null
  /** Of the notional of perps and futures, at their own price or at spot. */
  readonly linear: Margins & { readonly price: 'mark' | 'spot' }
  /** Of spot, per unit of an option that is written and not matched at its strike. */
  readonly naked: Margins
  /** Notional is spot · |units|, for options of all units or of those written; for collateral its value. */
  readonly doubt: { readonly linear: Doubt; readonly options: Doubt & { readonly units: 'all' | 'written' }; readonly collateral: Doubt }
  /** Initial margin while the stablecoin is below its threshold, per USD below: more of the worst loss, and a part of notional. */
  readonly depeg: { readonly threshold: number; readonly ofLoss: number; readonly ofNotional: number }
  /** Whether collateral counts in USD, or in units of the stablecoin that cash is in. */
  readonly collateral: 'usd' | 'stable'
}

export type Span = {
  readonly scenarios: readonly Scenario.Scenario[]
  readonly shift: Scenario.Shift
  readonly tilt: Scenario.Tilt
  readonly held: Scenario.Discount
  readonly owed: Scenario.Discount
  /** The last seconds of which a settlement price is the average: as they pass, that part of the forward no longer moves. */
  readonly averagingSeconds: number
  /** On the worst loss. */
  readonly factor: Margins
  /** What a forward may lose against spot; null where nothing is set aside for it. */
  readonly basis: Basis | null
}

/** The worse of two moves of spot, times `flat + perYear · T`, per expiry. */
export type Basis = { readonly up: number; readonly down: number; readonly flat: number; readonly perYear: number }

export type Model = { readonly terms: Terms; readonly grid: Grid }

/** Scenarios as columns, so that one option is priced in all of them in one go. */
export type Grid = {
  /** Scenarios, which are the first columns. */
  readonly scenarios: number
  /** relative[c], logs[c]: by what the forward is multiplied, and its logarithm. */
  readonly relative: Float64Array
  readonly logs: Float64Array
  /** Columns by what happens to volatility, as `volatilities` has it; those of kind k are order[starts[k]] to order[starts[k + 1] − 1]. */
  readonly order: Int32Array
  readonly starts: Int32Array
  /** Columns of the price now, and of the two moves of the basis. */
  readonly now: number
  readonly up: number
  readonly down: number
  /** Of scenario s: dampening, dampening · (spot − 1), and 1 where an expiry's profit counts as a loss. */
  readonly dampening: Float64Array
  readonly moves: Float64Array
  readonly adverse: Uint8Array
  /** At least 1, every move of spot, and every move times a dampening: floats grow by no more before they are added. */
  readonly reach: number
}

/** The order in which columns are priced. */
export const volatilities = ['up', 'none', 'down', 'linear', 'absolute'] as const

/**
 * A model of its terms.
 *
 * @throws {InvalidTermsError} a term is no finite number, or negative where it cannot be; a scenario's volatility is none of the five.
 *
 * @example
 * const none = { initial: 0, maintenance: 0 }
 * const sure = { threshold: 0, rate: 0 }
 * const terms = {
 *   span: null,
 *   isolated: null,
 *   linear: { price: 'mark', initial: 0.1, maintenance: 0.05 },
 *   naked: none,
 *   doubt: { linear: sure, options: { ...sure, units: 'all' }, collateral: sure },
 *   depeg: { threshold: 0, ofLoss: 0, ofNotional: 0 },
 *   collateral: 'usd',
 * }
 * Model.of(terms).grid.scenarios
 * // => 0
 */
export function of(terms: Terms): Model {
  assertFinite(terms, '')
  assertNotNegative(terms)
  const scenarios = terms.span?.scenarios ?? []
  for (const { volatility } of scenarios)
    if (!volatilities.includes(volatility)) throw new InvalidTermsError({ path: 'span.scenarios.volatility', value: volatility })

  const columns: Column[] = scenarios.map(({ spot, volatility }) => ({ spot: isTilt(volatility) ? 1 : spot, volatility }))
  const now = columnOf(columns, 1)
  const up = columnOf(columns, terms.span?.basis?.up ?? 1)
  const down = columnOf(columns, terms.span?.basis?.down ?? 1)
  const byKind = volatilities.map((kind) => columns.flatMap((column, index) => (column.volatility === kind ? [index] : [])))
  const starts = new Int32Array(volatilities.length + 1)
  for (const [kind, indices] of byKind.entries()) starts[kind + 1] = (starts[kind] ?? 0) + indices.length
  return {
    terms,
    grid: {
      scenarios: scenarios.length,
      relative: Float64Array.from(columns, ({ spot }) => spot),
      logs: Float64Array.from(columns, ({ spot }) => Math.log(spot)),
      order: Int32Array.from(byKind.flat()),
      starts,
      now,
      up,
      down,
      dampening: Float64Array.from(scenarios, ({ dampening }) => dampening),
      moves: Float64Array.from(scenarios, ({ spot, dampening }) => dampening * (spot - 1)),
      adverse: Uint8Array.from(scenarios, ({ volatility }) => (isTilt(volatility) ? 1 : 0)),
      reach: Math.max(1, ...columns.map(({ spot }) => spot)) * Math.max(1, ...scenarios.map(({ dampening }) => dampening)),
    },
  }
}

export declare namespace of {
  type ErrorType = InvalidTermsError
}

/**
 * What an unsure feed costs, as a part of notional.
 *
 * Formula: `(1 − confidence)·rate` below the threshold, else 0; of an unknown confidence no number.
 * Source:  docs/method/portfolio-margin.md, eq. (20).
 *
 * @param confidence - 0 to 1.
 *
 * @example
 * Model.doubtful(0.25, { threshold: 0.5, rate: 2 })
 * // => 1.5
 */
export function doubtful(confidence: number, { threshold, rate }: Doubt): number {
  return confidence >= threshold ? 0 : (1 - confidence) * rate
}

type Column = { readonly spot: number; readonly volatility: Scenario.Volatility }

function isTilt(volatility: Scenario.Volatility): boolean {
  return volatility === 'linear' || volatility === 'absolute'
}

/** The column of a move without a change of volatility; a new one where no scenario is that. */
function columnOf(columns: Column[], spot: number): number {
  const found = columns.findIndex((column) => column.volatility === 'none' && column.spot === spot)
  return found === -1 ? columns.push({ spot, volatility: 'none' }) - 1 : found
}

function assertFinite(value: unknown, path: string): void {
  if (value === undefined || (typeof value === 'number' && !Number.isFinite(value))) throw new InvalidTermsError({ path, value })
  if (typeof value !== 'object' || value === null) return
  for (const [key, each] of Object.entries(value)) assertFinite(each, path === '' ? key : `${path}.${key}`)
}

/** What a negative figure would turn into a gift. */
function assertNotNegative({ span, linear, naked, doubt }: Terms): void {
  const all: Record<string, number | undefined> = {
    'linear.initial': linear.initial,
    'linear.maintenance': linear.maintenance,
    'naked.initial': naked.initial,
    'naked.maintenance': naked.maintenance,
    'doubt.linear.rate': doubt.linear.rate,
    'doubt.options.rate': doubt.options.rate,
    'doubt.collateral.rate': doubt.collateral.rate,
    'span.factor.initial': span?.factor.initial,
    'span.factor.maintenance': span?.factor.maintenance,
    'span.averagingSeconds': span?.averagingSeconds,
    'span.shift.leastSeconds': span?.shift.leastSeconds,
    'span.held.base': span?.held.base,
    'span.owed.base': span?.owed.base,
    'span.basis.up': span?.basis?.up,
    'span.basis.down': span?.basis?.down,
    'span.basis.flat': span?.basis?.flat,
    'span.basis.perYear': span?.basis?.perYear,
  }
  for (const [index, { spot, dampening }] of (span?.scenarios ?? []).entries()) {
    all[`span.scenarios.${index}.spot`] = spot
    all[`span.scenarios.${index}.dampening`] = dampening
  }
  for (const [path, value] of Object.entries(all)) if (value !== undefined && value < 0) throw new InvalidTermsError({ path, value })
}

/** Thrown when terms have a figure that no venue has. */
export class InvalidTermsError extends BaseError {
  override readonly name = 'Model.InvalidTermsError'
  readonly path: string
  readonly value: unknown
  constructor(args: { readonly path: string; readonly value: unknown }) {
    super({
      code: 'INVALID_TERMS',
      message: `The terms of a model cannot have ${String(args.value)} as ${args.path}.`,
      hint: 'Every figure is finite; spot, dampening, rates, factors and seconds are at least 0.',
    })
    this.path = args.path
    this.value = args.value
  }
}
