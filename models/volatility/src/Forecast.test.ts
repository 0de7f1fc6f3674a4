import { type Bar, Features, Quantile, SyntheticMarket } from '@plimsoll/volatility'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Artifact, Backend, Forecast, Network } from './index.ts'
import * as First from './testing/First.ts'

const market = SyntheticMarket.generate({
  seed: 99,
  startAt: 1_760_000_100,
  intervalSeconds: 300,
  bars: Features.barsNeeded + 40,
  assets: [
    { symbol: 'ETH-PERP', price: 3_000, volatility: 0.7 },
    { symbol: 'BTC-PERP', price: 60_000, volatility: 0.5 },
  ],
})
const horizons = { closeOutSeconds: 3_600, liquidationSeconds: 300 }
let model: Artifact.Artifact
beforeAll(async () => {
  model = await First.load(await Backend.load())
})

const of = (part: Partial<Forecast.of.Arguments> = {}): Record<string, Forecast.Outcome> =>
  Forecast.of({ model, market, lastGood: {}, ...horizons, ...part })
function given(outcome: Forecast.Outcome | undefined): Forecast.Forecast {
  if (outcome?.status !== 'forecast') throw new Error('no forecast')
  return outcome.forecast
}
/** The champion with a network whose last bias is the correction it always gives. */
function biased(bias: number): Forecast.of.Arguments['model'] {
  const backend = model.network?.backend
  if (backend === undefined) throw new Error('no network')
  const network = Network.build(backend, model.parameters.network)
  Network.setWeights(
    network,
    Network.weights(network).map((part, i, all) => (i === all.length - 1 ? part.fill(bias) : part)),
  )
  return { ...model, network }
}

describe('of', () => {
  test('one forecast a symbol, in the shape and units that margin takes', () => {
    const outcomes = of()
    expect(Object.keys(outcomes)).toEqual(['ETH-PERP', 'BTC-PERP'])
    const forecast = given(outcomes['ETH-PERP'])
    expect(Object.keys(forecast).sort()).toEqual(['asOf', 'closeOut', 'liquidation', 'modelHash', 'sigmaPpm', 'source', 'throughTheCycle'])
    expect(forecast.source).toBe('champion')
    expect(forecast.modelHash).toBe(model.modelHash)
    expect(forecast.asOf).toBe(market['ETH-PERP']?.at(-1)?.closeAt)
    const figures = [
      forecast.sigmaPpm,
      ...[forecast.closeOut, forecast.liquidation, forecast.throughTheCycle].flatMap((rate) => Object.values(rate)),
    ]
    expect(figures.every((figure) => Number.isSafeInteger(figure) && figure > 0)).toBe(true)
    // An hour at 50 % to 150 % annualised: 99 % worst path between 1 % and 8 %.
    expect(forecast.closeOut.longPpm).toBeGreaterThan(10_000)
    expect(forecast.closeOut.longPpm).toBeLessThan(80_000)
    expect(forecast.liquidation.longPpm).toBeLessThan(forecast.closeOut.longPpm)
    expect(forecast.sigmaPpm).toBeGreaterThan(200_000)
    expect(forecast.sigmaPpm).toBeLessThan(2_500_000)
  })
  test('worked example: the baseline by hand', () => {
    const forecast = given(of({ model: { ...model, network: null } })['ETH-PERP'])
    const row = Features.rows(
      Object.entries(market).map(([symbol, bars]) => Features.prepare({ symbol, bars })),
      forecast.asOf,
    ).find(({ symbol }) => symbol === 'ETH-PERP')
    const [hour] = model.parameters.baseline
    if (row === undefined || hour === undefined) throw new Error('no row')
    const variance =
      hour.smearing * Math.exp(hour.weights.reduce((sum, weight, k) => sum + weight * (row.values[k] ?? Number.NaN), hour.intercept))
    const calibration = model.parameters.calibration.find(({ horizonSeconds }) => horizonSeconds === 3_600)
    const q = (calibration?.baseline.long ?? Number.NaN) * Math.sqrt(variance)
    expect(forecast.closeOut.longPpm).toBe(Quantile.ppmUp(1 - Math.exp(-q)))
  })
  test('no look-ahead, and no memory: only the last seven days count for variance', () => {
    const cut = Object.fromEntries(Object.entries(market).map(([symbol, bars]) => [symbol, bars.slice(-Features.barsNeeded)]))
    const { throughTheCycle: _a, ...whole } = given(of()['BTC-PERP'])
    const { throughTheCycle: _b, ...last } = given(of({ market: cut })['BTC-PERP'])
    expect(last).toEqual(whole)
  })
  test('a crash raises every figure', () => {
    const crashed = SyntheticMarket.generate({
      seed: 99,
      startAt: 1_760_000_100,
      intervalSeconds: 300,
      bars: Features.barsNeeded + 40,
      assets: [{ symbol: 'ETH-PERP', price: 3_000, volatility: 0.7 }],
      events: [{ bar: Features.barsNeeded + 20, bars: 12, logMove: -0.15 }],
    })
    const [calm, after] = [
      given(of({ market: { 'ETH-PERP': market['ETH-PERP'] ?? [] } })['ETH-PERP']),
      given(of({ market: crashed })['ETH-PERP']),
    ]
    expect(after.sigmaPpm).toBeGreaterThan(1.3 * calm.sigmaPpm)
    expect(after.closeOut.longPpm).toBeGreaterThan(1.5 * calm.closeOut.longPpm)
    expect(after.closeOut.shortPpm).toBeGreaterThan(1.5 * calm.closeOut.shortPpm)
    expect(after.throughTheCycle.longPpm).toBeGreaterThanOrEqual(calm.throughTheCycle.longPpm)
  })
  test('a horizon takes the calibration of the next longer one', () => {
    const at = (closeOutSeconds: number): Forecast.Rate => given(of({ closeOutSeconds })['ETH-PERP']).closeOut
    expect(at(3_599)).toEqual(at(3_600))
    expect(at(901)).toEqual(at(3_600))
    expect(at(3_601)).toEqual(at(14_400))
    expect(at(14_400).longPpm).toBeGreaterThan(at(3_600).longPpm)
  })
  test.each([86_401, 0, -1, Number.NaN])('error: a horizon of %s s', (closeOutSeconds) => {
    expect(() => of({ closeOutSeconds })).toThrow(expect.objectContaining({ name: 'Forecast.HorizonError', code: 'FORECAST_HORIZON' }))
  })

  test('edge: one bar too few is an error with what is needed, never a number, and leaves the others alone', () => {
    const short = (market['BTC-PERP'] ?? []).slice(1 - Features.barsNeeded)
    const outcomes = of({ market: { 'ETH-PERP': market['ETH-PERP'] ?? [], 'BTC-PERP': short, 'NEW-PERP': [] } })
    expect(outcomes['BTC-PERP']).toEqual({
      status: 'unavailable',
      error: expect.objectContaining({
        name: 'Forecast.InsufficientHistoryError',
        code: 'FORECAST_INSUFFICIENT_HISTORY',
        needed: 2_017,
        had: 2_016,
        intervalSeconds: 300,
      }),
    })
    expect(outcomes['NEW-PERP']).toMatchObject({ status: 'unavailable', error: { had: 0 } })
    expect(given(outcomes['ETH-PERP'])).toEqual(given(of({ market: { 'ETH-PERP': market['ETH-PERP'] ?? [] } })['ETH-PERP']))
    const enough = (market['BTC-PERP'] ?? []).slice(-Features.barsNeeded)
    expect(of({ market: { 'BTC-PERP': enough } })['BTC-PERP']?.status).toBe('forecast')
  })
  test('edge: symbols whose last bars differ are each forecast at their own time', () => {
    const late = (market['BTC-PERP'] ?? []).slice(0, -3)
    const outcomes = of({ market: { ...market, 'BTC-PERP': late } })
    expect(given(outcomes['BTC-PERP']).asOf).toBe(late.at(-1)?.closeAt)
    expect(given(outcomes['ETH-PERP']).asOf).toBe(market['ETH-PERP']?.at(-1)?.closeAt)
  })

  test.each([
    ['NaN', Number.NaN],
    ['infinite', 3e38],
    ['far too high', 8],
    ['far too low', -8],
  ])('a network that is %s: the baseline answers and says so', (_, bias) => {
    const broken = of({ model: biased(bias) })['ETH-PERP']
    expect(broken).toMatchObject({ forecast: { source: 'baseline' }, fallback: { code: 'NETWORK_UNBELIEVABLE' } })
    expect(given(broken)).toEqual(given(of({ model: { ...model, network: null } })['ETH-PERP']))
  })
  test('the baseline is floored at the last good forecast, figure by figure; the champion is not', () => {
    const base = given(of({ model: biased(Number.NaN) })['ETH-PERP'])
    const lastGood = {
      'ETH-PERP': {
        ...base,
        source: 'champion' as const,
        sigmaPpm: 4_000_000,
        closeOut: { longPpm: 1, shortPpm: 500_000 },
        throughTheCycle: { longPpm: 400_000, shortPpm: 1 },
      },
    }
    expect(given(of({ model: biased(Number.NaN), lastGood })['ETH-PERP'])).toEqual({
      ...base,
      sigmaPpm: 4_000_000,
      closeOut: { longPpm: base.closeOut.longPpm, shortPpm: 500_000 },
      throughTheCycle: { longPpm: 400_000, shortPpm: base.throughTheCycle.shortPpm },
    })
    expect(given(of({ lastGood })['ETH-PERP'])).toEqual(given(of()['ETH-PERP']))
  })
  test('edge: a market that stands still is given 5 % a year, not nothing', () => {
    const still: Bar.Bar[] = Array.from({ length: Features.barsNeeded }, (_, i) => ({
      closeAt: 300 * (i + 1),
      open: 1,
      high: 1,
      low: 1,
      close: 1,
    }))
    const forecast = given(of({ market: { 'USD-PERP': still } })['USD-PERP'])
    expect(forecast).toMatchObject({ source: 'baseline', sigmaPpm: 50_001 })
    expect(forecast.closeOut.longPpm).toBeGreaterThan(0)
  })
  test('property: a figure that cannot be stated is unavailable, never a number', () => {
    const endless = { ...model.parameters, baseline: model.parameters.baseline.map((each) => ({ ...each, intercept: 700 })) }
    expect(of({ model: { ...model, parameters: endless, network: null } })['ETH-PERP']).toMatchObject({
      status: 'unavailable',
      error: { name: 'Forecast.UnusableError', code: 'FORECAST_UNUSABLE' },
    })
  })
})

describe('isBelievable', () => {
  const variances = (sigma: number): number[] => Features.horizonsSeconds.map((seconds) => (sigma * sigma * seconds) / 31_536_000)
  test('edge: the bounds themselves are believed, what is beyond them is not', () => {
    expect([0.0501, 0.6, 4.999].map((sigma) => Forecast.isBelievable(variances(sigma)))).toEqual([true, true, true])
    expect([0.0499, 5.001, Number.NaN, Number.POSITIVE_INFINITY].map((sigma) => Forecast.isBelievable(variances(sigma)))).toEqual([
      false,
      false,
      false,
      false,
    ])
    expect(Forecast.isBelievable([...variances(1).slice(0, 2), Number.NaN])).toBe(false)
  })
})

describe('varianceOver', () => {
  test('worked example', () => {
    expect([300, 3_600, 7_200, 14_400, 43_200].map((seconds) => Forecast.varianceOver([12, 40, 200], seconds))).toEqual([
      1, 12, 20, 40, 100,
    ])
    expect(Forecast.varianceOver([12, 40, 200], 86_401)).toBeNaN()
  })
})
