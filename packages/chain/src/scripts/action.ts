/** `pnpm --filter @plimsoll/chain action <policy.json> <action.js>`: writes the action's source, and says its hash. */
import { readFile, writeFile } from 'node:fs/promises'
import { Hash } from '@plimsoll/contracts'
import type { Policy } from '../LitAction.ts'
import { bundle } from './bundle.ts'

const [from, to] = process.argv.slice(2)
if (from === undefined || to === undefined) {
  process.stderr.write('Give the file with the policy, and the file to write the action to.\n')
  process.exit(1)
}
const source = await bundle(JSON.parse(await readFile(from, 'utf8')) as Policy)
await writeFile(to, source)
process.stdout.write(`${JSON.stringify({ action: to, bytes: source.length, hash: Hash.ofText(source) })}\n`)
