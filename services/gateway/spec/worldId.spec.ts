/** World ID's proofs through a gateway that runs: a person raises the tier of one participant, whatever levels, retries and races they try. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import * as People from '@plimsoll/chain/testing'
import { type House, Wallet } from '@plimsoll/localnet'
import type { EvidenceSubmission } from '@plimsoll/sdk'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as Kit from './Kit.ts'

const app = { appId: 'app_plimsoll_test', action: 'margin' }
const [orb, phones, old] = [
  People.of(['human one', 'human two']),
  People.of(['phone one', 'human one']),
  People.of(['human two', 'phone one']),
]
const text = (value: unknown) =>
  JSON.parse(JSON.stringify(value, (_, it: unknown) => (typeof it === 'bigint' ? it.toString() : it))) as unknown
let house: House.House
let people: readonly Kit.Trader[]

beforeAll(async () => {
  const now = Math.floor(Date.now() / 1000)
  const roots = [
    { root: orb.root, level: 'orb', until: now + 86_400 },
    { root: phones.root, level: 'device', until: now + 86_400 },
    { root: old.root, level: 'orb', until: now - 1 },
  ]
  const worldId = text({ ...app, verifier: { kind: 'key', key: People.key(), roots } }) as Readonly<Record<string, unknown>>
  house = await Kit.house({ world: { evidence: { attesters: [Wallet.of('nobody').address.toLowerCase()], roots: [], worldId } } })
  people = await Kit.traders({ house, names: ['ann', 'ben'], dollars: 1_000 })
}, 180_000)
afterAll(async () => {
  await People.stop()
  await house?.stop()
})

const proven = async (group: People.People, name: string, trader: Kit.Trader, level = 'orb'): Promise<EvidenceSubmission> => ({
  ...{ kind: 'worldId', proof: await group.prove(name, { ...app, participantId: trader.participantId }, level) },
})

test('one person raises one participant, of two who bring it at once; who is not one person raises nobody', async () => {
  const [ann, ben] = people
  if (!ann || !ben) throw new Error('two people were asked for')
  expect(await ann.client.getEvidencePolicy()).toMatchObject({ worldId: { ...app, levels: ['orb'] } })
  const before = (await ann.client.getEvidence()).tier
  expect(before).toBeLessThan(2)

  const refusals = [
    [await proven(phones, 'phone one', ann, 'device'), 'EVIDENCE_WRONG_LEVEL'],
    [await proven(phones, 'phone one', ann, 'orb'), 'EVIDENCE_WRONG_LEVEL'],
    [await proven(old, 'human two', ann), 'EVIDENCE_ROOT_EXPIRED'],
    [await proven(orb, 'human one', ben), 'EVIDENCE_INVALID_PROOF'],
  ] as const
  for (const [submission, code] of refusals)
    expect(await ann.client.submitEvidence(submission)).toMatchObject({ status: 'refused', code, evidence: { tier: before } })

  const [forAnn, forBen] = [await proven(orb, 'human one', ann), await proven(orb, 'human one', ben)]
  const raced = await Promise.allSettled([
    ...[ann.client.submitEvidence(forAnn), ben.client.submitEvidence(forBen)],
    ...[ann.client.submitEvidence(forAnn), ben.client.submitEvidence(forBen)],
  ])
  const won = raced.filter((it) => it.status === 'fulfilled').map((it) => it.value.status)
  expect(won.sort()).toEqual(['recorded', 'renewed'])
  const lost = raced.filter((it) => it.status === 'rejected').map((it) => (it.reason as { readonly code?: string }).code)
  expect(lost).toEqual(['NULLIFIER_TAKEN', 'NULLIFIER_TAKEN'])
  const tiers = [(await ann.client.getEvidence()).tier, (await ben.client.getEvidence()).tier]
  expect(tiers.sort()).toEqual([before, 2])

  const other = tiers.length === 2 && (await ann.client.getEvidence()).tier === 2 ? ben : ann
  expect(await other.client.submitEvidence(await proven(orb, 'human two', other))).toMatchObject({
    ...{ status: 'recorded', evidence: { tier: 2, pieces: [{ kind: 'worldId', claim: 'uniqueHuman', status: 'COUNTS' }] } },
  })
}, 300_000)

test('the command line says what World ID is asked for', async () => {
  const main = fileURLToPath(new URL('../../../apps/cli/src/main.ts', import.meta.url))
  const said = await new Promise<string>((resolve) => {
    execFile(process.execPath, [main, 'evidence', 'policy', '--gateway', house.gateway.url], (_, stdout) => resolve(stdout))
  })
  expect(said).toContain('uniqueHuman    by World ID: margin of app_plimsoll_test, orb\n')
})
