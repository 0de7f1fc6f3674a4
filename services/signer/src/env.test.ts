import { describe, expect, test } from 'vitest'
import * as Env from './env.ts'

const base = { PLIMSOLL_CONFIG: 'deployment.json', SIGNER_KEY: `0x${'12'.repeat(32)}` }
const hash = `0x${'ab'.repeat(32)}`

describe('parse', () => {
  test('worked example: a key and a deployment suffice', () => {
    expect(Env.parse(base)).toMatchObject({ HOST: '127.0.0.1', PORT: 4620, FORECAST_TOLERANCE_PPM: 1_000 })
    expect(Env.parse(base).MODEL_HASHES).toBeUndefined()
  })

  test('edge: models, and any free port', () => {
    expect(Env.parse({ ...base, PORT: '0', MODEL_HASHES: `${hash},${hash}` })).toMatchObject({ PORT: 0, MODEL_HASHES: [hash, hash] })
  })

  test('error: everything that is missing or wrong at once, and no key is quoted', () => {
    const attempt = () => Env.parse({ SIGNER_KEY: '0x1234', PORT: '65536', MODEL_HASHES: 'any', FORECAST_TOLERANCE_PPM: '1000001' })
    expect(attempt).toThrow(Env.EnvError)
    for (const part of ['PLIMSOLL_CONFIG: missing', 'SIGNER_KEY: a 32-byte', 'PORT: ', 'MODEL_HASHES: ', 'FORECAST_TOLERANCE_PPM: '])
      expect(attempt).toThrow(part)
    expect(attempt).not.toThrow('0x1234')
  })

  test('edge: proxies are trusted where they are named, and nobody else', () => {
    expect(Env.parse(base).TRUSTED_PROXIES.has('127.0.0.1')).toBe(false)
    const { has } = Env.parse({ ...base, TRUSTED_PROXIES: '10.0.0.0/8,::1' }).TRUSTED_PROXIES
    expect(['10.1.2.3', '::1', '127.0.0.1'].map(has)).toEqual([true, true, false])
  })

  test('error: proxies by which anybody would be believed', () => {
    for (const range of ['0.0.0.0/0', '::/0'])
      expect(() => Env.parse({ ...base, TRUSTED_PROXIES: range })).toThrow(
        expect.objectContaining({
          code: 'ENVIRONMENT_INVALID',
          // One full stop: a message stood in the middle of another.
          message: `The signer's environment is incomplete. TRUSTED_PROXIES: ${range} covers so much that anybody would be believed.`,
        }),
      )
  })
})
