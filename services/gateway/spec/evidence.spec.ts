/** Evidence raises a tier once per person: brought over the network, read from a real registry, taken back again. */
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Attestation, easAbi, Hash, Signature } from '@plimsoll/contracts'
import { type Attestations, Deployment, type House, Wallet } from '@plimsoll/localnet'
import type { EvidenceSubmission } from '@plimsoll/sdk'
import { type Address, type Hex, parseEventLogs, zeroHash } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as Kit from './Kit.ts'

const issuer = Wallet.of('identity issuer')
/** Another one, that numbers people as the first does. */
const second = Wallet.of('second issuer')
let house: House.House
let service: Attestations.Attestations
let people: readonly Kit.Trader[]

beforeAll(async () => {
  const attesters = [issuer, second].map(({ address }) => address.toLowerCase())
  house = await Kit.house({ world: { evidence: { attesters, roots: ['7'], scheme: 'one register' } } })
  if (house.world.attestations === null) throw new Error('it was asked for')
  service = house.world.attestations
  await house.world.chains.harbour.fund([issuer.address])
  people = await Kit.traders({ house, names: ['ann', 'ben', 'cleo'], dollars: 1_000 })
}, 180_000)
afterAll(() => house?.stop())

const write = (functionName: string, args: readonly unknown[]) =>
  Deployment.write(house.world.chains.harbour, issuer, { address: service.registry.address, abi: easAbi, functionName, args })
const claimOf = (nullifier: string, claim = 'uniqueHuman', scope = 'plimsoll local') =>
  Attestation.encodeClaim({ claim: Hash.ofText(claim), scope: Hash.ofText(scope), nullifier: Hash.ofText(nullifier) })
async function store(recipient: Address, data: Hex): Promise<Hex> {
  const request = { recipient, expirationTime: 0n, revocable: true, refUID: zeroHash, data, value: 0n }
  const { logs } = await write('attest', [{ schema: service.claimSchema, data: request }])
  return parseEventLogs({ abi: easAbi, logs, eventName: 'Attested' })[0]?.args.uid ?? '0x'
}
async function sign(recipient: Address, data: Hex, by = issuer): Promise<Extract<EvidenceSubmission, { kind: 'signed' }>> {
  const attestation: Attestation.Attestation = {
    ...{ schema: service.claimSchema, recipient, time: BigInt(Math.floor(Date.now() / 1000)), expirationTime: 0n },
    ...{ revocable: true, refUID: zeroHash, data, salt: Hash.ofText('salt') },
  }
  const signature = await by.signTypedData(Attestation.typedData(attestation, service.registry))
  return { kind: 'signed', chainId: service.registry.chainId, attestation, signature }
}

test('a stored attestation raises the tier of one participant, once, until it is taken back', async () => {
  const [ann, ben] = people
  if (!ann || !ben) throw new Error('three people were asked for')
  const { chainId } = service.registry
  const uid = await store(ann.account.address, claimOf('person one'))
  const stored = { kind: 'stored', chainId, uid } as const
  const before = await ann.client.getEvidence()
  expect(before).toEqual({ without: before.tier, tier: before.tier, pieces: [] })
  expect(before.tier).toBeLessThan(2)
  await house.world.finalise()

  expect(await ben.client.submitEvidence(stored)).toMatchObject({ status: 'refused', code: 'EVIDENCE_WRONG_RECIPIENT' })
  expect(await ann.client.submitEvidence(stored)).toMatchObject({
    status: 'recorded',
    evidence: { tier: 2, pieces: [{ status: 'COUNTS' }] },
  })
  expect(await ann.client.submitEvidence(stored)).toMatchObject({
    status: 'renewed',
    evidence: { tier: 2, pieces: [{ status: 'COUNTS' }] },
  })
  expect(await ann.client.explain()).toMatchObject({ tier: 2 })

  // The same person under another name: said of ben's account, by the same nullifier.
  const again = await sign(ben.account.address, claimOf('person one'))
  await expect(ben.client.submitEvidence(again)).rejects.toMatchObject({ code: 'NULLIFIER_TAKEN' })
  // And by an attester who numbers people alike.
  const elsewhere = await sign(ben.account.address, claimOf('person one'), second)
  await expect(ben.client.submitEvidence(elsewhere)).rejects.toMatchObject({ code: 'NULLIFIER_TAKEN' })
  expect((await ben.client.getEvidence()).tier).toBeLessThan(2)

  await write('revoke', [{ schema: service.claimSchema, data: { uid, value: 0n } }])
  const after = await Kit.until(
    () => ann.client.getEvidence(),
    ({ pieces }) => pieces[0]?.status === 'REVOKED',
    60,
  )
  expect(after.tier).toBe(before.tier)
  expect(await ann.client.submitEvidence(stored)).toMatchObject({ status: 'refused', code: 'EVIDENCE_REVOKED' })
}, 120_000)

test('one signed for its holder counts without storing anything; other words do not', async () => {
  const [, , cleo] = people
  if (!cleo) throw new Error('three people were asked for')
  const { address } = cleo.account
  const refusals = [
    [claimOf('person two', 'uniqueHuman', 'another scope'), 'EVIDENCE_WRONG_SCOPE'],
    [claimOf('person two', 'rich'), 'EVIDENCE_WRONG_CLAIM'],
    ['0x01', 'EVIDENCE_MALFORMED'],
  ] as const
  for (const [data, code] of refusals)
    expect(await cleo.client.submitEvidence(await sign(address, data))).toMatchObject({ status: 'refused', code })
  const unbatched = { ...(await sign(address, claimOf('person two'))), batch: { root: zeroHash, proof: [] } }
  expect(await cleo.client.submitEvidence(unbatched)).toMatchObject({ status: 'refused', code: 'EVIDENCE_NOT_ANCHORED' })
  const proof = {
    merkleTreeDepth: 1,
    merkleTreeRoot: '7',
    nullifier: '1',
    message: '1',
    scope: '1',
    points: Array.from({ length: 8 }, () => '1'),
  }
  expect(await cleo.client.submitEvidence({ kind: 'semaphore', proof })).toMatchObject({ status: 'refused', code: 'EVIDENCE_WRONG_SCOPE' })
  expect(await cleo.client.submitEvidence(await sign(address, claimOf('person two', 'legalRecourse')))).toMatchObject({
    status: 'recorded',
    evidence: { tier: 3 },
  })
})

test('our own word on the tier is signed, and readable without us', async () => {
  const [, , cleo] = people
  const evidenceRoot = Hash.ofText('a tree that stays with cleo')
  const attested = await cleo?.client.attestTier({ evidenceRoot })
  if (!cleo || !attested) throw new Error('this gateway gives its word')
  const digest = Attestation.digest(attested.attestation, service.registry)
  const signers = await Promise.all(attested.signatures.map((signature) => Signature.recover(digest, signature)))
  expect(signers).toHaveLength(2)
  for (const signer of signers) expect(house.world.manifest.signers.addresses.map((it) => it.toLowerCase())).toContain(signer.toLowerCase())
  const { participantId, tier, evidenceRoot: bound } = Attestation.decodeTier(attested.attestation.data)
  expect({ participantId, tier, bound }).toEqual({ participantId: cleo.participantId, tier: 3, bound: evidenceRoot })
})

test('from private values to a reader: committed, attested, sealed, opened under what was attested', async () => {
  const main = fileURLToPath(new URL('../../../apps/cli/src/main.ts', import.meta.url))
  const env = { ...process.env, PLIMSOLL_KEY: Wallet.privateKeyOf('cleo') }
  const cli = (...args: readonly string[]) =>
    new Promise<string>((resolve, reject) => {
      execFile(process.execPath, [main, 'evidence', ...args], { env }, (error, stdout) => (error ? reject(error) : resolve(stdout)))
    })
  const at = (name: string) => join(house.home, name)
  writeFileSync(
    at('values.json'),
    JSON.stringify([
      { type: 'uint256', name: 'volume', value: '7' },
      { type: 'string', name: 'name', value: 'Cleo' },
    ]),
  )
  const { root } = JSON.parse(await cli('commit', at('values.json'), '--out', at('leaves.json'), '--json')) as { root: string }
  const attested = JSON.parse(await cli('attest', '--gateway', house.gateway.url, '--root', root, '--json')) as Readonly<
    Record<string, string>
  >
  expect(attested).toMatchObject({ root, schema: service.tierSchema, owner: people[2]?.participantId, tier: 3 })
  const { publicKey } = JSON.parse(await cli('keys', at('reader.json'), '--json')) as { publicKey: string }
  const { schema = '', owner = '' } = attested
  const asked = ['--schema', schema, '--owner', owner]
  await cli('seal', at('leaves.json'), '--show', 'volume', '--to', publicKey, '--out', at('envelope'), ...asked)
  const opened = await cli('open', at('envelope'), '--key', at('reader.json'), '--root', root, ...asked)
  expect(opened).toBe(`proven under ${root}\n  "volume" uint256 "7"\n`)
}, 120_000)

test('the command line shows the policy and what evidence does, and exits 2 where it is refused', async () => {
  const main = fileURLToPath(new URL('../../../apps/cli/src/main.ts', import.meta.url))
  const env = { ...process.env, PLIMSOLL_KEY: Wallet.privateKeyOf('cleo') }
  const cli = (args: readonly string[]) =>
    new Promise<{ readonly status: number; readonly stdout: string }>((resolve) => {
      const child = execFile(process.execPath, [main, 'evidence', ...args], { env }, (_, stdout) =>
        resolve({ status: child.exitCode ?? -1, stdout }),
      )
    })
  const at = ['--gateway', house.gateway.url]
  expect((await cli(['policy', ...at])).stdout).toContain('by a Semaphore proof of group 1, root 7')
  const listed = JSON.parse((await cli(['list', ...at, '--json'])).stdout) as unknown
  expect(listed).toMatchObject({ tier: 3, pieces: [{ claim: 'legalRecourse', kind: 'signed', status: 'COUNTS' }] })
  const file = join(house.home, 'evidence.json')
  writeFileSync(file, JSON.stringify({ kind: 'stored', chainId: service.registry.chainId, uid: Hash.ofText('none') }))
  const refused = await cli(['submit', file, ...at])
  expect(refused.stdout).toContain('EVIDENCE_NOT_FINAL')
  expect(refused.status).toBe(2)
}, 120_000)
