/** `LIT_API_KEY=… pnpm --filter @plimsoll/chain address <url> <action.js>`: asks Lit's REST service as whom it says that the action signs. */
import * as LitRestSigner from '../LitRestSigner.ts'
import * as Command from './command.ts'

await Command.run(async () => {
  const [url, from] = process.argv.slice(2)
  const apiKey = process.env['LIT_API_KEY']
  if (url === undefined || from === undefined || apiKey === undefined)
    throw new Command.UsageError(
      'Give the URL of the service, the file with the action, and in LIT_API_KEY the key that the service takes.',
    )
  const address = await LitRestSigner.fetchAddress({ url, apiKey, action: await Command.read(from), timeoutMs: 30_000 })
  return { action: from, address }
})
