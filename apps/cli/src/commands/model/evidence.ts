/** Two tables of forecasts and what came, as the gate and `compare` take them. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { Hourly } from '@plimsoll/volatility'
import { type Gate, type Panel, Table } from '@plimsoll/volatility-model'

export type Evidence = {
  readonly horizonSeconds: number
  readonly cases: readonly Gate.Case[]
  /** sha256 of either table and of the clean bars: what was judged. */
  readonly sha256: { readonly challenger: string; readonly champion: string; readonly data: string }
}

/**
 * Joins tables with outcomes.
 *
 * @param args.challenger - a file, or `file:model` for another column than its champion.
 * @throws {Table.UnreadableError | EvidenceError}
 */
export async function of(args: { readonly panel: Panel.Panel; readonly challenger: string; readonly champion: string }): Promise<Evidence> {
  const { panel } = args
  const [challenger, champion] = [await read(args.challenger), await read(args.champion)]
  const [first] = challenger.rows
  if (first === undefined) throw new EvidenceError(`${args.challenger} holds no forecasts of that model`)
  const { horizonSeconds } = first
  const others = new Map(champion.rows.map((row) => [`${row.symbol} ${row.origin} ${row.horizonSeconds}`, row]))
  const cases = challenger.rows.flatMap((row): Gate.Case[] => {
    const other = others.get(`${row.symbol} ${row.origin} ${row.horizonSeconds}`)
    const hour = row.origin / 3_600
    const run = panel.runs.find(({ symbol, firstHour, length }) => symbol === row.symbol && hour >= firstHour && hour < firstHour + length)
    const outcome = run === undefined ? null : Hourly.outcome(run, hour - run.firstHour, row.horizonSeconds / 3_600)
    if (other === undefined || outcome === null || row.horizonSeconds !== horizonSeconds) return []
    const { variance, longPath, shortPath } = outcome
    return [{ symbol: row.symbol, origin: row.origin, variance, longPath, shortPath, challenger: row, champion: other }]
  })
  if (cases.length === 0) throw new EvidenceError('the two tables and the data have no origin in common')
  return {
    horizonSeconds,
    cases,
    sha256: { challenger: challenger.sha256, champion: champion.sha256, data: panel.manifest.sha256 },
  }
}

async function read(path: string): Promise<{ readonly sha256: string; readonly rows: readonly Table.Row[] }> {
  const [, file = path, model = 'champion'] = /^(.*\.csv):([a-z-]+)$/.exec(path) ?? []
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new EvidenceError(`${file} cannot be read`, cause)
  })
  const rows = Table.parse(text, file).filter((row) => row.model === model)
  return { sha256: createHash('sha256').update(text).digest('hex'), rows }
}

/** Thrown when tables and data do not make a case. */
export class EvidenceError extends Error {
  override readonly name = 'Evidence.EvidenceError'
  readonly code = 'EVIDENCE_EMPTY'
  readonly hint = 'Give tables that `plimsoll model backtest --out` wrote over one period, and the bars they were made from.'
  constructor(why: string, cause?: unknown) {
    super(`There is nothing to judge by: ${why}.`, cause === undefined ? {} : { cause })
  }
}
