import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Deployment } from '@plimsoll/api'
import { Signer } from '@plimsoll/chain'
import { LitService, Wallet } from '@plimsoll/localnet'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Config } from './config.ts'
import * as Env from './env.ts'
import { attesterOf, logged, settlerOf, signersOf } from './signer.ts'

/** What is used of a deployment. */
const config = { venues: [{ chainId: 31_337_003 }], vaults: [] } as unknown as Config
const action = 'async function main() { return { status: "refused", code: "NO", message: "This action signs nothing." } }'
const apiKey = 'an-api-key-of-this-test'
const lower = (name: string) => Wallet.of(name).address.toLowerCase()

const zero: `0x${string}` = `0x${'00'.repeat(32)}`
const request: Signer.TiedRequest = {
  ties: [],
  ...{ digest: zero, chainId: 31_337_003, limitBook: Wallet.of('a book').address, document: '{}' },
  certificate: {
    ...{ participantId: zero, account: Wallet.of('somebody').address, venue: Wallet.of('a venue').address, market: zero, epoch: 1 },
    ...{ maxNotional: 1n, credit: 1n, imPpm: 1, sequence: 1n, issuedAt: 1n, expiresAt: 2n },
    ...{ inputsHash: zero, modelHash: zero, paramsHash: zero },
  },
}

let service: LitService.LitService
let folder: string
let members: string

beforeAll(async () => {
  service = await LitService.start({ root: Wallet.privateKeyOf('a root'), apiKey })
  members = ['one', 'two'].map((name) => `${lower(name)}@${service.url}`).join()
  folder = await mkdtemp(join(tmpdir(), 'plimsoll-signer-'))
  await writeFile(join(folder, 'action.js'), action)
})

afterAll(async () => {
  await service?.stop()
  await rm(folder, { recursive: true, force: true })
})

/** The signers of an environment whose `LIT_CONFIG` says this. */
async function open(text: string, more: Readonly<Record<string, string>> = {}) {
  const path = join(folder, 'lit.json')
  await writeFile(path, text)
  const env = Env.parse({
    ...{ PLIMSOLL_CONFIG: 'deployment.json', FORECASTER_URL: 'http://127.0.0.1:1', LIT_CONFIG: path, LIT_API_KEY: apiKey },
    ...(more['SIGNER_MEMBERS'] === undefined ? { SIGNER_KEYS: Wallet.privateKeyOf('ours') } : {}),
    ...{ SIGNER: 'lit-rest', ...more },
  })
  return { signers: await signersOf(env, config), attester: attesterOf(env, config) }
}

const settings = (change: Readonly<Record<string, unknown>> = {}) =>
  JSON.stringify({ url: service.url, address: service.addressOf(action), action: 'action.js', ...change })

async function problemOf(text: string, more?: Readonly<Record<string, string>>): Promise<string> {
  try {
    await open(text, more)
    return 'none'
  } catch (error) {
    expect(error).toBeInstanceOf(Deployment.ConfigError)
    return String(error)
  }
}

describe('signersOf', () => {
  test("worked example: an action's key beside one of ours, which alone lowers credit and attests", async () => {
    const { signers, attester } = await open(settings())
    const addresses = [lower('ours'), service.addressOf(action).toLowerCase()].sort()
    expect(signers.certificates).toMatchObject({ kind: 'lit-rest', threshold: 2, addresses })
    expect(signers.markDowns).toMatchObject({ kind: 'local', threshold: 1, addresses: [lower('ours')] })
    expect(attester?.addresses).toEqual([lower('ours')])
    // Ours would sign anything: the action refuses, and nothing is given out.
    await expect(signers.certificates.sign(request)).rejects.toMatchObject({
      code: 'SIGNERS_DISAGREE',
      message: expect.stringContaining('NO: This action signs nothing'),
    })
    expect(service.last()).toMatchObject({ path: '/core/v1/lit_action' })
  })

  test('worked example: beside a quorum, which lowers credit; nothing is attested', async () => {
    const { signers, attester } = await open(settings(), { SIGNER_MEMBERS: members, SIGNER_THRESHOLD: '2' })
    const addresses = [lower('one'), lower('two'), service.addressOf(action).toLowerCase()].sort()
    expect(signers.certificates).toMatchObject({ kind: 'lit-rest', threshold: 3, addresses })
    expect(signers.markDowns).toMatchObject({ kind: 'quorum', threshold: 2, addresses: [lower('one'), lower('two')].sort() })
    expect(attester).toBe(null)
  })

  test('edge: a quorum whose gateway holds keys as well does not attest with them', async () => {
    const { signers, attester } = await open(settings(), {
      ...{ SIGNER: 'quorum', SIGNER_MEMBERS: members, SIGNER_KEYS: Wallet.privateKeyOf('ours') },
    })
    expect(signers.certificates).toMatchObject({ kind: 'quorum', threshold: 1 })
    expect(attester).toBe(null)
    // Nothing at these addresses signs: they are asked, each at its own.
    await expect(signers.certificates.sign(request)).rejects.toMatchObject({ code: 'SIGNERS_DISAGREE' })
    expect(service.last()).toMatchObject({ path: '/sign' })
  })

  test.each<[string, () => string, string]>([
    ['is no JSON', () => '{', 'lit.json is no JSON'],
    ['lacks the action', () => settings({ action: undefined }), 'lit.json: action: '],
    ['names an action that is not there', () => settings({ action: 'another.js' }), 'another.js cannot be read'],
    ['has an address that is none', () => settings({ address: '0x12' }), 'lit.json: address: '],
    ['holds more than it should', () => settings({ apiKey }), 'lit.json: : '],
    ['would send the key in the clear', () => settings({ url: 'http://lit.example' }), 'The address of the service is no https URL'],
    ['has a key in the URL', () => settings({ url: `https://lit.example/?key=${apiKey}` }), 'holds more than a host and a path'],
  ])('error: a file that %s', async (_, text, said) => {
    const problem = await problemOf(text())
    expect(problem).toContain(said)
    expect(problem).not.toContain(apiKey)
  })

  test('error: bug: a file of the network that is no JSON was no error of the configuration', async () => {
    const more = { SIGNER: 'lit', LIT_SESSION_KEY: Wallet.privateKeyOf('a session') }
    expect(await problemOf('{', more)).toContain('lit.json is no JSON')
    expect(await problemOf(settings(), more)).toContain('lit.json: litNetwork: ')
  })

  test('error: bug: a session key that is beyond the order of the curve was no error of the configuration', async () => {
    const nodes = { litNetwork: 'custom', rpcUrl: 'http://127.0.0.1:1', checkNodeAttestation: false }
    const text = JSON.stringify({ ...nodes, publicKey: `0x04${'ab'.repeat(64)}`, action: 'action.js' })
    for (const LIT_SESSION_KEY of [`0x${'ff'.repeat(32)}`, `0x${'00'.repeat(32)}`]) {
      const problem = await problemOf(text, { SIGNER: 'lit', LIT_SESSION_KEY })
      expect(problem).toContain('LIT_SESSION_KEY is no private key')
      expect(problem).not.toContain(LIT_SESSION_KEY.slice(2))
    }
  })
})

describe('settlerOf', () => {
  test('worked example: keys of its own, or nobody', () => {
    const base = { PLIMSOLL_CONFIG: 'deployment.json', FORECASTER_URL: 'http://127.0.0.1:1', SIGNER_KEYS: Wallet.privateKeyOf('ours') }
    expect(settlerOf(Env.parse(base), config)).toBe(null)
    const settling = Env.parse({ ...base, SETTLEMENT_KEYS: Wallet.privateKeyOf('a settler') })
    expect(settlerOf(settling, config)).toMatchObject({ threshold: 1, addresses: [lower('a settler')] })
  })
})

describe('logged', () => {
  test('bug: what signers fail with was seen by those who asked, and by nobody else', async () => {
    const lines: unknown[] = []
    const log = { warn: (...line: readonly unknown[]) => void lines.push(line) }
    const failures = (why: Signer.Failure['why'], detail: string) => [{ signer: '0x12', why, detail } as const]
    const away = (detail: string) => new Signer.UnavailableError({ threshold: 1, failures: failures('timeout', detail) })
    const outcomes: readonly (Error | readonly `0x${string}`[])[] = [
      ['0x01'],
      ...[away('first'), away('second'), new Signer.DisagreeError({ threshold: 1, failures: failures('refused', 'no') })],
      ...[new TypeError('a fault of our own'), ['0x02'] as const, ['0x03'] as const, away('third')],
    ]
    let at = 0
    const sign = async () => {
      const outcome = outcomes[at] ?? []
      at += 1
      if (outcome instanceof Error) throw outcome
      return outcome
    }
    const signer = logged({ kind: 'lit-rest', addresses: ['0x12'], threshold: 1, sign }, log as unknown as Parameters<typeof logged>[1])
    expect(signer).toMatchObject({ kind: 'lit-rest', addresses: ['0x12'], threshold: 1 })
    const seen = await Promise.all(outcomes.map(() => signer.sign({} as Signer.TiedRequest).catch((error: unknown) => error)))
    expect(seen).toEqual(outcomes)
    const nothing = 'the signers signed nothing'
    expect(lines).toEqual([
      [{ code: 'SIGNERS_UNAVAILABLE', failures: failures('timeout', 'first') }, nothing],
      [{ code: 'SIGNERS_DISAGREE', failures: failures('refused', 'no') }, nothing],
      [{ code: 'UNKNOWN', failures: [] }, nothing],
      [{ signers: ['0x12'] }, 'the signers sign again'],
      [{ code: 'SIGNERS_UNAVAILABLE', failures: failures('timeout', 'third') }, nothing],
    ])
  })
})
