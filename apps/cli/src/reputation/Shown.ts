/** What the reputation commands show to a person. */
import type { Attack, Backtest, Score } from '@plimsoll/reputation'
import * as print from '../print.ts'
import type { ModelFile } from './Document.ts'
import type { Group, Increment, Judged } from './Judged.ts'

const day = 86_400
const date = (seconds: number) => new Date(seconds * 1000).toISOString().slice(0, 10)
const number = (value: number | null | undefined, digits = 3) => (value === null || value === undefined ? 'unknown' : value.toFixed(digits))
const range = (pair: readonly [number, number] | null, digits = 3) =>
  pair === null ? 'unknown' : `${pair[0].toFixed(digits)} to ${pair[1].toFixed(digits)}`
const percent = (value: number | null) => (value === null ? 'unknown' : `${(value * 100).toFixed(1)} %`)

/** A backtest as a table. */
export function judged(of: Judged): string {
  const { stability } = of
  const alarms = stability.parts.filter((part) => part.status === 'alarm')
  const first = alarms[0]
  const rows = (label: string, pick: (group: Group) => string) => [label, pick(of.all), pick(of.repeat)]
  return [
    `${of.table}, forecasts from ${date(of.from)}, the first fitted on ${of.fittedOn} samples${of.windowSeconds === null ? '' : `, window ${of.windowSeconds / day} d`}`,
    print.table([
      ['', 'all', 'with a history'],
      rows('n', (group) => `${group.n}`),
      rows('bad', (group) => percent(group.badRate)),
      rows('AUC', (group) => number(group.auc)),
      rows('  95 % interval', (group) => range(group.aucInterval)),
      rows('KS', (group) => number(group.ks)),
      rows('Brier', (group) => number(group.brier)),
      rows('  before calibration', (group) => number(group.rawBrier)),
      rows('  of the constant rate', (group) => number(group.constantBrier)),
      rows('calibration slope', (group) => number(group.calibration?.slope, 2)),
      rows('  95 % interval', (group) => range(group.slopeInterval, 2)),
      rows('calibration intercept', (group) => number(group.calibration?.intercept, 2)),
    ]),
    '  calibration of those with a history:',
    bins(of.repeat),
    `  population stability: ${stability.status}, PSI up to ${stability.psi.toFixed(2)} (alarm above ${stability.alarmAt}); ${alarms.length} of ${stability.parts.length} parts in alarm${first ? `, the first from ${date(first.from)} to ${date(first.to)}` : ''}`,
  ].join('\n')
}

/** What a record adds to a state. */
export function increment(of: Increment): string {
  return [
    `${of.table}, forecasts from ${date(of.from)}, window ${of.windowSeconds / day} d`,
    print.table([
      ['', 'buffer alone', 'with the record'],
      ['n', `${of.state.n}`, `${of.withRecord.n}`],
      ['liquidated', percent(of.state.badRate), percent(of.withRecord.badRate)],
      ['AUC', number(of.state.auc), number(of.withRecord.auc)],
      ['Brier', number(of.state.brier, 4), number(of.withRecord.brier, 4)],
      ['calibration slope', number(of.state.calibration?.slope, 2), number(of.withRecord.calibration?.slope, 2)],
    ]),
    `  incremental AUC ${number(of.incrementalAuc, 4)}, 95 % interval ${range(of.interval, 4)}; discount on maintenance margin: ${of.maintenanceDiscountPpm}`,
  ].join('\n')
}

/** A fitted model, its bins and what it was fitted on. */
export function fitted({ model, modelHash, card }: ModelFile): string {
  const rows = model.scorecard.features.flatMap((feature) =>
    feature.bins.map((bin, i) => [i === 0 ? feature.code : '', `from ${(bin.fromPpm / 1_000_000).toFixed(6)}`, `${bin.points}`]),
  )
  const pool = (name: string, of: ModelFile['card']['loans']) => [
    name,
    `${of.samples}`,
    `${of.bad}`,
    date(of.from),
    date(of.to),
    of.sha256.slice(0, 16),
  ]
  return [
    `${model.version}, ${modelHash}`,
    print.table([['BASE', '', `${model.scorecard.base}`], ...rows]),
    print.table([
      ['fitted on', 'samples', 'bad', 'from', 'to', 'sha256 begins'],
      pool('loans', card.loans),
      pool('liquidations', card.liquidations),
    ]),
  ].join('\n')
}

/** Points that add up. */
export function score(of: Score.Score): string {
  const lines = of.lines.filter((line) => line.code === 'BASE' || line.points !== 0).map((line) => [line.code, signed(line.points)])
  return `score ${of.score}, PD ${print.rate(of.pdPpm)}${of.newcomer ? ', nothing known' : ''} (${of.version})\n${print.table([...lines, ['= score', `${of.score}`]])}`
}

/** What moved a score. */
export function change(of: Score.Change): string {
  const rows = of.lines.map((line) => [line.code, `${line.from} → ${line.to}`, signed(line.points)])
  return `  ${of.from} → ${of.to}:\n${print.table([...rows, ['= change', '', signed(of.to - of.from)]], '    ')}`
}

/** Why, and what would raise it. */
export function explained(of: Score.Score, raises: readonly Score.Raise[]): string {
  const rows = raises.map((raise) => [
    raise.code,
    raise.how === 'more'
      ? `${raise.count} more, one a day: from ${(raise.fromPpm / 1_000_000).toFixed(2)} to ${(raise.toPpm / 1_000_000).toFixed(2)}`
      : `nothing wrong for ${raise.afterSeconds / day} days`,
    signed(raise.gain),
  ])
  return `${score(of)}\n${rows.length === 0 ? '  nothing would raise it: every feature is in its best bin' : `  what would raise it, each alone:\n${print.table(rows, '    ')}`}`
}

/** Returns on attack: a row a scenario, a column a σ̂. */
export function attacks(suite: readonly Attack.Attack[], outcomes: readonly Attack.Outcome[]): string {
  const regimes = [...new Set(outcomes.map(({ sigmaPpm }) => sigmaPpm))]
  const rows = suite.map(({ name }) => [
    name,
    ...regimes.map((sigma) => {
      const found = outcomes.find((outcome) => outcome.name === name && outcome.sigmaPpm === sigma)
      return found?.returnPpm === null || found === undefined ? 'nothing' : (found.returnPpm / 1_000_000).toFixed(3)
    }),
  ])
  const worst = Math.max(...outcomes.map(({ returnPpm }) => returnPpm ?? 0))
  return [
    'gain by cost, at σ̂ of',
    print.table([['', ...regimes.map((sigma) => `${sigma / 10_000} %`)], ...rows]),
    `  the greatest is ${(worst / 1_000_000).toFixed(3)}; "nothing" costs nothing and brings nothing`,
  ].join('\n')
}

function bins(of: Backtest.Measures): string {
  if (of.calibration === null) return '    unknown: one outcome only'
  return print.table(
    [
      ['forecast', 'n', 'mean forecast', 'came true'],
      ...of.calibration.bins.map((bin) => [
        `${percent(bin.from)} to ${percent(bin.to)}`,
        `${bin.n}`,
        percent(bin.forecast),
        percent(bin.observed),
      ]),
    ],
    '    ',
  )
}

function signed(points: number): string {
  return points > 0 ? `+${points}` : `${points}`
}
