/** `pnpm --filter @plimsoll/chain action <policy.json> <action.js> [lit | lit-rest]`: writes the action's source, and says its hash. */
import { readFile, writeFile } from 'node:fs/promises'
import { Hash } from '@plimsoll/contracts'
import type { Policy } from '../LitAction.ts'
import { bundle, type Runtime, runtimes } from './bundle.ts'

const [from, to, runtime = 'lit'] = process.argv.slice(2)
if (from === undefined || to === undefined || !isRuntime(runtime)) {
  process.stderr.write(
    `Give the file with the policy, the file to write the action to, and where it runs: ${Object.keys(runtimes).join(' or ')}.\n`,
  )
  process.exit(1)
}
const source = await bundle(JSON.parse(await readFile(from, 'utf8')) as Policy, runtime)
await writeFile(to, source)
process.stdout.write(`${JSON.stringify({ action: to, runtime, bytes: Buffer.byteLength(source), hash: Hash.ofText(source) })}\n`)

function isRuntime(value: string): value is Runtime {
  return Object.hasOwn(runtimes, value)
}
