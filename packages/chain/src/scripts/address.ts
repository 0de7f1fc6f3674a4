/** `LIT_API_KEY=… pnpm --filter @plimsoll/chain address <url> <action.js>`: asks Lit's REST service as whom it says that the action signs. */
import { readFile } from 'node:fs/promises'
import { BaseError } from '../BaseError.ts'
import * as LitRestSigner from '../LitRestSigner.ts'

const [url, from] = process.argv.slice(2)
const apiKey = process.env['LIT_API_KEY']
if (url === undefined || from === undefined || apiKey === undefined) {
  process.stderr.write('Give the URL of the service, the file with the action, and in LIT_API_KEY the key that the service takes.\n')
  process.exit(1)
}
try {
  const address = await LitRestSigner.fetchAddress({ url, apiKey, action: await readFile(from, 'utf8'), timeoutMs: 30_000 })
  process.stdout.write(`${JSON.stringify({ action: from, address })}\n`)
} catch (error) {
  if (!(error instanceof BaseError)) throw error
  process.stderr.write(`${error.code}: ${error.message} ${error.hint}\n`)
  process.exit(1)
}
