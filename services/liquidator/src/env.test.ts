import { isAbsolute } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Env } from './index.ts'

const key = `0x${'11'.repeat(32)}`
const needed = { PLIMSOLL_CONFIG: 'deployment.json', LIQUIDATOR_KEY: key }

describe('parse', () => {
  test('worked example: what is needed alone', () => {
    const env = Env.parse(needed)
    expect(env).toMatchObject({
      ...{ HOST: '127.0.0.1', PORT: 4640, mode: 'send', LEASE_SECONDS: 15, TICK_MS: 1_000, GRACE_SECONDS: 600 },
      ...{ GUARD_MEMORY_SECONDS: 60, BLOCK_SECONDS: 60, STUCK_SECONDS: 30, MAX_FEE_GWEI: 500, IN_FLIGHT: 64, PAGE_ACCOUNTS: 160 },
    })
    expect(isAbsolute(env.databaseDirectory)).toBe(true)
    expect(env.replica).not.toBe(Env.parse(needed).replica)
  })

  test('edge: a replica keeps its name, a dry run is told, bounds may be met', () => {
    expect(Env.parse({ ...needed, REPLICA: 'one', DRY_RUN: '1' })).toMatchObject({ replica: 'one', mode: 'dry' })
    expect(
      Env.parse({ ...needed, LEASE_SECONDS: '3', IN_FLIGHT: '256', PAGE_ACCOUNTS: '200', PORT: '65535', GRACE_SECONDS: '0' }),
    ).toMatchObject({
      ...{ LEASE_SECONDS: 3, IN_FLIGHT: 256, PAGE_ACCOUNTS: 200, PORT: 65_535, GRACE_SECONDS: 0 },
    })
  })

  test('error: every wrong key in one message, and no value', () => {
    const wrong = {
      LIQUIDATOR_KEY: '0x12',
      LEASE_SECONDS: '2',
      IN_FLIGHT: '257',
      PAGE_ACCOUNTS: '201',
      DRY_RUN: 'yes',
      TICK_MS: '49',
      FORECASTER_URL: 'nowhere',
    }
    const said = () => Env.parse(wrong)
    expect(said).toThrow(Env.EnvError)
    for (const name of ['PLIMSOLL_CONFIG: missing', ...Object.keys(wrong)]) expect(said).toThrow(name)
    expect(said).not.toThrow('0x12')
  })
})
