import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Services } from '@plimsoll/api'
import * as People from '@plimsoll/chain/testing'
import { Database, Evidence, Participants } from '@plimsoll/store'
import * as Template from '@plimsoll/store/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Config } from './config.ts'
import { evidence, underPolicy } from './evidence.ts'
import type { State } from './state.ts'

type Hex = `0x${string}`
type WorldId = NonNullable<NonNullable<Config['evidence']>['worldId']>

const app = { appId: 'app_test', action: 'margin' }
const [orb, phones] = [People.of(['ann', 'ben']), People.of(['ann', 'cleo'])]
const noon = 1_800_000_000
const until = noon + 100
const levels: WorldId['levels'] = ['orb']
const byKey: WorldId['verifier'] = {
  ...{ kind: 'key', key: keyOf() },
  roots: [
    { root: orb.root, level: 'orb', until },
    { root: phones.root, level: 'device', until },
  ],
}
/** A mock at the edge: it has the documented form of the service, and says yes to all but one. */
let server: Server
let database: Database.Database
let participants: readonly Hex[] = []
let asked = 0

beforeAll(async () => {
  database = await Database.open({ memory: await Template.blob(), clock: () => noon })
  const account = (n: number) => ({ chainId: 0, address: `0x${n.toString(16).padStart(40, '0')}` as const })
  const joined = await Promise.all(Array.from({ length: 12 }, (_, n) => Participants.ensure(database, { account: idOf(account(n + 1)) })))
  participants = joined.map(({ participantId }) => participantId)
  server = createServer(async (request, response) => {
    asked += 1
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    const { nullifier_hash, action } = JSON.parse(Buffer.concat(chunks).toString()) as Readonly<Record<string, string>>
    const isKnown = nullifier_hash !== '0x666'
    response.writeHead(isKnown ? 200 : 400, { 'content-type': 'application/json' })
    response.end(JSON.stringify(isKnown ? { success: true, action, nullifier_hash } : { code: 'invalid_proof' }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
}, 120_000)
afterAll(async () => {
  await People.stop()
  server.closeAllConnections()
  server.close()
  await database.close()
})

function keyOf() {
  const { alpha, beta, gamma, delta, inputs } = People.key()
  const [a, b, c, d] = [[...alpha], [...beta], [...gamma], [...delta]] as [[bigint, bigint], ...[bigint, bigint, bigint, bigint][]]
  if (!b || !c || !d) throw new Error('three twists were given')
  return { alpha: a, beta: b, gamma: c, delta: d, inputs: inputs.map(([x, y]): [bigint, bigint] => [x, y]) }
}
function idOf({ chainId, address }: { readonly chainId: number; readonly address: Hex }): string {
  return `eip155:${chainId}:${address}`
}
const byService = (): WorldId['verifier'] => {
  const { port } = server.address() as AddressInfo
  return { kind: 'service', url: `http://127.0.0.1:${port}`, timeoutMs: 30_000, maxRootAgeSeconds: 3_600 }
}
const port = (worldId: WorldId | undefined, now = noon, groups: NonNullable<Config['evidence']>['groups'] = []) => {
  const policy = { scope: 'test', proofSeconds: 50, groups, trusts: [], ...(worldId ? { worldId } : {}) }
  // Neither chains nor accounts are asked of a proof.
  const state = { readers: new Map(), accounts: () => [] } as unknown as State
  return evidence({ config: { evidence: policy } as unknown as Config, database, state, signer: null, nowMs: () => now * 1000 })
}
const session = (participantId: Hex) => ({ participantId }) as Services.Session
const at = (n: number): Hex => participants[n] ?? '0x'
const made = (nullifier_hash: string, level = 'orb'): Services.Submission => ({
  ...{ kind: 'worldId', proof: { merkle_root: '0x1', nullifier_hash, proof: `0x${'0'.repeat(512)}`, verification_level: level } },
})

describe('a World ID proof', () => {
  test('worked example: by an operator’s key, it counts for as long as the policy says', async () => {
    const served = port({ ...app, levels, verifier: byKey })
    const proof = await orb.prove('ann', { ...app, participantId: at(0) })
    expect(await served.submit(session(at(0)), { kind: 'worldId', proof })).toEqual({ status: 'recorded' })
    expect(await Evidence.of(database, at(0))).toMatchObject([
      { kind: 'worldId', claim: 'uniqueHuman', nullifier: BigInt(proof.nullifier_hash).toString(), until: noon + 50 },
    ])
    expect(served.policy().worldId).toEqual({ ...app, levels })
  })

  test('edge: at the end of its root it is refused, and where no policy asks for it', async () => {
    const proof = await orb.prove('ann', { ...app, participantId: at(0) })
    const submission = { kind: 'worldId', proof } as const
    const refused = (code: string) => ({ status: 'refused', code })
    const worldId = { ...app, levels, verifier: byKey }
    expect(await port(worldId, until - 1).submit(session(at(0)), submission)).toEqual({ status: 'renewed' })
    expect(await port(worldId, until).submit(session(at(0)), submission)).toEqual(refused('ROOT_EXPIRED'))
    expect(await port(undefined).submit(session(at(0)), submission)).toEqual(refused('NOT_SERVED'))
    expect(port(undefined).policy().worldId).toBeNull()
  })

  test('edge: a phone counts where it is asked for, and of both levels a person is one', async () => {
    const proof = await phones.prove('ann', { ...app, participantId: at(1) }, 'device')
    const submission = { kind: 'worldId', proof } as const
    const strict = port({ ...app, levels, verifier: byKey })
    expect(await strict.submit(session(at(1)), submission)).toEqual({ status: 'refused', code: 'WRONG_LEVEL' })
    const lax = port({ ...app, levels: ['orb', 'device'], verifier: byKey })
    // Counted already for another participant, by the orb.
    await expect(lax.submit(session(at(1)), submission)).rejects.toMatchObject({ code: 'NULLIFIER_TAKEN' })
    const cleo = await phones.prove('cleo', { ...app, participantId: at(1) }, 'device')
    expect(await lax.submit(session(at(1)), { kind: 'worldId', proof: cleo })).toEqual({ status: 'recorded' })
  })

  test('property: of any number who bring one person at once, one has it, by service and by every spelling', async () => {
    const served = port({ ...app, levels, verifier: byService() })
    const spellings = ['0x2a', '0x02a', '0x2A', `0x${'2a'.padStart(64, '0')}`]
    const tries = participants.flatMap((participantId) => spellings.map((it) => served.submit(session(participantId), made(it))))
    const outcomes = await Promise.allSettled(tries)
    const won = outcomes.flatMap((it, i) => (it.status === 'fulfilled' ? [Math.floor(i / spellings.length)] : []))
    expect(new Set(won).size).toBe(1)
    expect(won).toHaveLength(spellings.length)
    for (const it of outcomes) if (it.status === 'rejected') expect(it.reason).toMatchObject({ code: 'NULLIFIER_TAKEN' })
  })

  test('edge: a service that refuses, or is not there, records nothing', async () => {
    const served = port({ ...app, levels, verifier: byService() })
    const before = await Evidence.of(database, at(2))
    expect(await served.submit(session(at(2)), made('0x666'))).toEqual({ status: 'refused', code: 'INVALID_PROOF' })
    const count = asked
    expect(await served.submit(session(at(2)), made('0x667', 'device'))).toEqual({ status: 'refused', code: 'WRONG_LEVEL' })
    expect(asked).toBe(count)
    const gone = port({
      ...app,
      levels,
      verifier: { kind: 'service', url: 'http://127.0.0.1:9', timeoutMs: 500, maxRootAgeSeconds: 3_600 },
    })
    await expect(gone.submit(session(at(2)), made('0x667'))).rejects.toMatchObject({ code: 'WORLD_ID_UNAVAILABLE' })
    expect(await Evidence.of(database, at(2))).toEqual(before)
  })
})

describe('a proof of a group', () => {
  test('bug: who had been removed from a group renewed for as long as its old root was listed', async () => {
    const numbers = { merkleTreeDepth: 1, nullifier: '1', message: '1', scope: '1', points: Array.from({ length: 8 }, () => '1') }
    const codeOf = (merkleTreeRoot: string, now = noon) =>
      port(undefined, now, [
        { name: 'old', root: 7n, until },
        { name: 'new', root: 8n },
      ])
        .submit(session(at(3)), { kind: 'semaphore', proof: { ...numbers, merkleTreeRoot } })
        .then((answer) => answer.status === 'refused' && answer.code)
    // Of a root that is taken it is looked at what it was made for.
    expect(await codeOf('7', until - 1)).toBe('WRONG_SCOPE')
    expect(await codeOf('7', until)).toBe('ROOT_EXPIRED')
    expect([await codeOf('8', until), await codeOf('9')]).toEqual(['WRONG_SCOPE', 'UNKNOWN_GROUP'])
  })
})

describe('underPolicy', () => {
  const attester: Hex = `0x${'a1'.repeat(20)}`
  const registry: Hex = `0x${'e1'.repeat(20)}`
  const trust = {
    claim: 'uniqueHuman',
    chainId: 7,
    registry,
    schema: `0x${'05'.repeat(32)}`,
    attesters: [attester],
    maxAgeSeconds: 9,
  } as const
  const policy = (change: object): Config['evidence'] => ({ scope: 'test', proofSeconds: 50, groups: [], trusts: [], ...change })
  const piece = (kind: string, change: object = {}): Evidence.Evidence => ({
    ...{ scope: 's', nullifier: 'n', claim: 'uniqueHuman', kind, source: { chainId: 7, registry, uid: '0x', attester } },
    ...{ until: noon + 50, participantId: at(0), createdAt: noon - 9, verifiedAt: noon, revokedAt: null, burnedAt: null },
    ...change,
  })
  const revokedAt = (of: Evidence.Evidence, by: Config['evidence']) => underPolicy(of, by).revokedAt

  test('worked example: the word of an attester who was struck from the policy counts as taken back, and again once he is back', () => {
    expect(revokedAt(piece('stored'), policy({ trusts: [trust] }))).toBeNull()
    expect(revokedAt(piece('signed'), policy({ trusts: [{ ...trust, chainId: 8 }, trust] }))).toBeNull()
    expect(revokedAt(piece('stored'), policy({}))).toBe(noon)
    expect(revokedAt(piece('stored', { revokedAt: noon - 1 }), policy({}))).toBe(noon - 1)
    expect(revokedAt(piece('stored'), undefined)).toBe(noon)
  })

  test.each<[string, object]>([
    ['claim', { claim: 'legalRecourse' }],
    ['chain', { chainId: 8 }],
    ['registry', { registry: attester }],
    ['attester', { attesters: [registry] }],
  ])('edge: trust in another %s is none in this one', (_, change) => {
    expect(revokedAt(piece('stored'), policy({ trusts: [{ ...trust, ...change }] }))).toBe(noon)
  })

  test('edge: proofs count while their kind is asked for', () => {
    expect(revokedAt(piece('semaphore'), policy({ groups: [{ name: 'g', root: 1n }] }))).toBeNull()
    expect(revokedAt(piece('semaphore'), policy({ trusts: [trust] }))).toBe(noon)
    expect(revokedAt(piece('worldId'), policy({ worldId: { ...app, levels, verifier: byKey } }))).toBeNull()
    expect(revokedAt(piece('worldId'), policy({ trusts: [trust] }))).toBe(noon)
  })
})
