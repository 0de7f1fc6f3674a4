/**
 * Margin engines from npm beside ours: accounts per CPU-second of one thread, all in one run, in turns.
 *
 *     node bench/peers/main.ts [--json] [--only <file>] [--rounds 10] [--milliseconds 200] [--seed 42]
 *
 * Each round gives every contender the same slice of time while the others wait; the cheapest slice of each counts. Every answer is kept
 * and held against the book afterwards. What is compared, and what the figures are not, is in README.md.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import * as Book from './Book.ts'
import * as Clock from './Clock.ts'
import * as Lane from './Lane.ts'
import * as Report from './Report.ts'

const folder = dirname(fileURLToPath(import.meta.url))

const contenders = [
  { file: './plimsoll.ts', exported: 'flat' },
  { file: './plimsoll.ts', exported: 'curves' },
  { file: './plimsoll.ts', exported: 'both' },
  { file: './aave.ts', exported: 'pool' },
  { file: './drift.ts', exported: 'flat' },
  { file: './drift.ts', exported: 'root' },
  { file: './gmx.ts', exported: 'bare' },
  { file: './gmx.ts', exported: 'withImpact' },
  { file: './mango.ts', exported: 'tokens' },
  { file: './mango.ts', exported: 'perpetuals' },
  { file: './morpho.ts', exported: 'positions' },
  { file: './orderly.ts', exported: 'perpetuals' },
]

/** Into this folder, exactly as the lockfile says, and without running anything of what is installed. */
function install(): void {
  if (existsSync(join(folder, 'node_modules', '.package-lock.json'))) return
  process.stderr.write('Installing the peers into bench/peers, about 800 MB …\n')
  const { status, error } = spawnSync('npm', ['ci', '--ignore-scripts'], { cwd: folder, stdio: ['ignore', 2, 2] })
  if (status !== 0) throw new InstallError(error === undefined ? `npm ended with ${status}` : error.message)
}

async function race(lanes: readonly Lane.Lane[], rounds: number, milliseconds: number) {
  const costs = new Map(lanes.map((lane) => [lane, [] as Clock.Cost[]]))
  const calibration = [Clock.calibrate()]
  for (let round = 0; round < rounds; round++) {
    for (const lane of lanes) costs.get(lane)?.push(await lane.slice(milliseconds))
    calibration.push(Clock.calibrate())
  }
  const results: Report.Result[] = []
  for (const lane of lanes) {
    const { name, returns, complete } = lane
    results.push({ name, returns, complete, costs: costs.get(lane) ?? [], worst: (await lane.verify()).worst })
  }
  return { calibration, results }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      rounds: { type: 'string', default: '10' },
      milliseconds: { type: 'string', default: '200' },
      seed: { type: 'string', default: '42' },
    },
  })
  const [rounds, milliseconds, seed] = [Number(values.rounds), Number(values.milliseconds), Number(values.seed)]
  const chosen = contenders.filter(({ file }) => file.includes(values.only))
  if (!(rounds >= 1 && milliseconds >= 1 && Number.isInteger(seed)))
    throw new RangeError('Rounds and slices are at least 1, a seed is whole.')
  if (chosen.length === 0)
    throw new RangeError(`No file of ${contenders.map(({ file }) => file).join(', ')} has "${values.only}" in its name.`)

  install()
  const lanes: Lane.Lane[] = []
  try {
    for (const each of chosen) lanes.push(await Lane.open(each, seed))
    const { calibration, results } = await race(lanes, rounds, milliseconds)
    const report: Report.Report = {
      seed,
      accounts: Book.accountsPerBook,
      rounds,
      milliseconds,
      machine: { node: process.version, processor: cpus()[0]?.model ?? 'unknown', cores: cpus().length, load: loadavg()[0] ?? Number.NaN },
      versions: JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).dependencies,
      calibration,
      rows: Report.rows(results),
    }
    process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : Report.text(report))
  } finally {
    for (const lane of lanes) lane.close()
  }
}

/** Thrown when npm cannot install the peers. */
class InstallError extends Error {
  override readonly name = 'InstallError'
  constructor(why: string) {
    super(`The peers could not be installed: ${why}. With npm and a registry at hand, run \`npm ci --ignore-scripts\` in bench/peers.`)
  }
}

main().catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
