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
    .addCommand(
      part('list', 'The accounts of the participant that signs in.')
        .addHelpText('after', example('PLIMSOLL_KEY=0x… plimsoll account list --gateway http://127.0.0.1:4600'))
        .action(list),
    )
    .addCommand(
      part('link', 'Link another account; both sign. An account that is somebody of its own comes over whole.')
        .addHelpText('after', otherHelp('link'))
        .action(link),
    )
    .addCommand(
      part('unlink', 'Unlink an account. Its bad history stays with both sides; it may join somebody else after 180 days.')
        .argument('<account>', 'its address, or as `account list` shows it: eip155:<chain>:<address>')
        .option('--chain <id>', 'with an address: the chain of a contract account', '0')
        .addHelpText(
          'after',
          `
The gateway tells signers as well that it is over, as PLIMSOLL_KEY's account signs it, or the one of PLIMSOLL_OTHER_KEY where that is the one
that leaves. To tell them yourself: plimsoll account end.
${example('PLIMSOLL_KEY=0x… plimsoll account unlink eip155:0:0x… --gateway http://127.0.0.1:4600')}`,
        )
        .action(unlink),
    )
    .addCommand(
      new Command('end')
        .description('Tell signers that what the account signed to be one with others is over: no gateway can hide it from them.')
        .requiredOption('--signers <urls>', 'where each signer is, comma-separated')
        .option('--with <account>', 'only with this account, as eip155:<chain>:<address>; chain 0 for an externally owned one')
        .option('--json', 'one JSON document on stdout')
        .addHelpText(
          'after',
          `
The account's key is read from PLIMSOLL_KEY. With these signers it counts nothing beside the others until it is linked again. Certificates
that are out end by themselves, within 300 s. It may be told again; exit code 1 while one of them does not keep it.

A signer keeps it for good once it has seen that the account has something, 10 USD at a vault or as much credit at a book; it looks within a
minute. Until then it keeps it as long as there is room: tell it again after a deposit.
${example(
  'PLIMSOLL_KEY=0x… plimsoll account end --signers https://one.example,https://two.example',
  'PLIMSOLL_KEY=0x… plimsoll account end --signers http://127.0.0.1:4620 --with eip155:0:0x…',
)}`,
        )
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
${example(`PLIMSOLL_KEY=0x… PLIMSOLL_OTHER_KEY=0x… plimsoll account ${name} --gateway http://127.0.0.1:4600`)}`
}

function example(...lines: readonly string[]): string {
  return `\n${lines.length === 1 ? 'Example' : 'Examples'}:\n${lines.map((line) => `  ${line}`).join('\n')}`
}

async function list(options: Options): Promise<void> {
  const { client } = await signedIn(options)
  const found = await client.getAccounts()
  out(options.json, found, text(found))
}

async function link(options: Options): Promise<void> {
  const other = accountOf('PLIMSOLL_OTHER_KEY')
  const { client, primary } = await signedIn(options)
  await client.linkAccount({ account: other, primary })
  const found = await client.getAccounts()
  out(options.json, found, text(found))
}

async function unlink(id: string, options: Options & { readonly chain: string }): Promise<void> {
  const { address, chainId } = at(id.startsWith('0x') ? `eip155:${options.chain}:${id}` : id)
  const other = process.env.PLIMSOLL_OTHER_KEY === undefined ? null : accountOf('PLIMSOLL_OTHER_KEY')
  const { client, primary } = await signedIn(options)
  const by = other ?? primary
  const leaving = { account: address, chainId }
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
  const signers = options.signers.split(',').map((url) => url.trim())
  const unreadable = signers.find((url) => !(/^https?:\/\//.test(url) && URL.canParse(url)))
  if (unreadable !== undefined) throw new InvalidSignerError(unreadable)
  const { answers, ending } = await endConsent({
    account: accountOf('PLIMSOLL_KEY'),
    ...(options.with === undefined ? {} : { other: at(options.with) }),
    signers,
  })
  // Who did not keep it goes on counting.
  const left = answers.filter(({ status }) => status !== 'kept').length
  const lines = answers.map((it) => `${it.url}  ${it.status}  ${it.status === 'kept' ? keptFor(it) : it.message}`)
  if (answers.some((it) => it.status === 'kept' && !it.lasting))
    lines.push(
      'Where it is kept as long as there is room, nothing of the account’s was seen yet: tell it again in a minute, or once a deposit is final.',
    )
  if (left > 0) lines.push(`${left} of ${answers.length} did not keep it, and may go on counting what was signed: tell them again.`)
  out(options.json, { ending, answers }, lines.join('\n'))
  if (left > 0) process.exitCode = 1
}

const keptFor = ({ lasting }: { readonly lasting: boolean }) => (lasting ? 'for good' : 'as long as there is room')

/** An account as `account list` shows it. @throws {InvalidAccountError} */
function at(id: string): { readonly address: Address; readonly chainId: number } {
  const [, chainId, address] = /^eip155:(\d{1,15}):(0x[0-9a-fA-F]{40})$/.exec(id) ?? []
  if (address === undefined) throw new InvalidAccountError(id)
  return { address: address as Address, chainId: Number(chainId) }
}

async function merge(options: Options): Promise<void> {
  const other = accountOf('PLIMSOLL_OTHER_KEY')
  const { client, primary } = await signedIn(options)
  const found = await client.mergeParticipants({ other, primary })
  out(options.json, found, text(found))
}

async function signedIn(options: Options) {
  const primary = accountOf('PLIMSOLL_KEY')
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

/** Thrown for an account that is none. */
class InvalidAccountError extends Error {
  override readonly name = 'Account.InvalidAccountError'
  readonly code = 'ACCOUNT_INVALID'
  readonly hint = 'Write it as `account list` does, such as eip155:0:0x… for an externally owned one.'
  constructor(text: string) {
    super(`"${text}" is no account.`)
  }
}

/** Thrown for a signer's address that is no URL. */
class InvalidSignerError extends Error {
  override readonly name = 'Account.InvalidSignerError'
  readonly code = 'SIGNER_INVALID'
  readonly hint = 'Write each with its scheme, such as http://127.0.0.1:4620, and commas between them. Nothing was signed.'
  constructor(text: string) {
    super(`"${text}" is no URL of a signer.`)
  }
}
