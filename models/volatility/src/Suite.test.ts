import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Bar, Features, Hourly, Signals } from '@plimsoll/volatility'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Artifact, Backend, Build, Member, Monitor, Network, Outlook, Panel, Registry, Serving, Standing, Suite } from './index.ts'
import * as First from './testing/First.ts'
import * as Small from './testing/Small.ts'

let directory: string
let backend: Backend.Backend
let build: Build.Build
let modelHash: Artifact.Hash
let suite: Suite.Suite
const fine = Panel.of({ raw: Small.raw({ seed: 4, days: 95, intervalSeconds: 300, symbols: ['BTC', 'ETH'] }), files: [], asOf: Small.asOf })
const hourly = Small.panel(115, ['ADA', 'BNB', 'BTC', 'ETH', 'LTC', 'SOL', 'XRP'])

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'plimsoll suite '))
  backend = await Backend.load('wasm')
  build = await Build.of({
    parts: [
      { panel: fine, horizonHours: 1 },
      { panel: hourly, horizonHours: 24 },
    ],
    backend,
    seed: 3,
    recipe: Small.small,
  })
  const card = { ...build.card, version: '0.2.0' }
  modelHash = await Suite.save({ directory, version: '0.2.0', members: build.members, card })
  await Registry.enter({ directory, entry: { version: '0.2.0', modelHash } })
  const model = await Registry.champion({ directory, backend })
  if (!('schema' in model)) throw new Error('another kind of model')
  suite = model
}, 120_000)
afterAll(() => rm(directory, { recursive: true, force: true }))

const bars = (part: { readonly days?: number; readonly seed?: number } = {}): Record<string, Bar.Bar[]> =>
  Object.fromEntries(
    Object.entries(Small.raw({ seed: part.seed ?? 9, days: part.days ?? 30, intervalSeconds: 300, symbols: ['BTC', 'ETH'] })).map(
      ([symbol, series]) => [symbol, series.map(({ volume: _, closeAt, ...bar }) => ({ ...bar, closeAt: closeAt + 300 }))],
    ),
  )
const serve = (part: Partial<Serving.of.Arguments> = {}) =>
  Serving.of({ model: suite, market: bars(), lastGood: {}, closeOutSeconds: 3_600, liquidationSeconds: 300, ...part })
const forecastOf = (outcome: Serving.Outcome | undefined): Serving.Served => {
  if (outcome?.status !== 'forecast') throw new Error(outcome?.error.message ?? 'no outcome')
  return outcome.forecast
}

describe('save, load', () => {
  test('what is loaded says what the card says, within 1e-5', () => {
    expect(suite.fault).toBeNull()
    suite.members.forEach(({ member, network }, i) => {
      const probe = suite.card.members[i]?.probe
      if (network === null || probe === undefined) throw new Error('no network')
      const rows = probe.rows.map((row) => Float64Array.from(row))
      const layers = Suite.layers(network)
      rows.forEach((values, r) => {
        expect(Math.abs(Outlook.plain(member, layers, values) / (probe.variances[r] ?? Number.NaN) - 1)).toBeLessThan(1e-5)
      })
    })
  })

  test('vector: the forward pass without tfjs equals tfjs within 1e-6', () => {
    for (const { member, network } of suite.members) {
      if (network === null) throw new Error('no network')
      const rows = (suite.card.members.find(({ horizonSeconds }) => horizonSeconds === member.horizonSeconds)?.probe.rows ?? []).map(
        (row) => Features.standardise({ values: row, ...member.standard }),
      )
      const inputs = rows.map((row) => Float32Array.from(member.inputs, (k) => row[k] ?? Number.NaN))
      const corrections = Network.correct(network, inputs)
      expect(corrections.length).toBeGreaterThan(3)
      rows.forEach((row, r) => {
        const values = Float64Array.from(
          suite.card.members.find(({ horizonSeconds }) => horizonSeconds === member.horizonSeconds)?.probe.rows[r] ?? [],
        )
        const plain = Math.log(Outlook.plain(member, Suite.layers(network), values))
        const base = member.base.weights.reduce((sum, weight, k) => sum + weight * (row[k] ?? 0), member.base.intercept)
        expect(Math.abs(plain - base - (corrections[r]?.[0] ?? Number.NaN))).toBeLessThan(1e-6)
      })
    }
  })

  test('one seed, one suite: the same bytes', async () => {
    const again = await Build.of({ parts: [{ panel: hourly, horizonHours: 24 }], backend, seed: 3, recipe: Small.small })
    const before = build.members[1]
    expect(again.members[0]?.member).toEqual(before?.member)
    if (before === undefined || again.members[0] === undefined) throw new Error('no member')
    expect(Network.weights(again.members[0].network)).toEqual(Network.weights(before.network))
  })

  test.each([
    ['a bit flipped in the weights', 'weights-24h.bin', (bytes: Buffer) => bytes.fill((bytes[9] ?? 0) ^ 1, 9, 10)],
    ['weights cut short', 'weights-24h.bin', (bytes: Buffer) => bytes.subarray(0, bytes.length - 4)],
    ['weights too long', 'weights-24h.bin', (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(2_000_000)])],
    ['another topology', 'model-24h.json', (bytes: Buffer) => Buffer.from(bytes.toString().replace('relu', 'tanh'))],
  ])('edge: %s leaves that horizon to its regression, and the others alone', async (_, name, spoil) => {
    const folder = await mkdtemp(join(tmpdir(), 'plimsoll spoilt '))
    try {
      await cp(directory, folder, { recursive: true })
      const path = join(folder, 'artifacts', '0.2.0', name)
      await writeFile(path, spoil(await readFile(path)))
      const loaded = await Suite.load({ directory: folder, version: '0.2.0', modelHash, backend })
      expect(loaded.members.map(({ network }) => network === null)).toEqual([false, true])
      expect(loaded.fault).toMatchObject({ code: 'ARTIFACT_CORRUPT' })
      const { source, outlooks } = forecastOf(serve({ model: loaded })['BTC'])
      expect(source).toBe('glm')
      expect(outlooks.map((each) => each.source)).toEqual(['champion', 'glm'])
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  test.each([
    ['parameters.json', 'ARTIFACT_CORRUPT'],
    ['card.json', 'ARTIFACT_CORRUPT'],
    ['manifest.json', 'ARTIFACT_CORRUPT'],
  ])('error: %s that is not what the registry says refuses the suite', async (name, code) => {
    const folder = await mkdtemp(join(tmpdir(), 'plimsoll spoilt '))
    try {
      await cp(directory, folder, { recursive: true })
      const path = join(folder, 'artifacts', '0.2.0', name)
      await writeFile(path, (await readFile(path, 'utf8')).replace('0', '1'))
      await expect(Suite.load({ directory: folder, version: '0.2.0', modelHash, backend })).rejects.toThrow(
        expect.objectContaining({ code }),
      )
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  test.each<[string, (member: Record<string, unknown>) => void]>([
    ['a signal of another name', (it) => Object.assign(it, { names: ['x'] })],
    ['a missing key', (it) => Reflect.deleteProperty(it, 'cap')],
    ['an unknown key', (it) => Object.assign(it, { note: 1 })],
    ['a deviation of zero', (it) => Object.assign(it, { standard: { mean: [0], deviation: [0] } })],
    ['a horizon of an hour and a half', (it) => Object.assign(it, { horizonSeconds: 5_400 })],
    ['inputs that do not rise', (it) => Object.assign(it, { inputs: [1, 1] })],
    ['a negative cap', (it) => Object.assign(it, { cap: -1 })],
  ])('error: parameters with %s', (_, spoil) => {
    const it = structuredClone(build.members[1]?.member) as unknown as Record<string, unknown>
    expect(Member.parse(it, 'members[0]', Signals.names)).toEqual(build.members[1]?.member)
    spoil(it)
    expect(() => Member.parse(it, 'members[0]', Signals.names)).toThrow(expect.objectContaining({ code: 'PARAMETERS_INVALID' }))
  })
})

describe('Serving.of', () => {
  test('worked example: every level of every horizon, rising, path beyond end, and the last hour known', () => {
    const outcome = serve()['BTC']
    const forecast = forecastOf(outcome)
    expect(outcome).toMatchObject({ status: 'forecast', fallback: null })
    expect(forecast).toMatchObject({ source: 'champion', modelHash, asOf: Small.startAt + 30 * 86_400 })
    expect(forecast.outlooks.map(({ horizonSeconds }) => horizonSeconds)).toEqual([3_600, 86_400])
    for (const { bands, sigma } of forecast.outlooks) {
      expect(sigma).toBeGreaterThan(0.05)
      expect(bands.map(({ levelPpm }) => levelPpm)).toEqual([950_000, 990_000, 995_000])
      const [a, b, c] = bands.map(({ longPath }) => longPath.quantile)
      expect(a).toBeLessThanOrEqual(b ?? 0)
      expect(b).toBeLessThanOrEqual(c ?? 0)
      for (const { longPath, longEnd } of bands) {
        expect(longEnd.quantile).toBeLessThanOrEqual(longPath.quantile)
        expect(longPath.shortfall).toBeGreaterThanOrEqual(longPath.quantile)
      }
    }
    expect(forecast.liquidation.longPpm).toBeLessThan(forecast.closeOut.longPpm)
  })

  test('property: at a whole hour the online forecast is the batch one bit for bit', () => {
    const market = bars()
    const served = suite.members[0]
    if (served === undefined) throw new Error('no member')
    const hours = Object.entries(market).map(([symbol, series]) =>
      Hourly.of({ symbol, intervalSeconds: 300, bars: series.map((bar) => ({ ...bar, volume: 0 })) }),
    )
    const batch = Outlook.of({ served, market: hours, hour: Small.startAt / 3_600 + 30 * 24 })
    expect(forecastOf(serve({ market })['ETH']).outlooks[0]).toEqual(batch['ETH'])
  })

  test('property: so it is with volumes, where every bar has one; where one has none, they do not count', () => {
    const market = Object.fromEntries(
      Object.entries(bars()).map(([symbol, series]) => [symbol, series.map((bar, i) => ({ ...bar, volume: 1 + ((i * i) % 97) }))]),
    )
    const served = suite.members[0]
    if (served === undefined) throw new Error('no member')
    const hours = Object.entries(market).map(([symbol, series]) => Hourly.of({ symbol, intervalSeconds: 300, bars: series }))
    const batch = Outlook.of({ served, market: hours, hour: Small.startAt / 3_600 + 30 * 24 })
    const online = forecastOf(serve({ market })['ETH']).outlooks[0]
    expect(online).toEqual(batch['ETH'])
    const without = forecastOf(serve()['ETH']).outlooks[0]
    expect(online?.variance).not.toBe(without?.variance)
    const torn = Object.fromEntries(
      Object.entries(market).map(([symbol, series]) => [
        symbol,
        series.map(({ volume, ...bar }, i) => (i === series.length - 9 ? bar : { ...bar, volume })),
      ]),
    )
    expect(forecastOf(serve({ market: torn })['ETH']).outlooks[0]).toEqual(without)
  })

  test('edge: between hours nothing of the last minutes is left out', () => {
    const market = bars()
    const until = (count: number): Record<string, Bar.Bar[]> =>
      Object.fromEntries(Object.entries(market).map(([symbol, series]) => [symbol, series.slice(0, -count)]))
    const before = forecastOf(serve({ market: until(5) })['BTC'])
    expect(before).toMatchObject({ source: 'champion', asOf: Small.startAt + 30 * 86_400 - 1_500 })
    const crash = Object.fromEntries(
      Object.entries(until(5)).map(([symbol, series]) => [
        symbol,
        series.map((bar, i) => (i === series.length - 1 ? { ...bar, low: bar.low * 0.8, close: bar.low * 0.8 } : bar)),
      ]),
    )
    expect(forecastOf(serve({ market: crash })['BTC']).closeOut.longPpm).toBeGreaterThan(before.closeOut.longPpm)
  })

  test('edge: the ladder. Four weeks the champion, a day the moving average with a wider band, less nothing', () => {
    const short = Object.fromEntries(Object.entries(bars({ days: 5 })))
    const forecast = forecastOf(serve({ market: short })['BTC'])
    expect(forecast.source).toBe('ewma')
    expect(serve({ market: short })['BTC']).toMatchObject({ fallback: { code: 'HISTORY_SHORT' } })
    const [hour] = suite.members
    const width = (source: Member.Source): number => hour?.member.calibration[source].bands[1]?.longPath.quantile ?? Number.NaN
    expect(width('ewma')).toBeGreaterThan(0)
    const less = serve({ market: Object.fromEntries(Object.entries(short).map(([symbol, series]) => [symbol, series.slice(-287)])) })
    expect(less['BTC']).toMatchObject({ status: 'unavailable', error: { code: 'FORECAST_INSUFFICIENT_HISTORY' } })
  })

  test('edge: a still market is below belief at every step, and the cap answers', () => {
    const still = Object.fromEntries(
      Object.entries(bars()).map(([symbol, series]) => [
        symbol,
        series.map(({ closeAt }) => ({ closeAt, open: 1, high: 1, low: 1, close: 1 })),
      ]),
    )
    const { source, outlooks } = forecastOf(serve({ market: still })['BTC'])
    expect(source).toBe('static')
    expect(outlooks[0]?.variance).toBe(suite.members[0]?.member.cap)
  })

  test('edge: NaN out of the network: the regression answers, floored at the last good forecast', () => {
    const spoilt = {
      ...suite,
      members: suite.members.map((served) => {
        const shape = { inputs: served.member.inputs.length, hidden: [served.member.units], outputs: 1, l2: 0, seed: 0 }
        const network = Network.build(backend, shape)
        Network.setWeights(
          network,
          Network.weights(network).map((part) => part.fill(Number.NaN)),
        )
        return { ...served, network }
      }),
    }
    const good = forecastOf(serve()['BTC'])
    const high = { ...good, sigmaPpm: good.sigmaPpm * 3, closeOut: { longPpm: 900_000, shortPpm: 900_000 } }
    const outcome = serve({ model: spoilt, lastGood: { BTC: high } })
    expect(outcome['BTC']).toMatchObject({
      fallback: { code: 'NETWORK_UNBELIEVABLE' },
      forecast: { source: 'glm', sigmaPpm: high.sigmaPpm, closeOut: high.closeOut },
    })
    expect(forecastOf(outcome['ETH']).source).toBe('glm')
  })

  test('edge: an asset that training did not have gets the pooled answer with a wider band, and it is said', () => {
    const { BTC = [], ETH = [] } = bars()
    const market = { 'BTC-PERP': BTC, NEW: ETH }
    const outcomes = serve({ market })
    const [known, unknown] = [forecastOf(outcomes['BTC-PERP']), forecastOf(outcomes['NEW'])]
    expect([known.asset, unknown.asset]).toEqual(['known', 'unknown'])
    const asKnown = forecastOf(serve({ market: { 'BTC-PERP': BTC, ETH } })['ETH'])
    expect(unknown).toMatchObject({ source: 'champion', sigmaPpm: asKnown.sigmaPpm })
    expect(unknown.outlooks[0]?.bands[1]?.longPath).toEqual(asKnown.outlooks[0]?.bands[2]?.longPath)
    expect(unknown.outlooks[0]?.bands[2]?.longPath.quantile).toBeGreaterThan(asKnown.outlooks[0]?.bands[2]?.longPath.quantile ?? Number.NaN)
    expect(unknown.closeOut.longPpm).toBeGreaterThan(asKnown.closeOut.longPpm)
    expect(unknown.liquidation.longPpm).toBeGreaterThan(asKnown.liquidation.longPpm)
  })

  test('error: a horizon beyond the longest', () => {
    expect(() => serve({ closeOutSeconds: 86_401 })).toThrow(expect.objectContaining({ code: 'FORECAST_HORIZON' }))
  })
})

describe('Standing.of', () => {
  const symbols = ['ADA', 'BNB', 'BTC', 'ETH', 'LTC', 'SOL', 'XRP']
  const longer = Small.panel(122, symbols)
  const at = { from: Small.startAt, to: Small.startAt + 200 * 86_400 }
  test('edge: no origin that training reaches into', () => {
    const forecasts = Standing.of({ model: suite, panel: longer, horizonHours: 24, ...at })
    const trained = (suite.card.members[1]?.to ?? 0) + 86_400
    const origins = [...new Set(forecasts.map(({ origin }) => origin))]
    expect(Math.min(...origins)).toBe(Math.ceil(trained / 86_400) * 86_400)
    expect(origins.length).toBeGreaterThan(5)
    expect(forecasts.length).toBe(origins.length * symbols.length)
    expect(forecasts.every(({ variance, q99LongPath, q99LongEnd }) => variance > 0 && q99LongPath >= q99LongEnd)).toBe(true)
  })
  test('a model of one network stands as well, on its five-minute bars', async () => {
    const model = await First.load(backend)
    const forecasts = Standing.of({
      model,
      panel: fine,
      horizonHours: 4,
      from: Small.startAt + 10 * 86_400,
      to: Small.startAt + 11 * 86_400,
    })
    expect(forecasts.length).toBe(6 * 2)
    expect(forecasts.every(({ variance, q99ShortPath }) => variance > 0 && q99ShortPath > 0)).toBe(true)
    expect(() => Standing.of({ model, panel: longer, horizonHours: 4, ...at })).toThrow(Standing.UnsuitableError)
  })
  test('error: a horizon it has not, bars it does not read', () => {
    expect(() => Standing.of({ model: suite, panel: longer, horizonHours: 4, ...at })).toThrow(Standing.UnsuitableError)
    expect(() => Standing.of({ model: suite, panel: longer, horizonHours: 1, ...at })).toThrow(
      /0\.2\.0 does not forecast 1 h from bars of 3600 s/,
    )
  })
})

describe('Monitor.of', () => {
  test('worked example: a market like that of training rings nothing but by chance; one of another volatility does', () => {
    const served = suite.members[1]
    if (served === undefined) throw new Error('no member')
    const end = Small.startAt + 115 * 86_400
    const quiet = Monitor.of({ served, runs: hourly.runs, days: 60, now: end })
    if (quiet === null) throw new Error('no report')
    expect(quiet).toMatchObject({ horizonSeconds: 86_400, days: 60, ageSeconds: 0 })
    expect(quiet.origins).toBe(59)
    expect(quiet.hits?.sample).toBe(59 * 7)
    expect(quiet.ratio).toBeLessThan(1.05)
    const wild = hourly.runs.map((run) => ({ ...run, range: run.range.map((x) => 50 * x), variance: run.variance.map((x) => 50 * x) }))
    const loud = Monitor.of({ served, runs: wild, days: 60, now: end + 10_000 })
    expect(loud?.signals[0]?.psi).toBeGreaterThan(quiet.signals[0]?.psi ?? Number.NaN)
    expect(loud?.alerts).toContain('no bars for 2 h')
    expect(loud?.alerts.some((alert) => alert.startsWith('range 30 d') || alert.startsWith('market range'))).toBe(true)
  })
  test('edge: quantiles that no longer hold, and losses above the moving average’s, are named', () => {
    const served = suite.members[1]
    if (served === undefined) throw new Error('no member')
    const end = Small.startAt + 115 * 86_400
    const report = (part: Partial<Member.Member>) =>
      Monitor.of({ served: { ...served, member: { ...served.member, ...part } }, runs: hourly.runs, days: 60, now: end })
    const { champion } = served.member.calibration
    const bands = champion.bands.map((band) => ({ ...band, longPath: { quantile: 0.5, shortfall: 1 } }))
    const narrow = report({ calibration: { ...served.member.calibration, champion: { ...champion, bands } } })
    expect(narrow?.hits?.breaches).toBeGreaterThan(100)
    expect(narrow?.alerts).toContain(`${narrow?.hits?.breaches} of 413 paths beyond the 99 % quantile`)
    const high = report({ base: { ...served.member.base, intercept: served.member.base.intercept + 2 } })
    expect(high?.ratio).toBeGreaterThan(1.05)
    expect(high?.alerts).toContain(`QLIKE ${high?.ratio?.toFixed(3)} of the moving average's`)
  })
  test('edge: without its network the regression is watched, by its own quantiles', () => {
    const served = suite.members[1]
    if (served === undefined) throw new Error('no member')
    const watch = (member: Member.Member) =>
      Monitor.of({ served: { ...served, member, network: null }, runs: hourly.runs, days: 60, now: Small.startAt + 115 * 86_400 })
    const { calibration } = served.member
    const bands = calibration.glm.bands.map((band) => ({ ...band, longPath: { quantile: 0.5, shortfall: 1 } }))
    expect(watch(served.member)?.hits?.breaches).toBeLessThan(30)
    expect(
      watch({ ...served.member, calibration: { ...calibration, glm: { ...calibration.glm, bands } } })?.hits?.breaches,
    ).toBeGreaterThan(100)
  })
  test('edge: too short a history has no report', () => {
    const [served] = suite.members
    if (served === undefined) throw new Error('no member')
    expect(Monitor.of({ served, runs: Small.panel(20).runs, days: 10, now: 0 })).toBeNull()
  })
})
