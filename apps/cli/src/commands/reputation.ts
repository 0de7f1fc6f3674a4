/** `plimsoll reputation`: fit a scorecard, score a record, say why, and judge both by what came later. */
import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { Attack, Designs, Model, Reliquidations, Score, TrackRecord, Training } from '@plimsoll/reputation'
import { Command } from 'commander'
import { typed } from '../path.ts'
import * as Document from '../reputation/Document.ts'
import * as Judged from '../reputation/Judged.ts'
import * as Shown from '../reputation/Shown.ts'
import { out } from './limit.ts'

const day = 86_400

/** The command with its six parts. */
export function reputation(): Command {
  return new Command('reputation')
    .description('Fit, apply, explain and judge the scorecard of records.')
    .addCommand(backtest())
    .addCommand(train())
    .addCommand(score())
    .addCommand(explain())
    .addCommand(diff())
    .addCommand(attacks())
}

function backtest(): Command {
  return new Command('backtest')
    .description('Walk forward over a table: every forecast made with what had settled before, and nothing later.')
    .option('--loans <csv>', 'loans: wallet, closed_at, amount_usd, outcome (repaid, price or maturity)')
    .option('--liquidations <csv>', 'liquidations: wallet, timestamp')
    .option('--vaults <folder>', 'vault histories of Maker ETH-B: what a record adds to the current buffer')
    .option('--window <days>', 'how far ahead a liquidation counts, such as 7d or 30d')
    .option(
      '--from <unix seconds>',
      'where forecasts begin; else after 40 % of the loans or of the vaults’ time, 60 % of the liquidations’',
    )
    .option('--json', 'one JSON document on stdout')
    .addHelpText(
      'after',
      `
Examples:
  plimsoll reputation backtest --loans loans.csv --from 1661126400
  plimsoll reputation backtest --loans loans.csv --json > backtest.json
  plimsoll reputation backtest --liquidations liquidations.csv --window 7d
  plimsoll reputation backtest --vaults maker-ethb --window 14d --json`,
    )
    .action(async (options: { loans?: string; liquidations?: string; vaults?: string; window?: string; from?: string; json?: boolean }) => {
      const from = options.from === undefined ? undefined : secondsOf(options.from)
      const given = [options.loans, options.liquidations, options.vaults].filter((it) => it !== undefined)
      if (given.length !== 1) throw new OptionError('Give exactly one of --loans, --liquidations and --vaults.')
      if (options.loans !== undefined) {
        if (options.window !== undefined) throw new OptionError('--window goes with --liquidations or --vaults: a loan has its own end.')
        const judged = await Judged.loans(options.loans, from)
        out(options.json, judged, Shown.judged(judged))
        return
      }
      if (options.liquidations !== undefined) {
        const judged = await Judged.liquidations(options.liquidations, { from, windowSeconds: windowOf(options.window ?? '7d') })
        out(options.json, judged, Shown.judged(judged))
        return
      }
      const increment = await Judged.vaults(options.vaults ?? '', { from, windowSeconds: windowOf(options.window ?? '14d') })
      out(options.json, increment, Shown.increment(increment))
    })
}

function train(): Command {
  return new Command('fit')
    .description('Fit the bins of closes, bad debt and recent liquidations, and write the model with its card and hash.')
    .requiredOption('--loans <csv>', 'loans: wallet, closed_at, amount_usd, outcome')
    .requiredOption('--liquidations <csv>', 'liquidations: wallet, timestamp')
    .option('--as-of <unix seconds>', 'see nothing that settled later; else everything')
    .option('--version <name>', 'what to call the model', 'scorecard-3')
    .option('--out <file>', 'write it here')
    .option('--json', 'the document on stdout')
    .addHelpText(
      'after',
      `
The same tables give the same document and the same hash. Rows of the tables are not in it.

Examples:
  plimsoll reputation fit --loans loans.csv --liquidations liquidations.csv --out scorecard.json
  plimsoll reputation fit --loans loans.csv --liquidations liquidations.csv --as-of 1661126400 --json`,
    )
    .action(async (options: { loans: string; liquidations: string; asOf?: string; version: string; out?: string; json?: boolean }) => {
      const [loans, liquidations] = await Promise.all([
        Judged.readLoans(options.loans),
        Judged.readLiquidations(options.liquidations, 30 * day),
      ])
      const latest = [...loans, ...liquidations].reduce((most, sample) => Math.max(most, sample.settledAt), 0)
      const asOf = options.asOf === undefined ? latest + 1 : secondsOf(options.asOf)
      const trained = Training.of({
        loans,
        liquidations,
        asOf,
        before: Model.first,
        version: options.version,
        fastSeconds: Reliquidations.fastSeconds,
        designs: { loans: Designs.loans.design, liquidations: Designs.reliquidations.design },
      })
      const [loansHash, liquidationsHash] = await Promise.all([sha256(options.loans), sha256(options.liquidations)])
      const document: Document.ModelFile = {
        modelHash: Document.hashOf(trained.model),
        model: trained.model,
        card: { asOf, loans: { sha256: loansHash, ...trained.loans }, liquidations: { sha256: liquidationsHash, ...trained.liquidations } },
      }
      if (options.out !== undefined) await writeFile(typed(options.out), Document.text(document))
      out(options.json, document, Shown.fitted(document))
    })
}

function score(): Command {
  return new Command('score')
    .description('The score of a record, in points that add up; with --since, what moved it.')
    .requiredOption('--events <json>', 'the events of one participant')
    .requiredOption('--at <unix seconds>', 'as of when')
    .option('--since <unix seconds>', 'compare with this earlier time')
    .option('--model <file>', 'a model that `fit --out` wrote; else the first scorecard')
    .option('--json', 'one JSON document on stdout')
    .addHelpText(
      'after',
      `
Events are a JSON list of { id, account, at, kind, amountUsd }, amounts as decimal strings of USD × 1e18; kinds are liquidation, badDebt,
marginCall, selfRescue, close (+ heldSeconds), fee (+ recoverableUsd) and exposure (+ heldSeconds, adverseDays).

Examples:
  plimsoll reputation score --events events.json --at 1767225600
  plimsoll reputation score --events events.json --at 1767225600 --since 1764547200 --json`,
    )
    .action(async (options: { events: string; at: string; since?: string; model?: string; json?: boolean }) => {
      const { model, modelHash } = await Document.readModel(options.model)
      const events = await Document.readEvents(options.events)
      const at = secondsOf(options.at)
      const now = Score.of(TrackRecord.of(events, at, model), model)
      const change =
        options.since === undefined ? null : Score.compare(Score.of(TrackRecord.of(events, secondsOf(options.since), model), model), now)
      out(
        options.json,
        { at, modelHash, ...now, change },
        [Shown.score(now), ...(change === null ? [] : [Shown.change(change)])].join('\n'),
      )
    })
}

function explain(): Command {
  return new Command('explain')
    .description('Why a score is what it is, and what would raise it.')
    .requiredOption('--events <json>', 'the events of one participant')
    .requiredOption('--at <unix seconds>', 'as of when')
    .option('--model <file>', 'a model that `fit --out` wrote; else the first scorecard')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', '\nExample:\n  plimsoll reputation explain --events events.json --at 1767225600')
    .action(async (options: { events: string; at: string; model?: string; json?: boolean }) => {
      const { model, modelHash } = await Document.readModel(options.model)
      const at = secondsOf(options.at)
      const record = TrackRecord.of(await Document.readEvents(options.events), at, model)
      const found = Score.of(record, model)
      const raises = Score.raises(record, model)
      const reasons = found.lines
        .filter((line) => line.points < 0)
        .sort((a, b) => a.points - b.points)
        .slice(0, 4)
      out(options.json, { at, modelHash, score: found.score, pdPpm: found.pdPpm, reasons, raises }, Shown.explained(found, raises))
    })
}

function diff(): Command {
  return new Command('diff')
    .description('What moved a score between any two times, line by line; the lines sum to the difference.')
    .requiredOption('--events <json>', 'the events of one participant')
    .requiredOption('--from <unix seconds>', 'the one time')
    .requiredOption('--to <unix seconds>', 'the other; it may be the earlier one')
    .option('--model <file>', 'a model that `fit --out` wrote; else the first scorecard')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', '\nExample:\n  plimsoll reputation diff --events events.json --from 1764547200 --to 1767225600')
    .action(async (options: { events: string; from: string; to: string; model?: string; json?: boolean }) => {
      const { model, modelHash } = await Document.readModel(options.model)
      const events = await Document.readEvents(options.events)
      const scoreAt = (at: number) => Score.of(TrackRecord.of(events, at, model), model)
      const [from, to] = [secondsOf(options.from), secondsOf(options.to)]
      const { lines, ...scores } = Score.compare(scoreAt(from), scoreAt(to))
      const document = { modelHash, from: { at: from, score: scores.from }, to: { at: to, score: scores.to }, lines }
      out(options.json, document, Shown.change({ lines, ...scores }))
    })
}

function attacks(): Command {
  return new Command('attacks')
    .description('What it would bring to abuse a record: every scenario at every σ̂, gain by cost.')
    .option('--model <file>', 'a model that `fit --out` wrote; else the first scorecard')
    .option('--json', 'one JSON document on stdout')
    .addHelpText(
      'after',
      `
Exit 2 when one returns as much as it costs.

Example:
  plimsoll reputation attacks`,
    )
    .action(async (options: { model?: string; json?: boolean }) => {
      const { model, modelHash } = await Document.readModel(options.model)
      const asOf = 400 * day
      const suite = Attack.suite(asOf)
      const terms = { model, asOf, market: { initialPpm: 100_000, maintenancePpm: 50_000, windowSeconds: day } }
      const outcomes = suite.flatMap((attack) => Attack.regimes.map((sigmaPpm) => Attack.run(attack, { ...terms, sigmaPpm })))
      out(
        options.json,
        { modelHash, market: terms.market, attacks: suite.map(({ name, how }) => ({ name, how })), outcomes },
        Shown.attacks(suite, outcomes),
      )
      if (outcomes.some(({ returnPpm }) => returnPpm !== null && returnPpm >= 1_000_000)) process.exitCode = 2
    })
}

async function sha256(file: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(typed(file)))
    .digest('hex')
}

function secondsOf(text: string): number {
  if (!/^\d{1,12}$/.test(text)) throw new OptionError(`"${text}" is not a time: give whole unix seconds.`)
  return Number(text)
}

function windowOf(text: string): number {
  const days = /^([1-9]\d{0,3})d$/.exec(text)?.[1]
  if (days === undefined) throw new OptionError(`"${text}" is not a window: give whole days, such as 7d.`)
  return Number(days) * day
}

/** Thrown when the options do not say enough, or contradict each other. */
export class OptionError extends Error {
  override readonly name = 'Reputation.OptionError'
  readonly code = 'OPTION_UNUSABLE'
  readonly hint = 'See plimsoll reputation --help, and --help of its parts.'
}
