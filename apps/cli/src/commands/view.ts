/** `plimsoll view`: every place where a participant holds something, what it counts for, and why not more. */
import { Amount, Fixed } from '@plimsoll/margin'
import { type Collateral, createMarginClient, http } from '@plimsoll/sdk'
import { Command } from 'commander'
import * as print from '../print.ts'
import { accountOf, out } from './limit.ts'

/** The command. A participant's view is its own: the key must be one of its accounts'. */
export function view(): Command {
  return new Command('view')
    .description('Show what a participant holds, place by place: custody, amount, value, what it counts for and why.')
    .argument('[participant]', 'its id, 0x and 64 digits; that of the key’s account unless given')
    .requiredOption('--gateway <url>', 'the gateway, such as http://127.0.0.1:4600')
    .option('--json', 'one JSON document on stdout')
    .addHelpText(
      'after',
      `
The account's key is read from PLIMSOLL_KEY. Exit code 2 if a chain is missing: the view is partial, and lowers limits only.

Examples:
  PLIMSOLL_KEY=0x… plimsoll view --gateway http://127.0.0.1:4600
  PLIMSOLL_KEY=0x… plimsoll view 0x… --gateway http://127.0.0.1:4600 --json`,
    )
    .action(async (participant: string | undefined, options: { gateway: string; json?: boolean }) => {
      const account = accountOf('PLIMSOLL_KEY')
      const client = createMarginClient({ transport: http(options.gateway) })
      const { participantId } = await client.signIn({ account })
      if (participant !== undefined && participant.toLowerCase() !== participantId)
        throw new NotYoursError({ asked: participant, own: participantId })
      const collateral = await client.getCollateral()
      const missing = collateral.chains.filter(({ status }) => status !== 'ok')
      const nameOf = print.chains(collateral.chains)
      const held = rows(collateral)
      // The last column is read, not added up: it begins at one place in every row.
      const widest = Math.max(...held.map((row) => row.at(-1)?.length ?? 0))
      const places = held.map((row) => [...row.slice(0, -1), (row.at(-1) ?? '').padEnd(widest)])
      const text = [
        `participant ${participantId}`,
        print.table([...sums(collateral).map(([name, value]) => [name, print.usd(value)])]),
        places.length === 0
          ? '  nothing is held'
          : print.table([['place', 'custody', 'amount', 'value', 'credit', 'why'.padEnd(widest)], ...places]),
        ...collateral.unread.map(
          ({ chainId, what, code, sentence }) => `  not counted: ${what} on ${nameOf(chainId)}: ${code}: ${sentence}`,
        ),
        ...missing.map(({ name, code }) => `  ${name} is not in this view: ${code ?? 'unread'}`),
        ...(collateral.marginCall ? ['  margin call: credit is below what is encumbered; only reductions are possible'] : []),
      ].join('\n')
      out(options.json, { participantId, ...collateral }, text)
      if (missing.length > 0) process.exitCode = 2
    })
}

/**
 * The columns are place, custody, amount, value, credit, why; what is locked comes first. What is only seen is one row an asset; where it lies at
 * several places each has a row below, for a debt at one of them takes off what lies at the others.
 */
export function rows(collateral: Pick<Collateral, 'chains' | 'lots' | 'places' | 'arriving'>): readonly (readonly string[])[] {
  const nameOf = print.chains(collateral.chains)
  const worth = (value: bigint | null) => (value === null ? 'no price' : print.usd(value))
  return [
    ...collateral.lots.map((lot) => [
      `vault on ${nameOf(lot.chainId)}`,
      lot.custody,
      `${amountOf(lot)}${lot.pendingOut > 0n ? ` (${Amount.exactly(lot.pendingOut, lot.decimals)} on its way out)` : ''}`,
      ...[worth(lot.value), print.usd(lot.credit), lot.why],
    ]),
    ...collateral.arriving.map((one) => [
      ...[`vault on ${nameOf(one.chainId)}`, 'arriving', amountOf(one)],
      ...[worth(one.value), print.usd(0n), one.why],
    ]),
    ...collateral.places.flatMap((one) => {
      const { places } = one
      const [name, parts] = places.length === 1 ? [places[0]?.name, []] : [`${places.length} places`, places]
      return [
        [`${name} on ${nameOf(one.chainId)}`, one.custody, amountOf(one), worth(one.value), print.usd(0n), one.why],
        ...parts.map((part) => [`  ${part.name}`, '', amountOf({ ...one, ...part }), '', '', '']),
      ]
    }),
  ]
}

/** Credit, what of it is encumbered and what is free: what is written adds up to the cent, unless more is bound than there is. */
export function sums(of: Pick<Collateral, 'credit' | 'encumbered' | 'free'>): readonly (readonly [string, bigint])[] {
  const { credit, encumbered, free } = of
  const [bound = 0n, left = 0n] = encumbered + free === credit ? Fixed.apportion([encumbered, free], cent) : [encumbered, free]
  return [
    ['credit', credit],
    ['encumbered', bound],
    ['free', left],
  ]
}

const cent = 10n ** 16n

/** `5 USDC`, `owes 5 USDC`, or both. */
function amountOf(one: { readonly asset: string; readonly decimals: number; readonly amount: bigint; readonly owed?: bigint }): string {
  const { asset, decimals, amount, owed = 0n } = one
  const held = `${Amount.exactly(amount, decimals)} ${asset}`
  if (owed === 0n) return held
  const debt = `owes ${Amount.exactly(owed, decimals)} ${asset}`
  return amount === 0n ? debt : `${held}, ${debt}`
}

/** Thrown when the key's account belongs to another participant. */
export class NotYoursError extends Error {
  override readonly name = 'View.NotYoursError'
  readonly code = 'NOT_YOUR_PARTICIPANT'
  readonly hint = 'Give the key of one of its accounts in PLIMSOLL_KEY.'
  constructor(args: { readonly asked: string; readonly own: string }) {
    super(`The key belongs to ${args.own}, not to ${args.asked}.`)
  }
}
