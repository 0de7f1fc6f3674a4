/** `plimsoll model report`: a version's card as one page with charts, that needs no other file and no network. */
import { writeFile } from 'node:fs/promises'
import type { Suite } from '@plimsoll/volatility-model'
import { Command } from 'commander'
import { typed } from '../../path.ts'
import { out } from '../limit.ts'
import * as Chart from './Chart.ts'
import * as options from './options.ts'

type Options = { readonly out: string; readonly model?: string; readonly models?: string; readonly json?: true }

/** The command. */
export function report(): Command {
  return new Command('report')
    .description('Write what a model was made from and how well it did as one page with charts.')
    .requiredOption('--out <file.html>', 'where to')
    .option('--model <x.y.z>', 'the champion unless given')
    .option('--models <folder>', 'the models folder; the one that comes along unless given')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', '\nExample:\n  plimsoll model report --out model.html')
    .action(async (given: Options) => {
      const { entry, model } = await options.model(given)
      if (!('schema' in model)) throw new options.ModelOptionError('model', entry.version, 'a version of several horizons')
      const html = page(model)
      await writeFile(typed(given.out), html)
      out(given.json, { ...entry, out: given.out, bytes: Buffer.byteLength(html) }, `${entry.version} in ${given.out}`)
    })
}

/** A suite's card as HTML. */
export function page({ version, modelHash, card }: Pick<Suite.Suite, 'version' | 'modelHash' | 'card'>): string {
  const title = `Volatility model ${version}`
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${Chart.quoted(title)}</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222 }
figure { margin: 1.5rem 0 } figcaption { font-weight: 600 } svg { max-width: 100%; height: auto } svg text { font-size: 12px; fill: #222 }
.better { fill: #1b7f5c; stroke: #1b7f5c } .worse { fill: #b5502b; stroke: #b5502b } .goal { stroke: #888; stroke-dasharray: 3 3 }
code { font-size: 12px; overflow-wrap: anywhere }
</style>
<h1>${Chart.quoted(title)}</h1>
<p><code>${Chart.quoted(modelHash)}</code><br>Seed ${card.seed}, ${Chart.quoted(card.backend)} (tfjs ${Chart.quoted(card.tfjs)}). Each forecast below was made by a model that had not seen
its outcome.</p>
${card.members.map(section).join('\n')}
</html>
`
}

function section(member: Suite.Card['members'][number]): string {
  const { comparison, horizonSeconds, data } = member
  const day = (at: number): string => new Date(at * 1_000).toISOString().slice(0, 10)
  const percent = (share: number): string => `${(share * 100).toFixed(2)} %`
  const champion = comparison.lines.find(({ model }) => model === 'champion')
  const har = comparison.lines.find(({ model }) => model === 'log-har')
  const ratios = (key: 'ratio' | 'ratioWithoutWorst') =>
    comparison.lines.map((line) => ({ label: line.model, value: line[key], shown: line[key].toFixed(3) }))
  const held = (side: 'longPath' | 'shortPath') =>
    comparison.lines.map(({ model, coverage }) => {
      const { exceedance, low, high } = coverage[side]
      return { label: model, value: exceedance, low, high, shown: `${percent(exceedance)}, ${percent(low)} to ${percent(high)}` }
    })
  const assets = comparison.symbols.map((symbol) => {
    const value = (champion?.bySymbol[symbol] ?? Number.NaN) / (har?.bySymbol[symbol] ?? Number.NaN)
    return { label: symbol, value, shown: value.toFixed(3) }
  })
  return [
    `<h2>${horizonSeconds / 3_600} h ahead</h2>`,
    `<p>${comparison.rows} origins of ${comparison.symbols.length} assets, ${day(comparison.from)} to ${day(comparison.to)}; fitted on ${member.rows} origins, ${day(member.from)} to ${day(member.to)}, of ${Chart.quoted(data.files.map(({ name }) => name).join(', '))}.</p>`,
    Chart.bars({ title: 'QLIKE over that of log-HAR: left of the line is better', rows: ratios('ratio'), goal: 1, most: 2 }),
    Chart.bars({ title: 'The same without the worst 0.25 % of days', rows: ratios('ratioWithoutWorst'), goal: 1, most: 2 }),
    Chart.bars({ title: 'The champion over log-HAR, by asset', rows: assets, goal: 1, most: 1.5 }),
    Chart.intervals({
      title: 'Worst path of a long beyond its 99 % quantile, with the 95 % interval by days',
      rows: held('longPath'),
      goal: 0.01,
      most: 0.03,
    }),
    Chart.intervals({ title: 'The same of a short', rows: held('shortPath'), goal: 0.01, most: 0.03 }),
    Chart.bars({
      title: 'How much of the network’s correction counted, by fit of the walk',
      rows: (member.fits ?? []).map(({ at, share }) => ({ label: day(at), value: share, shown: percent(share) })),
      goal: 1,
      most: 1,
    }),
  ].join('\n')
}
