import { describe, expect, test } from 'vitest'
import { Attack, Bins, Calibration, Discrimination, Model, Stability } from '../packages/reputation/src/index.ts'
import * as Page from './testing/Page.ts'

const page = Page.read('reputation.md')

const table = (heading: string) => Page.table(page.replaceAll('−', '-'), heading)

describe('docs/method/reputation.md', () => {
  test('its counts at their word', () => {
    const rows = table('| good | bad |')
    expect(rows).toHaveLength(5)
    const pointsOf = (woe: number) => Math.floor((-40 / Math.LN2) * woe)
    for (const [good = '', bad = '', odds = '', pd = '', goodPoints = '', badPoints = ''] of rows) {
      const [goodBin] = Bins.conjugate([Number(good) * 1_000_000], 'good', 0.25)
      // a bad count is taken at its bin's upper edge
      const [, badBin] = Bins.conjugate([0, 1, Number(bad) * 1_000_000], 'bad', 0.25)
      const evidence = (goodBin?.woe ?? Number.NaN) + (bad === '0' ? 0 : (badBin?.woe ?? Number.NaN))
      expect(`${0.25 + Number(bad)} : ${0.25 + Number(good)}`).toBe(odds)
      expect(`${((100 * Math.exp(evidence)) / (1 + Math.exp(evidence))).toFixed(2)} %`).toBe(pd)
      expect(pointsOf(goodBin?.woe ?? Number.NaN)).toBe(Number(goodPoints))
      expect(bad === '0' ? 0 : pointsOf(badBin?.woe ?? Number.NaN)).toBe(Number(badPoints))
    }
  })

  test('its four forecasts', () => {
    const forecasts = table('| PD | outcome |').map(([pd, outcome]) => ({ subject: 's', pd: Number(pd), bad: outcome === 'bad' }))
    expect(page).toContain('Of these four: AUC 0.75, KS 0.5, Brier 0.165.')
    expect([Discrimination.auc(forecasts), Discrimination.ks(forecasts)]).toEqual([0.75, 0.5])
    expect(Calibration.brier(forecasts)).toBeCloseTo(0.165, 12)
    expect(page).toContain('PSI is 0.879: an alarm')
    const { psi, status } = Stability.of([5_000, 5_000], [9_000, 1_000])
    expect([Number(psi.toFixed(3)), status]).toEqual([0.879, 'alarm'])
  })

  test('its returns on attack', () => {
    const asOf = 400 * 86_400
    const market = { initialPpm: 100_000, maintenancePpm: 50_000, windowSeconds: 86_400 }
    const found = Attack.suite(asOf).map((attack) => [
      attack.name,
      ...Attack.regimes.map((sigmaPpm) => {
        const { returnPpm } = Attack.run(attack, { model: Model.first, asOf, sigmaPpm, market })
        return returnPpm === null ? '–' : (returnPpm / 1_000_000).toFixed(3)
      }),
    ])
    expect(table('| attack |')).toEqual(found)
  })
})
