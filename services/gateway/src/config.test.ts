import { Deployment } from '@plimsoll/api'
import * as People from '@plimsoll/chain/testing'
import { describe, expect, test } from 'vitest'
import * as Config from './config.ts'

const address = (digit: string) => `0x${digit.repeat(40)}`
const source = (id: string, labels: object = {}) => ({ id, operator: id, url: `http://${id}.example/`, ...labels })
const chain = (change: object = {}) => ({
  chainId: 1,
  name: 'one',
  k: 2,
  timeoutMs: 1_000,
  finality: { tag: 'finalized', maxAgeSeconds: 1_500 },
  sources: [source('a'), source('b'), source('c')],
  local: false,
  ...change,
})
const params = {
  ...{ betaPpm: 1, brakeMaxPpm: 1, floorPpm: 1, longCapPpm: 1, quantileFallPpmPerDay: 1, throughTheCycleMovePpmPerDay: 1 },
  ...{ tierDiscountPpm: [0, 0, 0, 0], concentration: [{ upTo: null, weightPpm: 1_000_000 }], maxViewAgeSeconds: 1, maxPriceAgeSeconds: 1 },
  ...{ maxForecastAgeSeconds: 1, ttlSeconds: 1, closeOutSeconds: 1, liquidationSeconds: 1 },
}
const document = (one: object, more: object = {}) => ({
  chains: [one],
  vaults: [],
  assets: [],
  venues: [{ chainId: 1, address: address('1'), name: 'v', limitBook: address('2'), collateral: address('3'), fromBlock: '0' }],
  markets: [
    {
      ...{ symbol: 'ETH-PERP', feed: address('4'), initial: { kind: 'flat', ppm: 1 }, maintenance: { kind: 'flat', ppm: 1 } },
      ...{ liquidity: { kind: 'flat', ppm: 1 }, liquidationCostPpm: 1, caps: { side: '1', participant: '1' } },
      ...{ wrongWay: { longPpm: 0, shortPpm: 0 }, depth: '1', throughTheCycleSigmaPpm: 1 },
    },
  ],
  feeds: { chainId: 1, heartbeatSeconds: 60, deviationPpm: 1 },
  params,
  tierCaps: ['1', '1', '1', '1'],
  ...more,
})
const saidOf = (one: object, more: object = {}) => {
  try {
    Config.checked(Deployment.parse(document(one, more)))
    return ''
  } catch (error) {
    return error instanceof Deployment.ConfigError ? error.message : String(error)
  }
}

const token = (change: object = {}) => ({
  ...{ asset: 'USDC', token: address('6'), decimals: 6, haircuts: { assetPpm: 0, bridgePpm: 0, venuePpm: 0 }, ...change },
})
const vault = (change: object = {}) => ({ chainId: 1, address: address('5'), fromBlock: '0', tokens: [token()], ...change })
const assets = ['USDC', 'WETH'].map((asset) => ({ asset, market: null, feed: address('4') }))

describe('checked', () => {
  test('worked example: two of three, three operators', () => {
    expect(saidOf(chain())).toBe('')
    expect(saidOf(chain({ evidence: 'proof', diversity: { operators: 3 } }))).toBe('')
  })

  test('error: a World ID key that no proof fits, and a word that anybody on the way could change', () => {
    const key = JSON.parse(JSON.stringify(People.key(), (_, it: unknown) => (typeof it === 'bigint' ? it.toString() : it))) as {
      readonly alpha: readonly string[]
    }
    const evidence = (verifier: object) => ({
      evidence: { scope: 's', proofSeconds: 1, groups: [], trusts: [], worldId: { appId: 'app_x', action: 'a', verifier } },
    })
    const roots = [{ root: '7', level: 'orb', until: 1 }]
    expect(saidOf(chain(), evidence({ kind: 'key', key, roots }))).toBe('')
    const moved = { ...key, alpha: [...key.alpha].reverse() }
    expect(saidOf(chain(), evidence({ kind: 'key', key: moved, roots }))).toContain('a point is not of its group')
    expect(saidOf(chain(), evidence({ kind: 'key', key, roots: [{ root: '7', level: 'face', until: 1 }] }))).toContain('level')
    const asked = (url: string) => saidOf(chain(), evidence({ kind: 'service', url, timeoutMs: 1_000 }))
    for (const url of ['https://verifier.example', 'http://127.0.0.1:8080', 'http://[::1]:8080/', 'http://localhost'])
      expect(asked(url)).toBe('')
    for (const url of ['http://verifier.example', 'http://127.0.0.1.verifier.example']) expect(asked(url)).toContain('https is needed')
    for (const url of ['ftp://verifier.example', 'verifier']) expect(asked(url)).toContain('url')
  })

  test('error: what is listed twice, and would count twice', () => {
    const other = vault({ address: address('7') })
    expect(saidOf(chain(), { vaults: [vault(), other], assets })).toBe('')
    expect(saidOf(chain(), { vaults: [vault(), other, vault()], assets })).toContain(`vault ${address('5')} on chain 1 is listed twice`)
    const tokens = [token(), token({ asset: 'WETH' })]
    expect(saidOf(chain(), { vaults: [vault({ tokens })], assets })).toContain(
      `token ${address('6')} in the vault ${address('5')} on chain 1 is listed twice`,
    )
    expect(saidOf(chain(), { vaults: [vault()], assets: [...assets, ...assets] })).toContain('asset USDC is listed twice')
    const { venues, markets } = document(chain())
    expect(saidOf(chain(), { venues: [...venues, ...venues] })).toContain(`venue ${address('1')} on chain 1 is listed twice`)
    expect(saidOf(chain(), { markets: [...markets, ...markets] })).toContain('market ETH-PERP is listed twice')
    expect(saidOf(chain(), { chains: [chain(), chain()] })).toContain('chain 1 is listed twice')
  })

  test('error: an asset that counts in other digits from vault to vault: a book has one number of them, and would refuse its mark-downs', () => {
    const other = vault({ address: address('7'), tokens: [token({ decimals: 18 })] })
    expect(saidOf(chain(), { vaults: [vault(), other], assets })).toContain('asset USDC has 6 decimals in one vault and 18 in another')
  })

  test.each([
    ['k beyond its sources', { k: 4 }, 'k is 4, but there are only 3 sources'],
    ['k that two answers could reach', { k: 1 }, 'two different answers could both reach it'],
    ['one operator twice', { sources: [source('a'), source('b'), source('c', { operator: 'a' })] }, 'operator a runs more than one source'],
    ['fewer clients than are asked for', { diversity: { operators: 2, clients: 2 } }, '0 of 2 clients'],
    [
      'one cloud where two are asked for',
      { sources: [source('a', { cloud: 'x' }), source('b', { cloud: 'x' })], diversity: { operators: 2, clouds: 2 } },
      '1 of 2 clouds (x)',
    ],
    ['a lone operator', { k: 1, sources: [source('a')] }, '1 of 2 operators (a)'],
    [
      'safe without what that means',
      { finality: { tag: 'safe', maxAgeSeconds: 60 } },
      'finality.safeMeans does not say what that is there',
    ],
  ])('error: a chain with %s is refused before anything starts', (_, change, said) => {
    expect(saidOf(chain(change))).toContain(said)
  })

  const seen = (change: object = {}) => ({
    assets: [{ asset: 'USDC', market: null, feed: address('5') }],
    observed: [{ chainId: 1, tokens: [{ asset: 'USDC', token: address('6'), decimals: 6 }], ...change }],
  })
  const reserve = { name: 'Aave', aToken: address('7'), variableDebt: address('8'), underlying: address('6') }

  const comet = { name: 'Compound III', comet: address('b'), base: address('6') }
  const cToken = { name: 'Compound v2', cToken: address('c'), underlying: address('6') }
  const receipt = { name: 'savings', token: address('9'), kind: 'shares' }

  test('worked example: a token to look for, a receipt on it, a reserve of it, markets in it', () => {
    expect(saidOf(chain(), seen())).toBe('')
    expect(saidOf(chain(), seen({ receipts: [receipt], reserves: [reserve], comets: [comet], cTokens: [cToken] }))).toBe('')
    expect(saidOf(chain(), seen({ receipts: [receipt], comets: [{ ...comet, collaterals: [receipt.token] }] }))).toBe('')
    expect(saidOf(chain(), seen({ reserves: [reserve], comets: [{ ...comet, collaterals: [reserve.aToken] }] }))).toBe('')
  })

  test.each([
    ['on a chain that is not there', seen({ chainId: 2 }), 'chain 2 is used and not configured'],
    ['without a price', { ...seen(), assets: [] }, 'token USDC observed on chain 1 has no price feed'],
    ['of an unknown token', seen({ reserves: [{ ...reserve, underlying: address('a') }] }), 'reserve Aave observed on chain 1 stands on'],
    ['lent in an unknown base', seen({ comets: [{ ...comet, base: address('a') }] }), 'comet Compound III observed on chain 1 stands on'],
    ['lent in an unknown token', seen({ cTokens: [{ ...cToken, underlying: address('a') }] }), 'cToken Compound v2 observed on chain 1'],
    ['pledged in an unknown token', seen({ comets: [{ ...comet, collaterals: [address('a')] }] }), 'which is no token and no receipt'],
    ['pledged for itself', seen({ comets: [{ ...comet, collaterals: [comet.base] }] }), 'has its base 0x'],
    ['twice', { ...seen(), observed: [...seen().observed, ...seen().observed] }, 'a chain is observed twice'],
  ])('error: something to look at %s', (_, more, said) => {
    expect(saidOf(chain(), more)).toContain(said)
  })

  test('edge: one source of one operator, where that is said to be enough', () => {
    expect(saidOf(chain({ k: 1, sources: [source('a')], diversity: { operators: 1 } }))).toBe('')
    expect(saidOf(chain({ finality: { tag: 'safe', depth: 20, maxAgeSeconds: 60, safeMeans: 'posted to Ethereum' } }))).toBe('')
  })
})
