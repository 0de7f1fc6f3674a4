/** `plimsoll model compare|promote|rollback|card`: who serves, by what evidence. */
import { Binding, Gate, Panel, Registry, type Suite } from '@plimsoll/volatility-model'
import { Command } from 'commander'
import { typed } from '../../path.ts'
import { table } from '../../print.ts'
import { out } from '../limit.ts'
import { shown } from './backtest.ts'
import * as Evidence from './evidence.ts'
import * as options from './options.ts'

type Judged = {
  readonly data: readonly string[]
  readonly challenger: string
  readonly champion: string
  readonly seed: string
  readonly json?: true
}
type Folder = { readonly models?: string; readonly json?: true }

/** Judges two tables by the conditions of promotion, and changes nothing. Exit 2 when one is not met. */
export function compare(): Command {
  return judged(new Command('compare').description('Judge one table of forecasts against another by the conditions of promotion.'))
    .addHelpText(
      'after',
      `
Example:
  plimsoll model compare --data perp_1h.csv.gz --challenger new.csv --champion old.csv
  plimsoll model compare --data perp_1h.csv.gz --challenger new.csv --champion new.csv:log-har --json`,
    )
    .action(async (given: Judged) => {
      const { verdict, evidence } = await judge(given)
      out(given.json, { ...verdict, sha256: evidence.sha256 }, show(verdict))
      if (verdict.status === 'refused') process.exitCode = 2
    })
}

/** Makes a challenger the champion when every condition is met. Exit 2 when the gate refuses. */
export function promote(): Command {
  return judged(new Command('promote').description('Make a challenger the champion, if every condition holds.'))
    .requiredOption('--model <x.y.z>', 'the challenger')
    .option('--models <folder>', 'the models folder; the one that comes along unless given')
    .addHelpText(
      'after',
      `
Killed at any moment it leaves the old champion or the new one. Exit 2 when the gate refuses; the champion then stays. The challenger's table must be
its own: over the period of the walk on its card it must repeat that walk's figures, from the same bars.

Example:
  plimsoll model promote --model 0.4.0 --data perp_1h.csv.gz --challenger new.csv --champion old.csv`,
    )
    .action(async (given: Judged & Folder & { readonly model: string }) => {
      const directory = options.folder(given)
      const before = await Registry.read(directory)
      Registry.find(before, given.model)
      const { verdict, evidence } = await judge(given)
      if (verdict.status === 'refused') {
        out(
          given.json,
          { promoted: false, ...verdict, sha256: evidence.sha256 },
          `${show(verdict)}\nrefused: the champion stays ${before.champion?.version ?? 'none'}`,
        )
        process.exitCode = 2
        return
      }
      const { card, fault } = await Registry.load({
        directory,
        ...Registry.find(before, given.model),
        backend: await options.backend(undefined),
      })
      if (fault !== null) throw new Evidence.EvidenceError(`version ${given.model} is not whole on disk (${fault.message})`)
      if (card.schema !== 2)
        throw new Evidence.EvidenceError(`version ${given.model} is of one network: its card has no walk to hold a table against`)
      Binding.assert({ card, cases: evidence.cases, horizonSeconds: evidence.horizonSeconds, dataSha256: evidence.sha256.data })
      const after = await Registry.promote({ directory, version: given.model, against: before.champion })
      out(
        given.json,
        { promoted: true, ...verdict, sha256: evidence.sha256, registry: after },
        `${show(verdict)}\n${given.model} is the champion`,
      )
    })
}

/** Puts the champion before this one back. */
export function rollback(): Command {
  return new Command('rollback')
    .description('Put the champion before this one back.')
    .option('--models <folder>', 'the models folder; the one that comes along unless given')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', '\nExample:\n  plimsoll model rollback')
    .action(async (given: Folder) => {
      const after = await Registry.rollback(options.folder(given))
      out(given.json, after, `${after.champion?.version ?? 'none'} is the champion again`)
    })
}

/** What a version was made from and how well it did. */
export function card(): Command {
  return new Command('card')
    .description('Show what a model was made from and how well it did, the rows it lost included.')
    .option('--model <x.y.z>', 'the champion unless given')
    .option('--models <folder>', 'the models folder; the one that comes along unless given')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', '\nExamples:\n  plimsoll model card\n  plimsoll model card --model 0.4.0 --json')
    .action(async (given: Folder & { readonly model?: string }) => {
      const { entry, model } = await options.model(given)
      out(given.json, { ...entry, card: model.card }, 'schema' in model ? text(model) : JSON.stringify(model.card, null, 2))
    })
}

function text({ version, modelHash, card: it, fault }: Suite.Suite): string {
  const day = (at: number): string => new Date(at * 1000).toISOString().slice(0, 10)
  return [
    `${version} ${modelHash}${fault === null ? '' : `\n${fault.code}: ${fault.message}`}`,
    `seed ${it.seed}, ${it.backend} (tfjs ${it.tfjs})`,
    ...it.members.flatMap((member) => [
      '',
      `${member.horizonSeconds / 3_600} h: fitted on ${member.rows} origins, ${day(member.from)} to ${day(member.to)}, of ${member.data.files.map(({ name }) => name).join(', ')} (${member.data.intervalSeconds} s)`,
      `data sha256 ${member.data.sha256}`,
      shown(member.comparison),
    ]),
  ].join('\n')
}

function judged(command: Command): Command {
  return command
    .requiredOption('--data <paths...>', 'the bars, for what came')
    .requiredOption('--challenger <table>', 'forecasts as `backtest --out` writes them; file.csv:model for another column than champion')
    .requiredOption('--champion <table>', 'the forecasts to beat, likewise')
    .option('--seed <n>', 'of the bootstraps', '7')
    .option('--json', 'one JSON document on stdout')
}

async function judge(given: Judged) {
  const panel = await Panel.read({ paths: options.paths(given.data), asOf: Math.floor(Date.now() / 1000) })
  const evidence = await Evidence.of({ panel, challenger: typed(given.challenger), champion: typed(given.champion) })
  const { cases, horizonSeconds } = evidence
  const verdict = Gate.assess({ cases, horizonSeconds, seed: options.whole('seed', given.seed, 0, 2 ** 31 - 1) })
  return { verdict, evidence }
}

function show({ status, cases, checks }: Gate.Verdict): string {
  const rows = checks.map(({ name, period, holds, found, wanted }) => [`${holds ? '✓' : '✗'} ${name}`, period, found, wanted])
  return `${status}, ${cases} cases\n${table([['', '', 'found', 'wanted'], ...rows])}`
}
