import { describe, expect, test } from 'vitest'
import { Attack, Model, Pair } from './index.ts'

const day = 86_400
const asOf = 400 * day
const market = { initialPpm: 100_000, maintenancePpm: 50_000, windowSeconds: day }
const suite = Attack.suite(asOf)
const outcome = (name: string, sigmaPpm = 900_000) => {
  const attack = suite.find((each) => each.name === name)
  if (!attack) throw new Error(name)
  return Attack.run(attack, { model: Model.first, asOf, sigmaPpm, market })
}

describe('run', () => {
  test('worked example: gain is V·N and the carry of b·IM·N, both up', () => {
    const { reach, gain } = outcome('build-up and default')
    const value = BigInt(Pair.valuePpm({ ...market, sigmaPpm: 900_000, quantilePpm: 0 }))
    const up = (a: bigint, b: bigint) => (a + b - 1n) / b
    // T2 at 20 %: the score of 360 good days is above what the tier allows
    expect(gain).toBe(up(value * reach, 10n ** 6n) + up(200_000n * 100_000n * 8_220n * reach, 10n ** 18n))
    expect(outcome('build-up and default').cost).toBe(1_440n * 10n ** 18n)
  })

  test('worked example: a split reaches no further than the whole, two histories twice as far for twice the fees', () => {
    const whole = outcome('build-up and default')
    expect(outcome('split').reach).toBeLessThanOrEqual(whole.reach)
    expect(outcome('opposite pair')).toMatchObject({ reach: 2n * whole.reach, cost: 2n * whole.cost, returnPpm: whole.returnPpm })
  })

  test('worked example: what nothing was risked for carries nothing', () => {
    for (const name of ['whitewash', 'wash trading', 'flash history'])
      expect(outcome(name)).toMatchObject({ reach: 0n, gain: 0n, returnPpm: 0 })
    expect(outcome('vouching ring')).toMatchObject({ gain: 0n, cost: 0n, returnPpm: null })
  })

  test('worked example: fees bought on the last day are spent once: a hundredth is kept', () => {
    const { returnPpm } = outcome('fees bought late')
    expect(returnPpm).toBeLessThanOrEqual(990_001)
    expect(returnPpm).toBeGreaterThan(980_000)
  })

  test('vector: what each returned when the page was written, gain and cost to the last unit', () => {
    const table = Object.fromEntries(
      suite.map(({ name }) => [
        name,
        [300_000, 900_000, 3_000_000].map((sigma) => outcome(name, sigma)).map((it) => [it.gain, it.cost].join(' of ')),
      ]),
    )
    expect(table).toMatchInlineSnapshot(`
      {
        "build-up and default": [
          "298020000000000000000 of 1440000000000000000000",
          "772750472887031850098 of 1440000000000000000000",
          "772750472887031850098 of 1440000000000000000000",
        ],
        "cherry-picked bundle": [
          "298020000000000000000 of 1800000000000000000000",
          "772750472887031850098 of 1800000000000000000000",
          "772750472887031850098 of 1800000000000000000000",
        ],
        "fees bought late": [
          "148500000000000000001 of 150000000000000000000",
          "148500000000000000001 of 150000000000000000000",
          "148500000000000000001 of 150000000000000000000",
        ],
        "flash history": [
          "0 of 1000000000000000000000",
          "0 of 1000000000000000000000",
          "0 of 1000000000000000000000",
        ],
        "opposite pair": [
          "596040000000000000000 of 2880000000000000000000",
          "1545500945774063700196 of 2880000000000000000000",
          "1545500945774063700196 of 2880000000000000000000",
        ],
        "split": [
          "298020000000000000000 of 1440000000000000000000",
          "772750472887031850099 of 1440000000000000000000",
          "772750472887031850099 of 1440000000000000000000",
        ],
        "vouching ring": [
          "0 of 0",
          "0 of 0",
          "0 of 0",
        ],
        "wash trading": [
          "0 of 3000000000000000000000",
          "0 of 3000000000000000000000",
          "0 of 3000000000000000000000",
        ],
        "whitewash": [
          "0 of 1440000000000000000000",
          "0 of 1440000000000000000000",
          "0 of 1440000000000000000000",
        ],
      }
    `)
    const texts = suite.map(({ how, identities }) => `${how} ${identities.map((events) => events.length).join(' ')}`)
    expect(texts).toMatchInlineSnapshot(`
      [
        "Twelve good months, a default that is kept for another name, and a fresh account. 0",
        "The same twelve months dealt out to four wallets. 270 270 270 270",
        "A hundred closes a day against oneself for a month, nine tenths of the fees back as rebates; net exposure is none. 6000",
        "Twelve good months, then the greatest pair the record carries, abandoned. 1080",
        "Two wallets, one with a default; only the good one is shown. 1080",
        "Twelve months of exposure without fees, all of them paid on the last day, when they have not faded. 721",
        "Two identities, twelve good months each, opposite positions at the greatest reach, the loser abandoned. 1080 1080",
        "Ten fresh identities that vouch for each other: a record has no place for vouching. 0 0 0 0 0 0 0 0 0 0",
        "A thousand closes and a huge exposure within one hour of the request, fees paid in full. 1002",
      ]
    `)
  })

  test('vector: what each attacker does, to the last event', () => {
    const digest = (text: string) =>
      [...text].reduce((hash, letter) => Math.imul(hash ^ letter.charCodeAt(0), 16_777_619) >>> 0, 2_166_136_261)
    const text = (events: unknown) => JSON.stringify(events, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value))
    expect(Object.fromEntries(suite.map(({ name, identities }) => [name, digest(text(identities))]))).toMatchInlineSnapshot(`
      {
        "build-up and default": 1789573605,
        "cherry-picked bundle": 1789573605,
        "fees bought late": 1998251200,
        "flash history": 2096488479,
        "opposite pair": 3656097709,
        "split": 1804123505,
        "vouching ring": 3150750573,
        "wash trading": 1824299771,
        "whitewash": 3113245013,
      }
    `)
    expect(Attack.regimes).toEqual([300_000, 600_000, 900_000, 1_200_000, 2_000_000, 3_000_000])
  })

  test('edge: a gain without any cost is an endless return', () => {
    const free = { ...Model.first, record: { ...Model.first.record, seedPerFee: 1 } }
    expect(
      Attack.run({ name: 'x', how: '', identities: [[]], sunk: 0n }, { model: free, asOf, sigmaPpm: 900_000, market }).returnPpm,
    ).toBeNull()
  })

  test('property: every attack’s return is below 1 at every σ̂, at every window and margin', () => {
    for (const windowSeconds of [600, 28_800, day])
      for (const [initialPpm, maintenancePpm] of [
        [20_000, 10_000],
        [100_000, 50_000],
        [500_000, 250_000],
      ] as const)
        for (const attack of suite)
          for (const sigmaPpm of Attack.regimes) {
            const found = Attack.run(attack, { model: Model.first, asOf, sigmaPpm, market: { initialPpm, maintenancePpm, windowSeconds } })
            expect(found.returnPpm ?? 0, `${attack.name} at ${sigmaPpm}`).toBeLessThan(1_000_000)
          }
  })
})
