/** `plimsoll evidence`: what was verified of a participant, what it does to its tier, bringing more, and what stays private of it. */
import { readFile } from 'node:fs/promises'
import { Attestation } from '@plimsoll/contracts'
import { createMarginClient, type Evidence, type EvidencePolicy, type EvidenceSubmission, http } from '@plimsoll/sdk'
import { Command } from 'commander'
import { typed } from '../path.ts'
import { envelope } from './envelope.ts'
import { accountOf, out } from './limit.ts'

type Options = { readonly gateway: string; readonly json?: boolean }

/** The command with its parts. */
export function evidence(): Command {
  const command = new Command('evidence')
    .description('What was verified of a participant, and what it does to its tier.')
    .addCommand(
      part('policy', 'Whose word about a person counts at this gateway, and what for.')
        .addHelpText('after', '\nExample:\n  plimsoll evidence policy --gateway http://127.0.0.1:4600')
        .action(policy),
    )
    .addCommand(
      part('list', 'Each piece of evidence, whether it counts, and the tier with it and without.')
        .addHelpText('after', '\nExample:\n  PLIMSOLL_KEY=0x… plimsoll evidence list --gateway http://127.0.0.1:4600')
        .action(list),
    )
    .addCommand(
      part('attest', 'The gateway’s signed word on your tier, bound to the root of what you keep private.')
        .requiredOption('--root <hash>', 'the root, from `plimsoll evidence commit`')
        .addHelpText(
          'after',
          `
It carries what a reader asks an envelope for: root, schema, and the participant as owner.

Example:
  PLIMSOLL_KEY=0x… plimsoll evidence attest --gateway http://127.0.0.1:4600 --root 0x… --json > attestation.json`,
        )
        .action(attest),
    )
    .addCommand(
      part('submit', 'Bring evidence: a Semaphore proof, World ID’s, an attestation that a chain stores, or one signed for its holder.')
        .argument('<file>', 'a JSON document, one of the four kinds')
        .addHelpText(
          'after',
          `
The document is one of
  { "kind": "semaphore", "proof": { … as @semaphore-protocol/proof writes it … } }
  { "kind": "worldId", "proof": { … as IDKit hands it over … } }
  { "kind": "stored", "chainId": 31337001, "uid": "0x…" }
  { "kind": "signed", "chainId": 31337001, "attestation": { … }, "signature": "0x…", "batch": { "root": "0x…", "proof": [] } }
with time and expirationTime of an attestation as decimal strings, and "batch" left out where it was signed alone. The proof's message is the
participant's id, its scope the policy's scope hash, both as integers. World ID is asked for the policy's app and action, with the id as signal. Nothing else of a private tree is sent than what you write here.
Exit 2 when it is refused.

Example:
  PLIMSOLL_KEY=0x… plimsoll evidence submit --gateway http://127.0.0.1:4600 proof.json`,
        )
        .action(submit),
    )
  return envelope().reduce((all, each) => all.addCommand(each), command)
}

function part(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .requiredOption('--gateway <url>', 'the gateway, such as http://127.0.0.1:4600')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', name === 'policy' ? '' : "\nThe account's key is read from PLIMSOLL_KEY.")
}

async function policy(options: Options): Promise<void> {
  const found = await createMarginClient({ transport: http(options.gateway) }).getEvidencePolicy()
  out(options.json, found, policyText(found))
}

async function list(options: Options): Promise<void> {
  const found = await (await signedIn(options)).getEvidence()
  out(options.json, found, text(found))
}

async function attest(options: Options & { readonly root: `0x${string}` }): Promise<void> {
  const attested = await (await signedIn(options)).attestTier({ evidenceRoot: options.root })
  if (attested === null) {
    out(options.json, attested, 'This gateway gives no word of its own.')
    process.exitCode = 2
    return
  }
  const { schema, data } = attested.attestation
  const { participantId: owner, tier, evidenceRoot: root } = Attestation.decodeTier(data)
  out(options.json, { schema, root, owner, tier, attested }, `tier ${tier}\n  schema ${schema}\n  root   ${root}\n  owner  ${owner}`)
}

async function submit(file: string, options: Options): Promise<void> {
  const submission = await read(file)
  const answer = await (await signedIn(options)).submitEvidence(submission)
  if (answer.status === 'refused') {
    out(options.json, answer, `${answer.code}: ${answer.message}\n${answer.hint}\n${text(answer.evidence)}`)
    process.exitCode = 2
    return
  }
  out(options.json, answer, `${answer.status}\n${text(answer.evidence)}`)
}

async function signedIn(options: Options) {
  const client = createMarginClient({ transport: http(options.gateway) })
  await client.signIn({ account: accountOf('PLIMSOLL_KEY') })
  return client
}

/** The file's document; what its fields must be, the gateway's schema says. */
async function read(file: string): Promise<EvidenceSubmission> {
  let json: unknown
  try {
    json = JSON.parse(await readFile(typed(file), 'utf8'))
  } catch (cause) {
    throw new DocumentError(file, cause)
  }
  if (typeof json !== 'object' || json === null || !('kind' in json)) throw new DocumentError(file, undefined)
  return json as EvidenceSubmission
}

function text({ without, tier, pieces }: Evidence): string {
  const lines = pieces.map(
    ({ claim, kind, status, until }) =>
      `  ${claim.padEnd(14)} ${kind.padEnd(10)} ${status.padEnd(16)} until ${new Date(until * 1000).toISOString()}`,
  )
  const effect = tier === without ? `tier ${tier}, which evidence does not change` : `tier ${tier}; ${without} without evidence`
  return [effect, ...(lines.length === 0 ? ['  nothing was brought yet'] : lines)].join('\n')
}

function policyText({ scope, scopeHash, groups, worldId, trusts }: EvidencePolicy): string {
  return [
    `scope ${scope} (${scopeHash})`,
    ...groups.map(({ name, root }) => `  uniqueHuman    by a Semaphore proof of ${name}, root ${root}`),
    ...(worldId ? [`  uniqueHuman    by World ID: ${worldId.action} of ${worldId.appId}, ${worldId.levels.join(' or ')}`] : []),
    ...trusts.map(
      ({ claim, chainId, registry, attesters }) => `  ${claim.padEnd(14)} by ${attesters.join(', ')} in ${registry} on chain ${chainId}`,
    ),
    ...(groups.length + trusts.length === 0 && worldId === null ? ['  nobody’s word counts here'] : []),
  ].join('\n')
}

/** Thrown when a file holds no evidence. */
export class DocumentError extends Error {
  override readonly name = 'Evidence.DocumentError'
  readonly code = 'EVIDENCE_UNREADABLE'
  readonly hint = 'See plimsoll evidence submit --help for the four kinds.'
  constructor(file: string, cause: unknown) {
    super(`${file} holds no evidence.`, { cause })
  }
}
