import { describe, expect, test } from 'vitest'
import * as Env from './env.ts'

const key = `0x${'12'.repeat(32)}`
const member = `0x${'ab'.repeat(20)}@http://127.0.0.1:4620`
const base = { PLIMSOLL_CONFIG: 'deployment.json', FORECASTER_URL: 'http://127.0.0.1:4610' }

function problem(env: Readonly<Record<string, string | undefined>>): string | null {
  try {
    Env.parse(env)
    return null
  } catch (error) {
    if (error instanceof Env.EnvError) return error.message
    throw error
  }
}

describe('parse', () => {
  test('worked example: keys of its own, or a quorum', () => {
    expect(Env.parse({ ...base, SIGNER_KEYS: key })).toMatchObject({ SIGNER: 'local', SIGNER_THRESHOLD: 1, SIGNER_TIMEOUT_MS: 3_000 })
    expect(
      Env.parse({ ...base, SIGNER: 'quorum', SIGNER_MEMBERS: `${member},${member}`, SIGNER_THRESHOLD: '2', SIGNER_TIMEOUT_MS: '4500' }),
    ).toMatchObject({ SIGNER: 'quorum', SIGNER_THRESHOLD: 2, SIGNER_TIMEOUT_MS: 4_500 })
  })

  test('error: a settlement key is one for nothing else', () => {
    const other = `0x${'34'.repeat(32)}`
    const settling = { ...base, SIGNER_KEYS: key, SETTLEMENT_KEYS: other, RELAY_KEY: `0x${'56'.repeat(32)}` }
    expect(problem(settling)).toBe(null)
    expect(Env.parse(settling)).toMatchObject({ SETTLEMENT_KEYS: other, SETTLEMENT_THRESHOLD: 1 })
    expect(problem({ ...settling, SIGNER_KEYS: `${key},${other}` })).toContain('SETTLEMENT_KEYS: a key of another purpose')
    expect(problem({ ...settling, RELAY_KEY: other.toUpperCase().replace('X', 'x') })).toContain(
      'SETTLEMENT_KEYS: a key of another purpose',
    )
  })

  test('error: a bus is a NATS server', () => {
    expect(Env.parse({ ...base, SIGNER_KEYS: key, BUS: 'nats://user:word@127.0.0.1:4222' })).toMatchObject({
      BUS: 'nats://user:word@127.0.0.1:4222',
    })
    expect(Env.parse({ ...base, SIGNER_KEYS: key, BUS: 'tls://events.example' })).toMatchObject({ BUS: 'tls://events.example' })
    expect(problem({ ...base, SIGNER_KEYS: key, BUS: 'https://events.example' })).toContain('BUS: a NATS server, nats://')
  })

  test('error: each kind of signer asks for its own key', () => {
    expect(problem({ ...base, SIGNER_MEMBERS: member })).toContain('SIGNER_KEYS: missing')
    expect(problem({ ...base, SIGNER: 'quorum', SIGNER_KEYS: key })).toContain('SIGNER_MEMBERS: missing')
    const lit = problem({ ...base, SIGNER: 'lit', SIGNER_KEYS: key })
    for (const name of ['LIT_CONFIG', 'LIT_SESSION_KEY']) expect(lit).toContain(`${name}: missing`)
    expect(problem({ ...base, SIGNER: 'lit', SIGNER_KEYS: key, LIT_CONFIG: 'lit.json', LIT_SESSION_KEY: key })).toBe(null)
    const rest = { ...base, SIGNER: 'lit-rest', SIGNER_KEYS: key }
    for (const name of ['LIT_CONFIG', 'LIT_API_KEY']) expect(problem(rest)).toContain(`${name}: missing`)
    expect(problem(rest)).not.toContain('LIT_SESSION_KEY')
    expect(Env.parse({ ...rest, LIT_CONFIG: 'lit.json', LIT_API_KEY: 'an-api-key' })).toMatchObject({ SIGNER: 'lit-rest' })
    expect(problem({ ...base, SIGNER: 'trust', SIGNER_KEYS: key })).toContain('SIGNER: ')
  })

  test('error: Lit signs beside keys of this process or beside a quorum: one of them, and never alone', () => {
    for (const lit of [
      { SIGNER: 'lit', LIT_CONFIG: 'lit.json', LIT_SESSION_KEY: key },
      { SIGNER: 'lit-rest', LIT_CONFIG: 'lit.json', LIT_API_KEY: 'an-api-key' },
    ]) {
      expect(problem({ ...base, ...lit })).toContain('SIGNER_KEYS or SIGNER_MEMBERS: missing')
      expect(problem({ ...base, ...lit, SIGNER_KEYS: key })).toBe(null)
      expect(problem({ ...base, ...lit, SIGNER_MEMBERS: member })).toBe(null)
      expect(problem({ ...base, ...lit, SIGNER_KEYS: key, SIGNER_MEMBERS: member })).toContain(
        'SIGNER_KEYS and SIGNER_MEMBERS: one of them, not both',
      )
    }
    // A quorum's gateway may hold keys besides.
    expect(problem({ ...base, SIGNER: 'quorum', SIGNER_KEYS: key, SIGNER_MEMBERS: member })).toBe(null)
  })

  test('error: an API key that no header can hold is not quoted', () => {
    const rest = { ...base, SIGNER: 'lit-rest', SIGNER_KEYS: key, LIT_CONFIG: 'lit.json' }
    for (const LIT_API_KEY of ['short-1', 'an api key', 'an-api-key\n', 'an-api-key-é', 'x'.repeat(513)]) {
      const said = problem({ ...rest, LIT_API_KEY })
      expect(said).toContain('LIT_API_KEY: from 8 to 512 visible characters')
      expect(said).not.toContain(LIT_API_KEY)
    }
    for (const LIT_API_KEY of ['eight-ch', 'x'.repeat(512)]) expect(problem({ ...rest, LIT_API_KEY })).toBe(null)
  })

  test('bug: a rate that is no number limited nobody', () => {
    const own = { ...base, SIGNER_KEYS: key }
    expect(Env.parse(own).RATE_POINTS).toBe(5_000)
    expect(Env.parse({ ...own, RATE_POINTS: '100000' }).RATE_POINTS).toBe(100_000)
    for (const RATE_POINTS of ['5k', '', '0', '-1', '1e9']) expect(problem({ ...own, RATE_POINTS })).toContain('RATE_POINTS: ')
  })

  test('error: everything that is missing or wrong at once, and no key is quoted', () => {
    const said = problem({ SIGNER_KEYS: '0x12', SIGNER_TIMEOUT_MS: '4501' })
    for (const part of ['PLIMSOLL_CONFIG: missing', 'FORECASTER_URL: missing', 'SIGNER_TIMEOUT_MS: ', 'SIGNER_KEYS: one or more'])
      expect(said).toContain(part)
    expect(said).not.toContain('0x12')
    expect(problem({})).toContain('SIGNER_KEYS: missing')
    expect(problem({ ...base, SIGNER: 'quorum', SIGNER_MEMBERS: 'http://127.0.0.1:4620' })).toContain('SIGNER_MEMBERS: <address>@<url>')
  })

  test('edge: proxies are trusted where they are named, and nobody else', () => {
    expect(Env.parse({ ...base, SIGNER_KEYS: key }).TRUSTED_PROXIES.has('127.0.0.1')).toBe(false)
    const { has } = Env.parse({ ...base, SIGNER_KEYS: key, TRUSTED_PROXIES: '10.0.0.0/8,::1' }).TRUSTED_PROXIES
    expect(['10.1.2.3', '::1', '127.0.0.1'].map(has)).toEqual([true, true, false])
  })

  test('error: proxies by which anybody would be believed', () => {
    for (const range of ['0.0.0.0/0', '::/0'])
      expect(() => Env.parse({ ...base, SIGNER_KEYS: key, TRUSTED_PROXIES: range })).toThrow(
        expect.objectContaining({
          code: 'ENVIRONMENT_INVALID',
          // One full stop: a message stood in the middle of another.
          message: `The gateway's environment is incomplete. TRUSTED_PROXIES: ${range} covers so much that anybody would be believed.`,
        }),
      )
  })
})
