/**
 * `pnpm deep <suite>`: the same tests with more cases, then the benchmarks. Hours of doubt, not minutes of habit.
 */
import { spawn } from 'node:child_process'
import { delimiter, dirname, join } from 'node:path'
import { files, root } from './Workspace.ts'

type Suite = { readonly about: string; readonly folder: string; readonly env: Readonly<Record<string, string>> }

const runs = process.env.PLIMSOLL_RUNS ?? '10000'

const formulas = (name: string, about: string): Suite => ({ about, folder: `packages/${name}`, env: { PLIMSOLL_RUNS: runs } })

const suites: Readonly<Record<string, Suite>> = {
  margin: formulas('margin', 'the limit and everything it is made of'),
  volatility: formulas('volatility', 'estimators and forecasts'),
  reputation: formulas('reputation', 'linking, records, grants'),
  liquidation: formulas('liquidation', 'curves, reflexivity, the brake'),
  system: {
    about: 'the gateway with its database and chains: races, kills, load',
    folder: 'services/gateway',
    env: { PLIMSOLL_DEEP: '1', PLIMSOLL_RUNS: runs },
  },
}

const help = [
  'pnpm deep <suite>: its tests with more cases, then its benchmarks.',
  '',
  ...Object.entries(suites).map(([name, { about }]) => `  ${name.padEnd(14)}${about}`),
  '',
  'PLIMSOLL_RUNS sets the cases per property (10000).',
].join('\n')

function vitest(parameters: readonly string[], extra: Readonly<Record<string, string>>): Promise<number> {
  const bin = join(root, 'node_modules', '.bin')
  const env = { ...process.env, ...extra, PATH: [dirname(process.execPath), bin, process.env.PATH ?? ''].join(delimiter) }
  return new Promise((resolve) => {
    const child = spawn(join(bin, 'vitest'), parameters, { cwd: root, env, stdio: 'inherit' })
    for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal))
    child.on('error', (error) => {
      console.error(`vitest could not be started: ${error.message}.`)
      resolve(1)
    })
    child.on('close', (code) => resolve(code ?? 1))
  })
}

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
  const tested = await vitest(['run', '--testTimeout=1800000', '--hookTimeout=600000', suite.folder], suite.env)
  const benches = files(root, suite.folder, ['.bench.ts'])
  if (benches.length === 0) return tested
  // Node's own modules: the test runner's getters would be measured with the code.
  const measured = await vitest(['bench', '--run', '--experimental.viteModuleRunner=false', ...benches], suite.env)
  return Math.max(tested, measured)
}

process.exitCode = await main(process.argv[2])
