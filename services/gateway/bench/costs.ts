/**
 * What everything costs, gathered: requests and participants viewed a minute, statements and signatures a certificate, certificates a
 * second beside bare rows of the same server in the same run, and the gas of what is posted. Each is measured by the bench beside its code;
 * this runs one after another, hands through each figure as it comes, and says under what load. The figures are of this machine; the ratios
 * are what to compare.
 *
 *   node services/gateway/bench/costs.ts [views] [certificates] [signatures] [gas]     all of it, or these parts
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { LocalSigner } from '@plimsoll/chain'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const vitest = join(root, 'node_modules/vitest/vitest.mjs')

const load = () => loadavg()[0]?.toFixed(1)

/** Runs one bench, and hands through what it says of figures. */
async function measure(title: string, parameters: readonly string[]): Promise<void> {
  process.stdout.write(`\n${title} (load ${load()} before)\n`)
  const child = spawn(process.execPath, parameters, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  for await (const line of createInterface({ input: child.stdout }))
    if (/\d/.test(line) && !/RUN|✓|Test Files|Tests|Start at|Duration/.test(line)) process.stdout.write(`  ${line.trim()}\n`)
  const [status] = await exited
  process.stdout.write(`  (load ${load()} after)\n`)
  if (status !== 0) process.exitCode = 1
}

const parts = {
  views: () =>
    measure('views: requests to sources, and participants viewed anew in a minute', [join(root, 'services/gateway/bench/views.ts')]),
  certificates: () =>
    measure('certificates on PostgreSQL: statements, and a second beside bare rows', [
      ...[vitest, 'bench', '--run', '--experimental.viteModuleRunner=false', 'packages/store/src/Ledger.bench.ts'],
    ]),
  signatures: async () => {
    const privateKeys = ['01', '02', '03'].map((byte) => `0x${byte.repeat(32)}` as const)
    const signer = LocalSigner.of({ privateKeys, threshold: 2, chainIds: [31_337] })
    const signatures = await signer.sign({ digest: `0x${'11'.repeat(32)}` })
    process.stdout.write(`\nsignatures a certificate: ${signatures.length}, of a limit book that asks for 2 of 3\n`)
  },
  gas: () => measure('gas', [join(root, 'packages/contracts/scripts/gas.ts')]),
}

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !(name in parts))
if (unknown.length > 0) throw new RangeError(`There are the parts ${Object.keys(parts).join(', ')}, and no ${unknown.join(', ')}.`)
for (const [name, part] of Object.entries(parts)) if (asked.length === 0 || asked.includes(name)) await part()
