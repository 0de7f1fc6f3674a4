import { Evaluation } from '@plimsoll/volatility'
import { BaseError } from './BaseError.ts'
import type { Case } from './Gate.ts'
import type { Card } from './Suite.ts'

/** How far, relatively, a QLIKE may be from the one on the card: sums in another order, and nothing else. */
const tolerance = 1e-9

/**
 * Makes sure that a table of forecasts is what a model's own walk-forward said: over the period of the walk on its card, the same bars, as many origins, and
 * on each asset the QLIKE that stands there. The card is under the model's hash; and a forecast changed by one part in a million changes its asset's QLIKE.
 *
 * @param args.cases - origins with what the table said as `challenger`.
 * @param args.dataSha256 - of the clean bars that the outcomes come from.
 * @throws {UnboundError} saying what differs.
 */
export function assert(args: assert.Arguments): void {
  const { card, cases, horizonSeconds, dataSha256 } = args
  const unbound = (problem: string): UnboundError => new UnboundError({ version: card.version, problem })
  const entry = card.members.find((each) => each.horizonSeconds === horizonSeconds)
  const line = entry?.comparison.lines.find(({ model }) => model === 'champion')
  if (entry === undefined || line === undefined) throw unbound(`its card has no walk of ${horizonSeconds} s`)
  if (entry.data.sha256 !== dataSha256) throw unbound(`its card was made from the bars ${entry.data.sha256}, these are ${dataSha256}`)
  const { from, to, rows } = entry.comparison
  const inside = cases.filter(({ origin }) => origin >= from && origin <= to)
  if (inside.length !== rows) throw unbound(`its card has ${rows} origins in that period, both tables have ${inside.length}`)
  for (const [symbol, qlike] of Object.entries(line.bySymbol)) {
    const mine = inside.filter((each) => each.symbol === symbol)
    const found = Evaluation.qlike({
      realised: mine.map(({ variance }) => variance),
      forecast: mine.map(({ challenger }) => challenger.variance),
    })
    if (!(Math.abs(found / qlike - 1) <= tolerance)) throw unbound(`on ${symbol} its QLIKE is ${found}, on the card ${qlike}`)
  }
}

export declare namespace assert {
  type Arguments = {
    readonly card: Card
    readonly cases: readonly Case[]
    readonly horizonSeconds: number
    readonly dataSha256: string
  }
  type ErrorType = UnboundError
}

/** Thrown when a table of forecasts is not the model's. */
export class UnboundError extends BaseError {
  override readonly name = 'Binding.UnboundError'
  readonly version: string
  constructor(args: { readonly version: string; readonly problem: string }) {
    super({
      code: 'BINDING_UNBOUND',
      message: `The table is not what ${args.version} said: ${args.problem}.`,
      hint: 'Make it with `plimsoll model backtest`, from the bars and with the recipe and seed of the card, over the whole period of its walk.',
    })
    this.version = args.version
  }
}
