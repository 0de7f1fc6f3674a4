/** `plimsoll limit`: what may this account carry, and why. */
import { createMarginClient, http, type MarginClient } from '@plimsoll/sdk'
import { Command, Option } from 'commander'
import * as Key from '../key.ts'
import * as print from '../print.ts'

/** The command. With `--issue` it encumbers credit and prints the signed certificate. */
export function limit(): Command {
  return new Command('limit')
    .description('Quote a personal limit with its reasons, or issue a certificate.')
    .requiredOption('--gateway <url>', 'the gateway, such as http://127.0.0.1:4600')
    .requiredOption('--venue <id>', 'the venue, CAIP-10: eip155:<chainId>:<address>')
    .requiredOption('--market <symbol>', 'the market, such as ETH-PERP')
    .option('--issue <usd>', 'issue a certificate for this notional, in whole USD')
    .addOption(new Option('--cut', 'issue it also below what is open, where nothing more can then be opened').conflicts('keep'))
    .option('--keep', 'issue it for what is open where that is more, as who renews one notional means it')
    .option('--idempotency-key <key>', 'the same key gives the same certificate: 8 to 128 letters, digits, - or _')
    .option('--json', 'one JSON document on stdout')
    .addHelpText(
      'after',
      `
The account's key is read from PLIMSOLL_KEY. Venues and markets of a gateway stand at its /v1/markets. Exit code 2 when it is refused.

Examples:
  PLIMSOLL_KEY=0x… plimsoll limit --gateway http://127.0.0.1:4600 --venue eip155:31337003:0x… --market ETH-PERP
  PLIMSOLL_KEY=0x… plimsoll limit … --issue 25000 --json > certificate.json`,
    )
    .action(async (options: Options) => {
      if (options.issue === undefined) for (const name of ['cut', 'keep', 'idempotencyKey'] as const) assertNone(name, options[name])
      const account = accountOf('PLIMSOLL_KEY')
      const client = createMarginClient({ transport: http(options.gateway) })
      await client.signIn({ account })
      const key = { account: account.address, venue: options.venue, market: options.market }
      if (options.issue === undefined) {
        const quote = await client.getLimit(key)
        out(
          options.json,
          quote,
          `${options.market}, ${quote.ageSeconds.toFixed(1)} s old\n${print.limit(quote.limit, await namesOf(client))}`,
        )
        return
      }
      const notional = usdOf(options.issue)
      const issued = await client.issueLimit({
        ...{ ...key, notional, belowOpen: options.cut ? 'cut' : options.keep ? 'keep' : 'refuse' },
        ...(options.idempotencyKey === undefined ? {} : { idempotencyKey: options.idempotencyKey }),
      })
      if (issued.status === 'refused') {
        const hint =
          issued.code === 'BELOW_OPEN'
            ? 'Nothing was signed. Give --cut as well if that is meant, or --keep for what is open.'
            : issued.hint
        out(options.json, issued, `${issued.code}: ${issued.message}\n${hint}\n${print.limit(issued.limit, await namesOf(client))}`)
        process.exitCode = 2
        return
      }
      const { sequence, maxNotional, credit, expiresAt } = issued.signed.certificate
      const until = new Date(Number(expiresAt) * 1000).toISOString()
      const kept = maxNotional > notional ? `\nThat is what is open there: ${print.usd(notional)} would have cut it.` : ''
      out(
        options.json,
        issued.signed,
        `certificate ${sequence} for ${print.usd(maxNotional)} on ${print.usd(credit)} of credit, until ${until}${kept}`,
      )
    })
}

/** @throws {UnmeantError} it says how to issue, and nothing is issued. */
function assertNone(name: 'cut' | 'keep' | 'idempotencyKey', given: unknown): void {
  if (given !== undefined) throw new UnmeantError(name === 'idempotencyKey' ? 'idempotency-key' : name)
}

/** Chains by their names, and by their ids where the gateway does not tell them now. */
async function namesOf(client: MarginClient): Promise<(chainId: number) => string> {
  return print.chains(
    await client.getCollateral().then(
      ({ chains }) => chains,
      () => [],
    ),
  )
}

type Options = {
  readonly gateway: string
  readonly venue: string
  readonly market: string
  readonly issue?: string
  readonly cut?: boolean
  readonly keep?: boolean
  readonly idempotencyKey?: string
  readonly json?: boolean
}

/** The account whose key is in a variable of the environment. @throws {KeyError} */
export function accountOf(variable: 'PLIMSOLL_KEY' | 'PLIMSOLL_OTHER_KEY') {
  const account = Key.accountOf(process.env[variable])
  if (account === null) throw new KeyError(variable)
  return account
}

/** Whole dollars, USD × 1e18. @throws {AmountError} */
export function usdOf(text: string): bigint {
  if (!/^(0|[1-9]\d{0,30})$/.test(text)) throw new AmountError(text)
  return BigInt(text) * 10n ** 18n
}

/** Writes the document or the text, never both. */
export function out(json: boolean | undefined, document: unknown, text: string): void {
  process.stdout.write(
    json ? `${JSON.stringify(document, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value), 2)}\n` : `${text}\n`,
  )
}

/** Thrown when no usable key is given. */
export class KeyError extends Error {
  override readonly name = 'Limit.KeyError'
  readonly code = 'KEY_MISSING'
  readonly hint: string
  constructor(variable: string) {
    super(`There is no key to sign with in ${variable}.`)
    this.hint = `Set ${variable} to the account’s 32-byte private key, in hex.`
  }
}

/** Thrown for an option of a certificate where none is asked for. */
export class UnmeantError extends Error {
  override readonly name = 'Limit.UnmeantError'
  readonly code = 'ISSUE_MISSING'
  readonly hint = 'Give --issue with the notional, or leave it away to see the limit. Nothing was signed.'
  constructor(option: string) {
    super(`--${option} says how a certificate is issued, and none is asked for.`)
  }
}

/** Thrown for an amount that is not whole dollars. */
export class AmountError extends Error {
  override readonly name = 'Limit.AmountError'
  readonly code = 'AMOUNT_INVALID'
  readonly hint = 'Give whole dollars as digits, such as 25000.'
  constructor(text: string) {
    super(`"${text}" is not an amount.`)
  }
}
