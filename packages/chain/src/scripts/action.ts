/** `pnpm --filter @plimsoll/chain action <policy.json> <action.js> [lit | lit-rest]`: writes the action's source, and says its hash. */
import { Hash } from '@plimsoll/contracts'
import { bundle, type Runtime, runtimes } from './bundle.ts'
import * as Command from './command.ts'
import * as Policy from './policy.ts'

const isRuntime = (value: string): value is Runtime => Object.hasOwn(runtimes, value)

await Command.run(async () => {
  const [from, to, runtime = 'lit'] = process.argv.slice(2)
  if (from === undefined || to === undefined || !isRuntime(runtime))
    throw new Command.UsageError(
      `Give the file with the policy, the file to write the action to, and where it runs: ${Object.keys(runtimes).join(' or ')}.`,
    )
  const source = await bundle(Policy.parse(await Command.read(from)), runtime)
  await Command.write(to, source)
  return { action: to, runtime, bytes: Buffer.byteLength(source), hash: Hash.ofText(source) }
})
