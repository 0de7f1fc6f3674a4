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

  test('error: each kind of signer asks for its own key', () => {
    expect(problem({ ...base, SIGNER_MEMBERS: member })).toContain('SIGNER_KEYS: missing')
    expect(problem({ ...base, SIGNER: 'quorum', SIGNER_KEYS: key })).toContain('SIGNER_MEMBERS: missing')
    const lit = problem({ ...base, SIGNER: 'lit', SIGNER_KEYS: key })
    for (const name of ['LIT_CONFIG', 'LIT_SESSION_KEY']) expect(lit).toContain(`${name}: missing`)
    expect(problem({ ...base, SIGNER: 'lit', SIGNER_KEYS: key, LIT_CONFIG: 'lit.json', LIT_SESSION_KEY: key })).toBe(null)
    expect(problem({ ...base, SIGNER: 'trust', SIGNER_KEYS: key })).toContain('SIGNER: ')
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
})
