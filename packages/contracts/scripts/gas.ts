/**
 * Gas of everything that is posted, each as a transaction of its own, 2 of 3 signatures where there are any.
 *
 *   node scripts/gas.ts          a table
 *   node scripts/gas.ts --json   one JSON document
 */
import { execFileSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const said = execFileSync(process.execPath, ['scripts/forge.ts', 'test', '--isolate', '-vv', '--match-path', 'test/Gas.t.sol'], {
  ...{ cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
})
const figures = [...said.matchAll(/^ {2}(\S.*): (\d+)$/gm)].map(([, name = '', gas]) => ({ name, gas: Number(gas) }))
if (figures.length === 0) throw new Error('forge measured nothing.')

process.stdout.write(
  process.argv.includes('--json')
    ? `${JSON.stringify(figures, null, 2)}\n`
    : `${figures.map(({ name, gas }) => `${name.padEnd(28)} ${gas.toLocaleString('en').padStart(9)}`).join('\n')}\n`,
)
