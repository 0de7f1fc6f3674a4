import { keccak256, toBytes } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as Groth16 from './Groth16.ts'
import * as People from './testing/WorldIdPeople.ts'
import * as WorldId from './WorldId.ts'

const demand: WorldId.Demand = { appId: 'app_test', action: 'margin', participantId: `0x${'0a'.repeat(32)}`, levels: ['orb'] }
const [orb, phones] = [People.of(['ann', 'ben', 'cleo']), People.of(['ann', 'dora'])]
const key = People.key()
const roots: readonly WorldId.Root[] = [
  { root: orb.root, level: 'orb', until: 1_000 },
  { root: phones.root, level: 'device', until: 1_000 },
  { root: 7n, level: 'orb', until: 1_000 },
]
const args: WorldId.verify.Args = { key, roots, now: 999 }
const refused = (code: WorldId.Code) => ({ status: 'refused', code })
const word = (value: bigint) => `0x${value.toString(16).padStart(64, '0')}`
let [ann, phone] = [{} as WorldId.Response, {} as WorldId.Response]

beforeAll(async () => {
  ann = await orb.prove('ann', demand)
  phone = await phones.prove('ann', demand, 'device')
}, 120_000)
afterAll(People.stop)

describe('verify', () => {
  test('worked example: one number a person and action, for whichever participant it is asked', async () => {
    const accepted = { status: 'accepted', nullifier: BigInt(ann.nullifier_hash) }
    expect(WorldId.verify(ann, demand, args)).toEqual(accepted)
    const other = { ...demand, participantId: `0x${'0b'.repeat(32)}` } as const
    expect(WorldId.verify(await orb.prove('ann', other), other, args)).toEqual(accepted)
    const ben = WorldId.verify(await orb.prove('ben', demand), demand, args)
    const elsewhere = { ...demand, action: 'vote' }
    const voted = WorldId.verify(await orb.prove('ann', elsewhere), elsewhere, args)
    for (const found of [ben, voted]) {
      expect(found.status).toBe('accepted')
      expect(found).not.toEqual(accepted)
    }
  }, 120_000)

  test('edge: a proof is for the participant, the action and the app that were asked, and no other', () => {
    const others = [{ participantId: `0x${'0b'.repeat(32)}` }, { action: 'margin ' }, { appId: 'app_tes' }] as const
    for (const other of others) expect(WorldId.verify(ann, { ...demand, ...other }, args)).toEqual(refused('INVALID_PROOF'))
  })

  test('edge: a level counts where it is asked for, and is that of the tree, whatever its holder says', () => {
    expect(WorldId.verify(phone, demand, args)).toEqual(refused('WRONG_LEVEL'))
    expect(WorldId.verify({ ...phone, verification_level: 'orb' }, demand, args)).toEqual(refused('WRONG_LEVEL'))
    const both = { ...demand, levels: ['orb', 'device'] } as const
    expect(WorldId.verify({ ...phone, verification_level: 'orb' }, both, args)).toEqual(refused('WRONG_LEVEL'))
    expect(WorldId.verify(ann, { ...demand, levels: [] }, args)).toEqual(refused('WRONG_LEVEL'))
    // Of both trees a person brings one number, so that it counts once.
    expect(WorldId.verify(phone, both, args)).toEqual(WorldId.verify(ann, both, args))
  })

  test('edge: a root counts before its end; one that is listed twice, until the later', () => {
    expect(WorldId.verify(ann, demand, { ...args, now: 1_000 })).toEqual(refused('ROOT_EXPIRED'))
    const longer = [...roots, { root: orb.root, level: 'orb', until: 1_001 }] as const
    expect(WorldId.verify(ann, demand, { ...args, roots: longer, now: 1_000 }).status).toBe('accepted')
    expect(WorldId.verify(ann, demand, { ...args, roots: [] })).toEqual(refused('UNKNOWN_GROUP'))
  })

  test.each<[WorldId.Code, string, (it: WorldId.Response) => Partial<WorldId.Response>]>([
    ['UNKNOWN_GROUP', 'another root', () => ({ merkle_root: '0x8' })],
    ['INVALID_PROOF', 'another trusted root', () => ({ merkle_root: '0x7' })],
    ['INVALID_PROOF', 'another nullifier', (it) => ({ nullifier_hash: word(BigInt(it.nullifier_hash) ^ 1n) })],
    ['MALFORMED', 'the same nullifier, one order higher', (it) => ({ nullifier_hash: word(BigInt(it.nullifier_hash) + Groth16.order) })],
    ['MALFORMED', 'a root of the order', () => ({ merkle_root: word(Groth16.order) })],
    ['INVALID_PROOF', 'a bit of the proof', ({ proof }) => ({ proof: `${proof.slice(0, -1)}${proof.endsWith('0') ? '1' : '0'}` })],
    ['INVALID_PROOF', 'c0 before c1', ({ proof }) => ({ proof: proof.replace(/^(.{130})(.{64})(.{64})/, '$1$3$2') })],
    ['INVALID_PROOF', 'no points', () => ({ proof: `0x${'0'.repeat(512)}` })],
    ['INVALID_PROOF', 'points beyond the field', () => ({ proof: `0x${'f'.repeat(512)}` })],
    ['MALFORMED', 'a compressed proof', ({ proof }) => ({ proof: proof.slice(0, 258) })],
    ['MALFORMED', 'a longer proof', ({ proof }) => ({ proof: `${proof}00` })],
    ['MALFORMED', 'a proof without 0x', ({ proof }) => ({ proof: proof.slice(2) })],
    ['MALFORMED', 'a decimal nullifier', (it) => ({ nullifier_hash: BigInt(it.nullifier_hash).toString() })],
    ['MALFORMED', 'an empty nullifier', () => ({ nullifier_hash: '0x' })],
    ['MALFORMED', 'a nullifier of 33 bytes', () => ({ nullifier_hash: `0x00${'1'.repeat(64)}` })],
    ['MALFORMED', 'no such level', () => ({ verification_level: 'Orb' })],
  ])('edge: %s, %s', (code, _, change) => {
    expect(WorldId.verify({ ...ann, ...change(ann) }, demand, args)).toEqual(refused(code))
  })

  test('edge: a number is the same in any spelling of hex', () => {
    const [root, nullifier] = [BigInt(ann.merkle_root), BigInt(ann.nullifier_hash)]
    const spelled = { ...ann, merkle_root: `0x${root.toString(16).toUpperCase()}`, nullifier_hash: `0x${nullifier.toString(16)}` }
    expect(WorldId.verify(spelled, demand, args)).toEqual({ status: 'accepted', nullifier })
  })

  test('edge: under another key nothing holds', () => {
    const { inputs } = key
    expect(WorldId.verify(ann, demand, { ...args, key: { ...key, delta: key.gamma } })).toEqual(refused('INVALID_PROOF'))
    expect(WorldId.verify(ann, demand, { ...args, key: { ...key, inputs: inputs.slice(1) } })).toEqual(refused('INVALID_PROOF'))
  })
})

describe('externalNullifier and signalHash', () => {
  test('worked example: keccak-256 without its last byte; of the app first, then of that word and the action', () => {
    const field = (hex: string) => BigInt(keccak256(toBytes(hex as `0x${string}`))) >> 8n
    const app = keccak256(toBytes('app_test')).slice(2, 64)
    const action = Buffer.from('margin').toString('hex')
    expect(WorldId.externalNullifier(demand)).toBe(field(`0x00${app}${action}`))
    expect(WorldId.signalHash(demand.participantId)).toBe(field(demand.participantId))
  })
})

describe('Groth16.isKey', () => {
  test('edge: a point off its curve, an input too few or too many', () => {
    expect(Groth16.isKey(key, 4)).toBe(true)
    expect(Groth16.isKey(key, 3)).toBe(false)
    expect(Groth16.isKey(key, 5)).toBe(false)
    const [x, y] = key.alpha
    expect(Groth16.isKey({ ...key, alpha: [x, y + 1n] }, 4)).toBe(false)
    const [x0, x1, y0, y1] = key.delta
    expect(Groth16.isKey({ ...key, delta: [x1, x0, y1, y0] }, 4)).toBe(false)
    expect(Groth16.isKey({ ...key, inputs: key.inputs.map((it, i) => (i === 4 ? [it[1], it[0]] : it)) }, 4)).toBe(false)
    expect(Groth16.isKey({ ...key, gamma: [x0, x1, y0, y1 + 1n] }, 4)).toBe(false)
  })
})
