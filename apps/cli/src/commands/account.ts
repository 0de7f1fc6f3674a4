/** `plimsoll account`: which accounts are one participant, and making two participants one. */
import { createMarginClient, endConsent, http, type LinkedAccount, MarginError } from '@plimsoll/sdk'
import { Command } from 'commander'
import type { Address } from 'viem'
import { accountOf, out } from './limit.ts'

type Options = { readonly gateway: string; readonly json?: boolean }

/** The command with its four parts. */
export function account(): Command {
  return new Command('account')
    .description('Which accounts are one participant: one record, one limit.')
    .addCommand(part('list', 'The accounts of the participant that signs in.').action(list))
    .addCommand(
      part('link', 'Link another account; both sign. An account that is somebody of its own comes over whole.')
        .addHelpText('after', otherHelp('link'))
        .action(link),
    )
    .addCommand(
      part('unlink', 'Unlink an account. Its bad history stays with both sides; it may join somebody else after 180 days.')
        .argument('<address>', 'the account')
        .option('--chain <id>', 'the chain of a contract account', '0')
        .addHelpText(
          'after',
          "\nSigners are told as well, by PLIMSOLL_KEY's account, or by the one of PLIMSOLL_OTHER_KEY where that is the one that leaves.",
        )
        .action(unlink),
    )
    .addCommand(
      new Command('end')
        .description('Tell signers that what the account signed to be one with others is over: no gateway can hide it from them.')
        .requiredOption('--signers <urls>', 'where each signer is, comma-separated')
        .option('--with <account>', 'only with this account, as eip155:<chain>:<address>; chain 0 for an externally owned one')
        .option('--json', 'one JSON document on stdout')
        .addHelpText('after', "\nThe account's key is read from PLIMSOLL_KEY. It is linked again, or it counts nothing with these signers.")
        .action(end),
    )
    .addCommand(
      part('merge', 'Make the participant of another account part of this one; both sign. Both must be at rest, and all bad history stays.')
        .addHelpText('after', otherHelp('merge'))
        .action(merge),
    )
}

function part(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .requiredOption('--gateway <url>', 'the gateway, such as http://127.0.0.1:4600')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', "\nThe account's key is read from PLIMSOLL_KEY.")
}

function otherHelp(name: string): string {
  return `The other account's key is read from PLIMSOLL_OTHER_KEY. No key leaves this machine.

Example:
  PLIMSOLL_KEY=0x… PLIMSOLL_OTHER_KEY=0x… plimsoll account ${name} --gateway http://127.0.0.1:4600`
}

async function list(options: Options): Promise<void> {
  const { client } = await signedIn(options)
  const found = await client.getAccounts()
  out(options.json, found, text(found))
}

async function link(options: Options): Promise<void> {
  const { client, primary } = await signedIn(options)
  await client.linkAccount({ account: accountOf(process.env.PLIMSOLL_OTHER_KEY), primary })
  const found = await client.getAccounts()
  out(options.json, found, text(found))
}

async function unlink(address: string, options: Options & { readonly chain: string }): Promise<void> {
  const { client, primary } = await signedIn(options)
  const by = process.env.PLIMSOLL_OTHER_KEY === undefined ? primary : accountOf(process.env.PLIMSOLL_OTHER_KEY)
  const leaving = { account: address as Address, chainId: Number(options.chain) }
  try {
    await client.unlinkAccount({ ...leaving, by })
  } catch (error) {
    if (!(error instanceof MarginError) || error.code !== 'UNLINK_ENDING_LEAVES_TIES') throw error
    await client.unlinkAccount(leaving)
    process.stderr.write(
      `Signers were not told: ${address} signed with others than ${by.address}. Have it say so itself: plimsoll account end.\n`,
    )
  }
  const found = await client.getAccounts()
  out(options.json, found, text(found))
}

async function end(options: { readonly signers: string; readonly with?: string; readonly json?: boolean }): Promise<void> {
  const [, chainId, address] = /^eip155:(\d+):(0x[0-9a-fA-F]{40})$/.exec(options.with ?? '') ?? []
  if (options.with !== undefined && address === undefined) throw new InvalidOtherError(options.with)
  const { answers, ending } = await endConsent({
    account: accountOf(process.env.PLIMSOLL_KEY),
    ...(address === undefined ? {} : { other: { address: address as Address, chainId: Number(chainId) } }),
    signers: options.signers.split(','),
  })
  out(
    options.json,
    { ending, answers },
    answers.map(({ url, status, message }) => `${url}  ${status}  ${message ?? ''}`.trimEnd()).join('\n'),
  )
  // Who was not reached goes on counting.
  if (answers.some(({ status }) => status !== 'kept')) process.exitCode = 1
}

async function merge(options: Options): Promise<void> {
  const { client, primary } = await signedIn(options)
  const found = await client.mergeParticipants({ other: accountOf(process.env.PLIMSOLL_OTHER_KEY), primary })
  out(options.json, found, text(found))
}

async function signedIn(options: Options) {
  const primary = accountOf(process.env.PLIMSOLL_KEY)
  const client = createMarginClient({ transport: http(options.gateway) })
  await client.signIn({ account: primary })
  return { client, primary }
}

function text({ participantId, accounts }: { readonly participantId: string; readonly accounts: readonly LinkedAccount[] }): string {
  return [
    `participant ${participantId}`,
    ...accounts.map(({ account: id, linkedAt }) => `  ${id.padEnd(60)} since ${new Date(linkedAt * 1000).toISOString()}`),
  ].join('\n')
}

/** Thrown for another account that is none. */
class InvalidOtherError extends Error {
  override readonly name = 'Account.InvalidOtherError'
  readonly code = 'ACCOUNT_INVALID'
  readonly hint = 'Write it as `account list` does, such as eip155:0:0x… for an externally owned one.'
  constructor(text: string) {
    super(`"${text}" is no account.`)
  }
}
