/** `plimsoll policy`: under what an action signs certificates of a deployment, for `pnpm --filter @plimsoll/chain action`. */
import { readFile } from 'node:fs/promises'
import { Deployment } from '@plimsoll/api'
import type { LitAction } from '@plimsoll/chain'
import { Hash } from '@plimsoll/contracts'
import { Inputs } from '@plimsoll/margin'
import { Command } from 'commander'
import { usdOf } from './limit.ts'

/** The command. It prints JSON in any case: that is what is fed to the next step. */
export function policy(): Command {
  return new Command('policy')
    .description("Print the policy of a deployment's action: its books, the hash of its parameters, what is signed at most.")
    .argument('<deployment>', 'the deployment document that the gateway reads')
    .requiredOption('--most <usd>', 'greatest notional of any certificate, in whole USD')
    .option('--model <hash...>', 'the models whose forecasts are signed for; any unless given')
    .addHelpText(
      'after',
      `
Another parameter, book or model is another policy, and the action another one with another key.

Examples:
  plimsoll policy deployment.json --most 1000000 > policy.json
  plimsoll policy deployment.json --most 1000000 --model 0x… > policy.json`,
    )
    .action(async (path: string, options: { most: string; model?: readonly string[] }) => {
      const most = usdOf(options.most)
      const text = await readFile(path, 'utf8').catch(() => null)
      if (text === null) throw new Deployment.ConfigError([`${path} cannot be read`])
      const found = of({ deployment: Deployment.fromText(text), most, models: options.model ?? null })
      process.stdout.write(`${JSON.stringify(found, null, 2)}\n`)
    })
}

/** The policy of a deployment. @throws {NotAModelError} */
export function of(args: {
  readonly deployment: Pick<Deployment.Deployment, 'venues' | 'params'>
  readonly most: bigint
  readonly models: readonly string[] | null
}): LitAction.Policy {
  const { deployment, most, models } = args
  return {
    books: deployment.venues.map(({ chainId, limitBook, address }) => ({ chainId, limitBook, venue: address })),
    paramsHash: Hash.ofText(Inputs.canonicalParams(deployment.params)),
    models: models === null ? null : models.map(modelOf),
    most: `${most}`,
  }
}

function modelOf(text: string): `0x${string}` {
  if (!/^0x[0-9a-f]{64}$/i.test(text)) throw new NotAModelError(text)
  return text.toLowerCase() as `0x${string}`
}

/** Thrown for what is no hash of a model. */
export class NotAModelError extends Error {
  override readonly name = 'Policy.NotAModelError'
  readonly code = 'MODEL_INVALID'
  readonly hint = 'Give the hash that certificates of this model bind: 0x and 64 digits.'
  constructor(text: string) {
    super(`"${text}" is not the hash of a model.`)
  }
}
