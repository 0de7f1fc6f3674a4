/**
 * What everything costs, gathered: requests and participants viewed a minute, statements and signatures a certificate, certificates a
 * second beside bare rows of the same server in the same run, and the gas of what is posted. Each is measured by the bench beside its code;
 * this runs one after another, and says under what load. The figures are of this machine; the ratios are what to compare.
 */
import { spawnSync } from 'node:child_process'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { LocalSigner } from '@plimsoll/chain'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const vitest = join(root, 'node_modules/vitest/vitest.mjs')

/** Runs one bench, and hands through what it says of figures. */
function measure(title: string, parameters: readonly string[]): void {
  const load = () => loadavg()[0]?.toFixed(1)
  const before = load()
  const { status, stdout } = spawnSync(process.execPath, parameters, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
  process.stdout.write(`\n${title} (load ${before} before, ${load()} after)\n`)
  for (const line of stdout.split('\n'))
    if (/\d/.test(line) && !/RUN|✓|Test Files|Tests|Start at|Duration/.test(line)) process.stdout.write(`  ${line.trim()}\n`)
  if (status !== 0) process.exitCode = 1
}

measure('views: requests to sources, and participants viewed anew in a minute', [join(root, 'services/gateway/bench/views.ts')])
measure('certificates on PostgreSQL: statements, and a second beside bare rows', [
  ...[vitest, 'bench', '--run', '--experimental.viteModuleRunner=false', 'packages/store/src/Ledger.bench.ts'],
])
const privateKeys = ['01', '02', '03'].map((byte) => `0x${byte.repeat(32)}` as const)
const signer = LocalSigner.of({ privateKeys, threshold: 2, chainIds: [31_337] })
const signatures = await signer.sign({ digest: `0x${'11'.repeat(32)}` })
process.stdout.write(`\nsignatures a certificate: ${signatures.length}, of a limit book that asks for 2 of 3\n`)
measure('gas', [join(root, 'packages/contracts/scripts/gas.ts')])
