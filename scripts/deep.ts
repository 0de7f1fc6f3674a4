/**
 * `pnpm deep <suite>`: the same tests with more cases, the benchmarks, then mutants of the formulas. Hours of doubt, not minutes of habit.
 */
import { spawn } from 'node:child_process'
import { delimiter, dirname, join } from 'node:path'
import { files, root } from './Workspace.ts'

type Suite = {
  readonly about: string
  readonly folder: string
  readonly env: Readonly<Record<string, string>>
  /** Whether its sources are mutated. */
  readonly mutated: boolean
  /** A race beside what others publish, with an install of its own. */
  readonly race?: string
  /** Tests of other folders that belong to it. */
  readonly beside?: readonly string[]
  /** Programs run after the tests, each a file with its arguments. */
  readonly programs?: readonly (readonly [file: string, ...parameters: string[]])[]
}

const bin = join(root, 'node_modules', '.bin')
const runs = process.env.PLIMSOLL_RUNS ?? '10000'

const formulas = (name: string, about: string): Suite => ({
  about,
  folder: `packages/${name}`,
  env: { PLIMSOLL_RUNS: runs },
  mutated: true,
})

const suites: Readonly<Record<string, Suite>> = {
  margin: { ...formulas('margin', 'the limit and everything it is made of'), race: 'bench/peers/main.ts' },
  volatility: formulas('volatility', 'estimators and forecasts'),
  reputation: formulas('reputation', 'linking, records, grants'),
  liquidation: {
    ...formulas(
      'liquidation',
      'curves, the brake, policies on replayed prices, a thousand accounts through a crash with the liquidator killed',
    ),
    env: { PLIMSOLL_DEEP: '1', PLIMSOLL_RUNS: runs },
    beside: ['services/liquidator'],
    programs: [['apps/cli/src/main.ts', 'replay', '--all', '--seeds', '200']],
  },
  system: {
    about:
      'the gateway with its database and chains: races, kills, load, every fault of the table, long simulations, what everything costs',
    folder: 'services/gateway',
    env: { PLIMSOLL_DEEP: '1', PLIMSOLL_RUNS: runs },
    mutated: false,
    beside: ['packages/store/src/Kills.test.ts', 'models/volatility/src/Kills.test.ts'],
    programs: [
      ['apps/cli/src/main.ts', 'faults'],
      ['apps/cli/src/main.ts', 'simulate', '--steps', '200000'],
      ['apps/cli/src/main.ts', 'simulate', '--against', 'anvil', '--steps', '6000'],
      ['services/gateway/bench/costs.ts'],
    ],
  },
}

const help = [
  'pnpm deep <suite>: its tests with more cases, then its benchmarks, a race beside its peers, and mutants of its formulas.',
  '',
  ...Object.entries(suites).map(([name, { about }]) => `  ${name.padEnd(14)}${about}`),
  '',
  'PLIMSOLL_RUNS sets the cases per property (10000). The mutants alone: node scripts/mutate.ts --help.',
].join('\n')

function run(command: string, parameters: readonly string[], extra: Readonly<Record<string, string>>): Promise<number> {
  const env = { ...process.env, ...extra, PATH: [dirname(process.execPath), bin, process.env.PATH ?? ''].join(delimiter) }
  return new Promise((resolve) => {
    const child = spawn(command, parameters, { cwd: root, env, stdio: 'inherit' })
    for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal))
    child.on('error', (error) => {
      console.error(`${command} could not be started: ${error.message}.`)
      resolve(1)
    })
    child.on('close', (code) => resolve(code ?? 1))
  })
}

const vitest = (parameters: readonly string[], extra: Readonly<Record<string, string>>) => run(join(bin, 'vitest'), parameters, extra)

async function main(name: string | undefined): Promise<number> {
  if (name === '--help' || name === '-h') {
    console.log(help)
    return 0
  }
  const suite = name === undefined ? undefined : suites[name]
  if (!suite) {
    console.error(`There is no deep suite ${name ? `"${name}"` : 'without a name'}: choose one of ${Object.keys(suites).join(', ')}.`)
    return 1
  }
  const tested = await vitest(['run', '--testTimeout=1800000', '--hookTimeout=600000', suite.folder, ...(suite.beside ?? [])], suite.env)
  const benches = files(root, suite.folder, ['.bench.ts'])
  // Node's own modules: the test runner's getters would be measured with the code.
  const measured =
    benches.length === 0 ? 0 : await vitest(['bench', '--run', '--experimental.viteModuleRunner=false', ...benches], suite.env)
  const raced = suite.race === undefined ? 0 : await run(process.execPath, [join(root, suite.race)], {})
  let programmed = 0
  for (const [file, ...parameters] of suite.programs ?? [])
    programmed = Math.max(programmed, await run(process.execPath, [join(root, file), ...parameters], {}))
  // Fewer cases: what survives costs a run of everything that reaches it.
  const mutated = suite.mutated ? await run(process.execPath, [join(root, 'scripts/mutate.ts'), suite.folder], { PLIMSOLL_RUNS: '100' }) : 0
  return Math.max(tested, measured, raced, programmed, mutated)
}

process.exitCode = await main(process.argv[2])
