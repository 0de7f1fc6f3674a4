import { isAbsolute } from 'node:path'
import { Registry } from '@plimsoll/volatility-model'
import { describe, expect, test } from 'vitest'
import * as Env from './env.ts'

describe('parse', () => {
  test('worked example: nothing set', () => {
    expect(Env.parse({})).toMatchObject({
      HOST: '127.0.0.1',
      PORT: 4610,
      MARKET_DATA: 'live',
      CLOSE_OUT_SECONDS: 3_600,
      LIQUIDATION_SECONDS: 300,
      LOG_LEVEL: 'info',
    })
    expect(Registry.defaultDirectory.startsWith(Env.parse({}).PLIMSOLL_MODELS)).toBe(true)
  })
  test('edge: port 0 and 65535; a relative folder becomes absolute', () => {
    expect([Env.parse({ PORT: '0' }).PORT, Env.parse({ PORT: '65535' }).PORT]).toEqual([0, 65_535])
    expect(isAbsolute(Env.parse({ PLIMSOLL_MODELS: 'models' }).PLIMSOLL_MODELS)).toBe(true)
  })
  test('error: every wrong key in one message', () => {
    const wrong = {
      HOST: '',
      PORT: '65536',
      PLIMSOLL_MODELS: '',
      MARKET_DATA: 'yes',
      CLOSE_OUT_SECONDS: '1.5',
      LIQUIDATION_SECONDS: '0',
      LOG_LEVEL: 'loud',
    }
    try {
      Env.parse(wrong)
      expect.unreachable()
    } catch (error) {
      expect(error).toMatchObject({ name: 'Env.InvalidEnvironmentError', code: 'ENVIRONMENT_INVALID' })
      for (const key of Object.keys(wrong)) expect((error as Error).message).toContain(key)
    }
  })
  test.each(['', '4610x', '-1', '1e3', '0x10', ' 80'])('error: PORT=%j', (PORT) => {
    expect(() => Env.parse({ PORT })).toThrow(/PORT must be a whole number/)
  })
})
