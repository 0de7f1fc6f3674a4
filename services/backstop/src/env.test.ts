import { describe, expect, test } from 'vitest'
import * as Env from './env.ts'

const base = { PLIMSOLL_CONFIG: 'deployment.json', BACKSTOP_KEY: `0x${'12'.repeat(32)}` }

describe('parse', () => {
  test('worked example: a key and a deployment suffice', () => {
    expect(Env.parse(base)).toMatchObject({ HOST: '127.0.0.1', PORT: 4660, mode: 'send', LIMIT_USD: 100_000, LOSS_USD: 10_000 })
  })

  test('edge: a dry run, and a replica of a name', () => {
    expect(Env.parse({ ...base, DRY_RUN: '1', REPLICA: 'two', PLIMSOLL_HOME: '/x' })).toMatchObject({
      ...{ mode: 'dry', replica: 'two', stopFile: '/x/stop', databaseDirectory: '/x/backstop' },
    })
  })

  test('error: everything that is missing or wrong at once, and no key is quoted', () => {
    const attempt = () => Env.parse({ BACKSTOP_KEY: '0x1234', LIMIT_USD: '0', DRY_RUN: 'yes' })
    expect(attempt).toThrow(Env.EnvError)
    for (const part of ['PLIMSOLL_CONFIG: missing', 'BACKSTOP_KEY: a 32-byte', 'LIMIT_USD: ', 'DRY_RUN: ']) expect(attempt).toThrow(part)
    expect(attempt).not.toThrow('0x1234')
  })
})
