/** The demo as a newcomer runs it: one document on stdout, and what it says holds. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as Cli from './Cli.ts'

type Reason = { readonly imPpm: number; readonly notional: string }
type Document = {
  readonly participants: readonly {
    readonly name: string
    readonly accounts: readonly string[]
    readonly credit: readonly { readonly chainId: number; readonly credit: string }[]
    readonly limits: readonly {
      readonly market: string
      readonly limit: {
        readonly notional: string
        readonly imPpm: number
        readonly mmPpm: number
        readonly reasons: readonly Reason[]
        readonly protocolDefault: { readonly notional: string }
      }
    }[]
  }[]
  readonly certificate: { readonly certificate: { readonly maxNotional: string; readonly issuedAt: string } }
  readonly replay: { readonly document: string; readonly signers: readonly string[]; readonly threshold: number }
  readonly verified: { readonly status: string; readonly checks: readonly { readonly name: string; readonly holds: boolean }[] }
  readonly opened: { readonly notional: string }
  readonly refused: readonly { readonly what: string; readonly code: string }[]
  readonly liquidation: { readonly equity: string; readonly maintenance: string; readonly loss: string }
}

const { run } = Cli

describe('plimsoll demo --once --json', () => {
  let document: Document
  let directory: string

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'plimsoll-cli-'))
    const { code, stdout, stderr } = await run(['demo', '--once', '--json'])
    if (code !== 0) throw new Error(`the demo ended with ${code}: ${stderr}`)
    document = JSON.parse(stdout) as Document
  }, 180_000)
  afterAll(() => rm(directory, { recursive: true, force: true }))

  test('worked example: every reason adds up to its limit, in dollars and in margin', () => {
    expect(document.participants.map(({ name }) => name)).toEqual(['Ada', 'Ben', 'Cleo'])
    for (const { limits, credit } of document.participants) {
      expect(credit.length).toBeGreaterThan(0)
      for (const { limit } of limits) {
        expect(BigInt(limit.notional)).toBeGreaterThan(0n)
        expect(limit.reasons.reduce((sum, reason) => sum + BigInt(reason.notional), 0n)).toBe(BigInt(limit.notional))
        expect(limit.reasons.reduce((sum, reason) => sum + reason.imPpm, 0)).toBe(limit.imPpm)
        expect(limit.imPpm * 4).toBeGreaterThanOrEqual(limit.mmPpm * 5)
      }
    }
    expect(document.participants[0]?.accounts).toHaveLength(2)
    expect(document.participants[0]?.credit.map(({ chainId }) => chainId)).toEqual([31_337_001, 31_337_002])
  })

  test('edge: what must be refused is refused, by whom and why', () => {
    expect(document.refused.map(({ code }) => code)).toEqual(['LimitExceeded', 'CREDIT_ENCUMBERED', 'Stale', 'BadSigner'])
    expect(BigInt(document.opened.notional)).toBeLessThanOrEqual(BigInt(document.certificate.certificate.maxNotional))
    expect(document.verified.checks.filter(({ holds }) => !holds)).toEqual([])
  })

  test('edge: liquidated below maintenance margin, and not before', () => {
    const { equity, maintenance, loss } = document.liquidation
    expect(BigInt(equity)).toBeLessThan(BigInt(maintenance))
    expect(BigInt(loss)).toBeGreaterThan(0n)
  })

  test('plimsoll verify replays the certificate from a file, and refuses one that was changed', async () => {
    const at = ['--at', document.certificate.certificate.issuedAt]
    const signers = ['--signers', document.replay.signers.join(','), '--threshold', `${document.replay.threshold}`]
    const [certificate, inputs, forged] = ['certificate.json', 'inputs.json', 'forged.json'].map((name) => join(directory, name))
    if (!certificate || !inputs || !forged) throw new Error('three names were given')
    await writeFile(certificate, JSON.stringify(document.certificate))
    await writeFile(inputs, document.replay.document)
    const more = {
      ...document.certificate,
      certificate: { ...document.certificate.certificate, maxNotional: `${BigInt(document.certificate.certificate.maxNotional) + 1n}` },
    }
    await writeFile(forged, JSON.stringify(more))

    const honest = await run(['verify', certificate, '--inputs', inputs, ...signers, ...at, '--json'])
    expect({ code: honest.code, status: (JSON.parse(honest.stdout) as { status: string }).status }).toEqual({ code: 0, status: 'valid' })
    const changed = await run(['verify', forged, '--inputs', inputs, ...signers, ...at, '--json'])
    expect(changed.code).toBe(2)
    const failed = (JSON.parse(changed.stdout) as Document['verified']).checks.filter(({ holds }) => !holds).map(({ name }) => name)
    expect(failed).toEqual(['replayed limit', 'signatures'])
  })

  test('error: what cannot be read is said in one sentence with the next step', async () => {
    const { code, stderr } = await run(['verify', join(directory, 'certificate.json')])
    expect(code).toBe(1)
    expect(stderr).toContain('OPTION_MISSING')
    expect(stderr).not.toContain('at ')
  })
})

describe('plimsoll demo', () => {
  test.each([
    ['--port', '99999', '0 to 65535'],
    ['--seed', 'much', '0 or more'],
  ])('error: %s %s is refused before anything is started', async (option, value, range) => {
    const { code, stderr } = await run(['demo', '--once', option, value])
    expect(code).toBe(1)
    expect(stderr).toBe(`NOT_A_COUNT: ${option} is "${value}".\nGive a whole number, ${range}.\n`)
  })
})
