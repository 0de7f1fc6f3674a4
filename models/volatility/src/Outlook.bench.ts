/**
 * Fifteen assets over the horizons of the suite that comes along, from signals to variances: on the backend that loads here, without tfjs, and
 * the regression alone. Rows of seed 42. Compare the minima; reading bars and adding them up to signals is not in it.
 */
import { Features, Glm, Random } from '@plimsoll/volatility'
import { expect, test } from 'vitest'
import * as Backend from './Backend.ts'
import * as Outlook from './Outlook.ts'
import * as Registry from './Registry.ts'
import * as Suite from './Suite.ts'

const directory = Registry.defaultDirectory
const backend = await Backend.load()
const suite = await Suite.load({ directory, backend, ...Registry.find(await Registry.read(directory), '0.4.0') })
const random = Random.of(42, 'bench')
const members = suite.members.map((served) => ({
  served,
  layers: served.network === null ? [] : Suite.layers(served.network),
  rows: Array.from({ length: 15 }, () => ({
    values: Float64Array.from(
      served.member.standard.mean,
      (mean, k) => mean + (served.member.standard.deviation[k] ?? 0) * random.normal(),
    ),
  })),
}))
let sink = 0

test('fifteen assets, every horizon', async ({ bench }) => {
  await bench.compare(
    bench('baseline: the regression alone', () => {
      for (const { served, rows } of members)
        for (const { values } of rows) sink += Glm.forecast(served.member.base, Features.standardise({ values, ...served.member.standard }))
    }),
    bench(`champion, ${backend.name}`, () => {
      for (const { served, rows } of members) sink += Outlook.predict(served, rows).champion[0] ?? 0
    }),
    bench('champion without tfjs', () => {
      for (const { served, rows, layers } of members) for (const { values } of rows) sink += Outlook.plain(served.member, layers, values)
    }),
  )
  expect(sink).toBeGreaterThan(0)
})
