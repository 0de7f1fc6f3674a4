import { describe, expect, test } from 'vitest'
import { type Book, Calibrator, Forecast, Prediction, Relief } from '../packages/liquidation/src/index.ts'
import { Fixed } from '../packages/margin/src/index.ts'
import * as Page from './testing/Page.ts'

const number = (cell = '') => Number(cell.replaceAll(/[,%\s]/g, ''))

describe('docs/method/prediction.md', () => {
  const rows = Page.table(Page.read('prediction.md'), '| side |')

  test('has its rows', () => {
    expect(rows).toHaveLength(7)
  })

  test.each(rows)('a %s on %s at a spread of %s', (side, equity, spread, ...told) => {
    const sigma = number(spread) / 100
    const forecast = Forecast.of({
      ...{ horizonSeconds: 3_600, intervalSeconds: 60, calibrator: Calibrator.none },
      markets: { ETH: { variance: sigma * sigma, loading: 0, jumps: Forecast.still } },
    })
    const owned = Fixed.parse((equity ?? '').replaceAll(',', ''))
    const position = { market: 'ETH', side: side as Book.Side, notional: 100_000n * Fixed.one, maintenancePpm: 50_000 }
    const account = { account: 'a', equity: owned, collateral: owned, positions: [position] }
    const found = Prediction.of(account, forecast)
    if (found.status !== 'exposed') throw new Error(found.status)
    const target = Relief.deviations(0.01, forecast) * sigma
    const relief = Relief.of(account, 'ETH', { forecast, goal: { probability: 0.01, feePpm: 500 } })
    const percent = (share: number) => `${(100 * share).toFixed(3)} %`
    expect([
      percent(found.distance),
      (found.distance / sigma + Prediction.monitoring(forecast)).toFixed(4),
      percent(found.probability),
      percent(target),
      percent(Relief.ratio(position.side, 0.05, target)),
    ]).toEqual(told.slice(0, -1))
    expect(relief.status).toBe(told.at(-1) === 'none' ? 'none' : 'reaches')
    if (relief.status === 'reaches') expect(Number(relief.size) / 1e18).toBeCloseTo(number(told.at(-1)), 2)
  })
})
