import { fileURLToPath } from 'node:url'
import { Deployment } from '@plimsoll/api'
import { Hash } from '@plimsoll/contracts'
import { Inputs } from '@plimsoll/margin'
import { describe, expect, test } from 'vitest'
import { AmountError } from './limit.ts'
import { NotAModelError, of, policy } from './policy.ts'

const address = (digit: string): `0x${string}` => `0x${digit.repeat(40)}`
const model = (digit: string) => `0x${digit.repeat(64)}`
const params: Inputs.Params = {
  ...{
    betaPpm: 250_000,
    brakeMaxPpm: 500_000,
    floorPpm: 10_000,
    longCapPpm: 1_000_000,
    quantileFallPpmPerDay: 1,
    throughTheCycleMovePpmPerDay: 1,
  },
  ...{ tierDiscountPpm: [0, 100_000, 200_000, 300_000], concentration: [{ upTo: null, weightPpm: 1_000_000 }] },
  ...{
    maxViewAgeSeconds: 120,
    maxPriceAgeSeconds: 120,
    maxForecastAgeSeconds: 7_200,
    ttlSeconds: 300,
    closeOutSeconds: 3_600,
    liquidationSeconds: 120,
  },
}
const venue = { name: 'north', collateral: address('9'), fromBlock: 0n, escrows: [] }
const deployment = {
  params,
  venues: [
    { ...venue, chainId: 10, address: address('1'), limitBook: address('a') },
    { ...venue, chainId: 20, address: address('2'), limitBook: address('b') },
  ],
} as unknown as Parameters<typeof of>[0]['deployment']

describe('policy', () => {
  const run = (...args: readonly string[]) => policy().parseAsync(args, { from: 'user' })

  test('error: no such file, no deployment, no sum', async () => {
    await expect(run('absent.json', '--most', '1')).rejects.toThrow('absent.json cannot be read')
    await expect(run(fileURLToPath(import.meta.url), '--most', '1')).rejects.toThrow(Deployment.ConfigError)
  })

  test('error: a sum that is not whole dollars is one before anything else is looked at', async () => {
    for (const most of ['', '1.5', '-1', '1e6', 'all']) await expect(run('absent.json', '--most', most)).rejects.toThrow(AmountError)
  })
})

describe('of', () => {
  test('worked example: every book beside its venue, the hash that certificates bind, any model', () => {
    expect(of({ deployment, most: 5n, models: null })).toEqual({
      books: [
        { chainId: 10, limitBook: address('a'), venue: address('1') },
        { chainId: 20, limitBook: address('b'), venue: address('2') },
      ],
      paramsHash: Hash.ofText(Inputs.canonicalParams(params)),
      ...{ models: null, most: '5' },
    })
  })

  test('edge: models in whatever case, and no model at all', () => {
    expect(of({ deployment, most: 1n, models: [model('A'), model('b')] }).models).toEqual([model('a'), model('b')])
    expect(of({ deployment, most: 1n, models: [] }).models).toEqual([])
  })

  test('error: what is no hash', () => {
    for (const wrong of ['', '0x12', model('g'), `${model('a')}0`, model('a').slice(2)])
      expect(() => of({ deployment, most: 1n, models: [wrong] })).toThrow(NotAModelError)
  })
})
