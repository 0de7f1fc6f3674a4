/** Backtests over tables, as the documents the command prints. */
import { Backtest, Calibration, Designs, Discrimination, Loans, Reliquidations, type Sample, Stability, Vaults } from '@plimsoll/reputation'
import * as Table from './Table.ts'

/** The measures of one group of forecasts, with intervals for those that have a goal: middle 95 %, wallets drawn again. */
export type Group = Backtest.Measures & {
  readonly aucInterval: readonly [number, number] | null
  readonly slopeInterval: readonly [number, number] | null
}

export type Judged = {
  readonly table: string
  readonly from: number
  readonly windowSeconds: number | null
  readonly fittedOn: number
  readonly all: Group
  /** Those with a history. */
  readonly repeat: Group
  readonly stability: {
    /** The worst part's. */
    readonly status: Stability.Stability['status']
    readonly psi: number
    readonly alarmAt: number
    readonly parts: readonly Backtest.Population[]
  }
}

export type Increment = {
  readonly table: string
  readonly from: number
  readonly windowSeconds: number
  readonly state: Backtest.Measures
  readonly withRecord: Backtest.Measures
  readonly incrementalAuc: number | null
  /** Middle 95 %, vaults drawn again with replacement. */
  readonly interval: readonly [number, number] | null
  readonly maintenanceDiscountPpm: 0
}

const day = 86_400
const draws = { draws: 200, seed: 20_240_613 }
const loanColumns = ['wallet', 'closed_at', 'amount_usd', 'outcome'] as const
const liquidationColumns = ['wallet', 'timestamp'] as const

/** Loans in the shape wallet, closed_at, amount_usd, outcome. */
export async function readLoans(file: string): Promise<readonly Sample[]> {
  const rows = await Table.read(file, loanColumns)
  const read = Table.reader(file, loanColumns)
  return Loans.samples(
    rows.map((row) => ({
      subject: read.text(row, 'wallet'),
      closedAt: read.seconds(row, 'closed_at'),
      amountUsd: read.number(row, 'amount_usd'),
      bad: read.one(row, 'outcome', ['repaid', 'price', 'maturity']) !== 'repaid',
    })),
  )
}

/** Liquidations in the shape wallet, timestamp; other columns are passed over. */
export async function readLiquidations(file: string, windowSeconds: number): Promise<readonly Sample[]> {
  const rows = await Table.read(file, liquidationColumns)
  const read = Table.reader(file, liquidationColumns)
  const list = rows.map((row) => ({ subject: read.text(row, 'wallet'), at: read.seconds(row, 'timestamp') }))
  return Reliquidations.samples(list, { windowSeconds, stepSeconds: 7 * day })
}

/** A walk over loans, from a closing time, or after the first 40 % of the rows. */
export async function loans(file: string, from: number | undefined): Promise<Judged> {
  const samples = await readLoans(file)
  const start = from ?? samples[Math.floor(samples.length * 0.4)]?.at ?? 0
  return judge({ table: file, samples, from: start, plan: Designs.loans, windowSeconds: null })
}

/** A walk over re-liquidations, from a time, or after the first 60 % of the time. */
export async function liquidations(
  file: string,
  request: { readonly from: number | undefined; readonly windowSeconds: number },
): Promise<Judged> {
  const samples = await readLiquidations(file, request.windowSeconds)
  const from = request.from ?? share(samples, 0.6)
  return judge({ table: file, samples, from, plan: Designs.reliquidations, windowSeconds: request.windowSeconds })
}

/** What the record of vaults adds to their state: two walks, the same samples, one with the record. */
export async function vaults(
  folder: string,
  request: { readonly from: number | undefined; readonly windowSeconds: number },
): Promise<Increment> {
  const [changes, prices] = await Promise.all([readChanges(folder), readPrices(folder)])
  const samples = Vaults.samples(changes, { ratio: 1.3, windowSeconds: request.windowSeconds, stepSeconds: 7 * day, prices })
  const from = request.from ?? share(samples, 0.4)
  started(samples, from, folder)
  const state = Backtest.walk(samples, { ...Designs.vaults(Vaults.state), from })
  const withRecord = Backtest.walk(samples, { ...Designs.vaults([...Vaults.state, ...Vaults.record]), from })
  const pairs = state.forecasts.map((forecast, i) => ({ ...forecast, besides: withRecord.forecasts[i]?.score ?? 0 }))
  const added = (rows: typeof pairs): number | null => {
    const alone = Discrimination.auc(rows.map(({ subject, score, bad }) => ({ subject, bad, pd: -score })))
    const both = Discrimination.auc(rows.map(({ subject, besides, bad }) => ({ subject, bad, pd: -besides })))
    return alone === null || both === null ? null : both - alone
  }
  return {
    table: folder,
    from,
    windowSeconds: request.windowSeconds,
    state: Backtest.measure(state.forecasts),
    withRecord: Backtest.measure(withRecord.forecasts),
    incrementalAuc: added(pairs),
    interval: Discrimination.interval(pairs, (rows) => added([...rows]), draws),
    maintenanceDiscountPpm: 0,
  }
}

function judge(of: {
  readonly table: string
  readonly samples: readonly Sample[]
  readonly from: number
  readonly plan: Omit<Backtest.walk.Plan, 'from'>
  readonly windowSeconds: number | null
}): Judged {
  started(of.samples, of.from, of.table)
  const walked = Backtest.walk(of.samples, { ...of.plan, from: of.from })
  const all = group(walked.forecasts)
  const repeat = walked.forecasts.filter((forecast) => !forecast.newcomer)
  const worst = walked.stability.reduce((most, part) => Math.max(most, part.psi), 0)
  return {
    table: of.table,
    from: of.from,
    windowSeconds: of.windowSeconds,
    fittedOn: of.samples.filter((sample) => sample.settledAt < of.from).length,
    all,
    // where nobody is new the two groups are one, and an interval is slow to draw
    repeat: repeat.length === walked.forecasts.length ? all : group(repeat),
    stability: { status: Stability.statusOf(worst), psi: worst, alarmAt: Stability.alarmAt, parts: walked.stability },
  }
}

function group(forecasts: readonly Backtest.Forecast[]): Group {
  const auc = (rows: readonly Backtest.Forecast[]) =>
    Discrimination.auc(rows.map(({ subject, score, bad }) => ({ subject, bad, pd: -score })))
  const slope = (rows: readonly Backtest.Forecast[]) => Calibration.line(rows)?.slope ?? null
  return {
    ...Backtest.measure(forecasts),
    aucInterval: Discrimination.interval(forecasts, auc, draws),
    slopeInterval: Discrimination.interval(forecasts, slope, draws),
  }
}

/** A share of the table's time, outcomes included: the same whatever the window. */
function share(samples: readonly Sample[], part: number): number {
  const first = samples[0]?.at ?? 0
  return Math.round(first + part * ((samples.at(-1)?.settledAt ?? first) - first))
}

function started(samples: readonly Sample[], from: number, table: string): void {
  if (!samples.some((sample) => sample.settledAt < from))
    throw new FromError(table, 'nothing had settled before it, so nothing can be fitted')
  if (!samples.some((sample) => sample.at >= from)) throw new FromError(table, 'nothing came after it, so nothing can be judged')
}

async function readChanges(folder: string): Promise<readonly Vaults.Change[]> {
  const kinds = [
    {
      file: 'ethb_vault_deposits.csv',
      columns: ['DEPOSIT_AMOUNT_ADJ'],
      of: ([n]: readonly number[]) => ({ collateral: Math.abs(n ?? 0), debt: 0 }),
    },
    {
      file: 'ethb_vault_withdrawals.csv',
      columns: ['WITHDRAWN_AMOUNT_ADJ'],
      of: ([n]: readonly number[]) => ({ collateral: -Math.abs(n ?? 0), debt: 0 }),
    },
    { file: 'ethb_dai_borrows.csv', columns: ['DAI_MINTED'], of: ([n]: readonly number[]) => ({ collateral: 0, debt: Math.abs(n ?? 0) }) },
    {
      file: 'ethb_dai_repayments.csv',
      columns: ['DAI_REPAYED'],
      of: ([n]: readonly number[]) => ({ collateral: 0, debt: -Math.abs(n ?? 0) }),
    },
    {
      file: 'ethb_vault_liquidations.csv',
      columns: ['COLLATERAL_LIQUIDATED_AMOUNT', 'DAI_REPAYED_AMOUNT'],
      of: ([c, d]: readonly number[]) => ({ collateral: -Math.abs(c ?? 0), debt: -Math.abs(d ?? 0) }),
    },
  ]
  const all = await Promise.all(
    kinds.map(async ({ file, columns, of }) => {
      const path = `${folder}/${file}`
      const wanted = ['VAULT_NUMBER', 'BLOCK_TIMESTAMP', ...columns]
      const read = Table.reader(path, wanted)
      return (await Table.read(path, wanted)).map((row) => ({
        vault: read.text(row, 'VAULT_NUMBER'),
        at: read.utc(row, 'BLOCK_TIMESTAMP'),
        liquidation: file.includes('liquidations'),
        ...of(columns.map((column) => read.number(row, column))),
      }))
    }),
  )
  return all.flat()
}

async function readPrices(folder: string) {
  const file = `${folder}/coingecko_ethusd_price.csv`
  const columns = ['snapped_at', 'price']
  const read = Table.reader(file, columns)
  const rows = await Table.read(file, columns)
  return rows.map((row) => ({ at: read.utc(row, 'snapped_at'), price: read.number(row, 'price') })).sort((a, b) => a.at - b.at)
}

/** Thrown when a walk cannot begin where it was asked to. */
export class FromError extends Error {
  override readonly name = 'Judged.FromError'
  readonly code = 'FROM_UNUSABLE'
  readonly hint = 'Give --from as unix seconds inside the table, with history before it; without it a share of the table is used.'
  constructor(table: string, why: string) {
    super(`The walk over ${table} cannot begin there: ${why}.`)
  }
}
