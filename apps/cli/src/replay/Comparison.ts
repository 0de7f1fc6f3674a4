/** What trials say together: means by arm, and paired differences from the baseline with their intervals. */
import { Scorecard } from '@plimsoll/liquidation'
import { Bootstrap, Random } from '@plimsoll/volatility'
import type * as Arms from './Arms.ts'
import type * as Trial from './Trial.ts'

export type Interval = { readonly mean: number; readonly low: number; readonly high: number }

export type Row = {
  readonly arm: Arms.Arm
  readonly figures: Scorecard.Scorecard
  /** Less the baseline on the same path and book; null for the baseline itself. */
  readonly differences: Readonly<Record<Scorecard.Figure, Interval>> | null
}

export type Section = { readonly market: string; readonly book: string; readonly seeds: number; readonly rows: readonly Row[] }

const levelPpm = 950_000
const draws = 2_000

/** The table of one cell. */
export function of(cell: Trial.Cell, arms: readonly Arms.Arm[], cards: readonly Float64Array[]): Section {
  const count = Scorecard.figures.length
  const values = (arm: number, figure: number) => cards.map((card) => card[arm * count + figure] ?? Number.NaN)
  const each = <T>(of: (figure: number, name: Scorecard.Figure) => T) =>
    Object.fromEntries(Scorecard.figures.map((name, figure) => [name, of(figure, name)])) as Record<Scorecard.Figure, T>
  const at = cards.map((_, seed) => seed * 86_400)
  const against = (arm: number) => (figure: number, name: Scorecard.Figure) => {
    const standard = values(0, figure)
    const differences = values(arm, figure).map((value, seed) => value - (standard[seed] ?? Number.NaN))
    if (differences.every((difference) => difference === differences[0]))
      return { mean: differences[0] ?? 0, low: differences[0] ?? 0, high: differences[0] ?? 0 }
    // Seeds are independent: blocks of one. The same draws for every arm, so that rows can be read beside each other.
    return Bootstrap.interval({ random: Random.of(1, `bootstrap ${name}`), values: differences, at, block: 1, draws, levelPpm })
  }
  return {
    market: cell.source.kind === 'scenario' ? cell.source.name : cell.source.bars.name,
    book: cell.crowd.name,
    seeds: cards.length,
    rows: arms.map((arm, k) => ({
      arm,
      figures: each((figure) => mean(values(k, figure))),
      differences: k === 0 ? null : each(against(k)),
    })),
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
