import canonicalize from 'canonicalize'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Inputs from './Inputs.ts'
import * as Parse from './Parse.ts'
import * as Arbitrary from './testing/arbitrary.ts'
import * as Worked from './testing/worked.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 300)
const { inputs } = Worked
const { params, market } = inputs

/** The same value with every bigint as its decimal string, for the outside judge. */
function wired(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (Array.isArray(value)) return value.map(wired)
  return typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value).map(([key, it]) => [key, wired(it)]))
    : value
}

/** The worked example as it comes over a wire, with the value at a path replaced; undefined takes the field away. */
function wire(path: string, value: unknown): string {
  const document: unknown = JSON.parse(Inputs.canonical(inputs))
  const steps = path.split('.')
  const last = steps.pop() ?? ''
  const room = steps.reduce((at, step) => (at as Record<string, unknown>)[step], document) as Record<string, unknown>
  room[last] = value
  return JSON.stringify(document)
}

const rising = (length: number) => Array.from({ length }, (_, i) => i + 1)

/** Lists of a length, as they come over a wire. */
const tiersOf = (length: number) => rising(length).map((upTo) => ({ upTo: upTo === length ? null : `${upTo}`, ppm: upTo }))
const weightsOf = (length: number) => rising(length).map((upTo) => ({ upTo: upTo === length ? null : `${upTo}`, weightPpm: 0 }))
function lotsOf(length: number): unknown[] {
  const [lot] = JSON.parse(Inputs.canonical(inputs)).view.lots
  return rising(length).map((number) => ({ ...lot, lotId: `0x${number.toString(16).padStart(64, '0')}` }))
}

function refusal(read: () => unknown): { code: string; path: string; message: string; hint: string; name: string } {
  try {
    read()
  } catch (error) {
    if (error instanceof Parse.UnreadableDocumentError || error instanceof Inputs.InvalidInputsError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

describe('canonical', () => {
  test('worked example', () => {
    expect(Inputs.canonical(inputs).slice(0, 142)).toBe(
      '{"asOf":1790000000,"brake":{"bookHash":"0x9999999999999999999999999999999999999999999999999999999999999999","long":[{"ppm":0,"upToNotional":"1',
    )
  })

  test('vector: the text the canonicalize package gives', () => {
    fc.assert(
      fc.property(Arbitrary.inputs, (it) => {
        expect(Inputs.canonical(it)).toBe(canonicalize(wired(it)))
      }),
      { numRuns },
    )
  })

  test('property: reads back as what it was, and writes the same text again', () => {
    fc.assert(
      fc.property(Arbitrary.inputs, (it) => {
        const text = Inputs.canonical(it)
        const read = Inputs.parse(text)
        expect(read).toEqual(it)
        expect(Inputs.canonical(read)).toBe(text)
      }),
      { numRuns },
    )
  })

  test('property: the order of the fields changes nothing', () => {
    const turned = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(turned)
      if (typeof value !== 'object' || value === null) return value
      return Object.fromEntries(
        Object.entries(value)
          .toReversed()
          .map(([key, it]) => [key, turned(it)]),
      )
    }
    expect(Inputs.canonical(turned(inputs) as Inputs.Inputs)).toBe(Inputs.canonical(inputs))
  })

  test('error: a document that could not be read back has no canonical text', () => {
    const broken = (change: object) => refusal(() => Inputs.canonical({ ...inputs, ...change } as Inputs.Inputs))
    expect(broken({ asOf: 1.5 })).toMatchObject({ path: 'asOf', message: 'asOf must be a whole number ≥ 0.' })
    expect(broken({ asOf: Number.NaN }).path).toBe('asOf')
    expect(broken({ growth: { ceiling: '5' } })).toMatchObject({
      path: 'growth.ceiling',
      message: 'growth.ceiling must be an unsigned bigint.',
    })
    expect(broken({ growth: { ceiling: 10n ** 78n } }).path).toBe('growth.ceiling')
    expect(broken({ note: 'extra' })).toMatchObject({ path: 'note', message: 'note is not a field of this document.' })
    const [lot] = inputs.view.lots
    expect(broken({ view: { lots: [{ ...lot, credit: 5n }], missing: [] } }).path).toBe('view.lots[0].credit')
  })
})

describe('canonicalParams', () => {
  test('worked example: what the document holds under params', () => {
    expect(Inputs.canonical(inputs)).toContain(`"params":${Inputs.canonicalParams(params)}`)
    expect(Inputs.canonicalParams(params)).toBe(canonicalize(wired(params)))
  })

  test('error: parameters that cannot be meant', () => {
    expect(refusal(() => Inputs.canonicalParams({ ...params, tierDiscountPpm: [1, 2, 3, 4] })).code).toBe('INPUTS_INVALID')
  })
})

describe('parse', () => {
  test('worked example', () => {
    expect(Inputs.parse(Inputs.canonical(inputs))).toEqual(inputs)
  })

  test('edge: blanks and other orders are read', () => {
    expect(Inputs.parse(JSON.stringify(JSON.parse(Inputs.canonical(inputs)), null, 2))).toEqual(inputs)
  })

  test.each<[string, string, unknown]>([
    ['a float', 'ledger.fees', '1.5'],
    ['a number for an amount', 'ledger.fees', 1],
    ['hex', 'ledger.fees', '0x10'],
    ['empty', 'ledger.fees', ''],
    ['true', 'ledger.fees', true],
    ['null', 'ledger.fees', null],
    ['a leading zero', 'ledger.fees', '01'],
    ['a sign', 'ledger.fees', '-1'],
    ['a trailing newline', 'ledger.fees', '1\n'],
    ['80 digits', 'ledger.fees', '1'.repeat(80)],
    ['missing', 'ledger.fees', undefined],
    ['a float rate', 'params.betaPpm', 0.5],
    ['a rate above 1000 %', 'params.betaPpm', 10_000_001],
    ['a haircut above 100 %', 'view.lots.0.haircuts.agePpm', 1_000_001],
    ['a long that loses more than all', 'forecast.closeOut.longPpm', 1_000_001],
    ['a negative time', 'asOf', -1],
    ['a time that no float holds', 'asOf', 2 ** 53],
    ['an unknown version', 'version', 3],
    ['an upper-case hash', 'subject.market', `0x${'E'.repeat(64)}`],
    ['a checksummed address', 'subject.account', `0x${'A'.repeat(40)}`],
    ['a short hash', 'view.lots.0.lotId', '0x12'],
    ['an unknown custody', 'view.lots.0.custody', 'BORROWED'],
    ['an unknown curve', 'market.initial.kind', 'cubic'],
    ['a field of another curve', 'market.initial.tiers', []],
    ['an unknown side', 'ledger.position.side', 'both'],
    ['an unknown tier', 'grant.tier', 4],
    ['a tier as text', 'grant.tier', '1'],
    ['too many decimals', 'view.lots.0.decimals', 78],
    ['a zero price', 'market.price.index', '0'],
    ['an empty name', 'market.symbol', ''],
    ['a name with a newline', 'market.symbol', 'ETH\nPERP'],
    ['a list for a room', 'ledger', []],
    ['a room for a list', 'view.lots', {}],
    ['too few discounts', 'params.tierDiscountPpm', [0, 0, 0]],
    ['too many discounts', 'params.tierDiscountPpm', [0, 0, 0, 0, 0]],
    ['no concentration', 'params.concentration', []],
    ['17 steps', 'brake.long', rising(17).map((upTo) => ({ upToNotional: `${upTo}`, ppm: 0 }))],
    ['65 weights', 'params.concentration', weightsOf(65)],
    ['1001 lots', 'view.lots', lotsOf(1_001)],
    ['321 that are missing', 'view.missing', rising(321).map((chainId) => ({ chainId, code: 'X' }))],
    ['65 reasons', 'grant.reasons', rising(65).map(() => ({ code: 'X', points: 0 }))],
    ['an unknown field', 'view.lots.0.credit', '5'],
    ['__proto__', 'ledger.constructor', {}],
  ])('error: %s', (_, path, value) => {
    const refused = refusal(() => Inputs.parse(wire(path, value)))
    expect(refused).toMatchObject({ name: 'Parse.UnreadableDocumentError', code: 'DOCUMENT_UNREADABLE' })
    expect(refused.path).toBe(path.replace('.0.', '[0].'))
    expect(refused.message.startsWith(refused.path)).toBe(true)
    expect(refused.hint).not.toBe('')
  })

  test.each<[string, string, unknown]>([
    ['16 steps', 'brake.long', rising(16).map((upTo) => ({ upToNotional: `${upTo}`, ppm: 0 }))],
    ['64 tiers', 'market.initial', { kind: 'tiers', tiers: tiersOf(64) }],
    ['64 weights', 'params.concentration', weightsOf(64)],
    ['1000 lots', 'view.lots', lotsOf(1_000)],
    ['no lot', 'view.lots', []],
    ['320 that are missing', 'view.missing', rising(320).map((chainId) => ({ chainId, code: 'X' }))],
    ['a holder who is not counted', 'view.missing', [{ chainId: 1, code: 'HOLDER_UNTIED', holder: `0x${'0b'.repeat(20)}` }]],
    ['64 reasons', 'grant.reasons', rising(64).map(() => ({ code: 'X', points: 0 }))],
    ['77 decimals', 'view.lots.0.decimals', 77],
  ])('edge: as much as may be: %s', (_, path, value) => {
    expect(() => Inputs.parse(wire(path, value))).not.toThrow()
  })

  test('error: who is not counted is no address, or nobody', () => {
    for (const holder of ['0x0b', `0x${'0B'.repeat(20)}`, null])
      expect(refusal(() => Inputs.parse(wire('view.missing', [{ chainId: 1, code: 'X', holder }]))).path).toBe('view.missing[0].holder')
  })

  test('error: no tier, and more than 64', () => {
    for (const tiers of [[], tiersOf(65)])
      expect(refusal(() => Inputs.parse(wire('market.initial', { kind: 'tiers', tiers }))).path).toBe('market.initial.tiers')
  })

  test('error: readable, and together not to be meant', () => {
    expect(refusal(() => Inputs.parse(wire('market.initial.ppm', 0)))).toMatchObject({ code: 'INPUTS_INVALID', path: 'market.initial' })
  })

  test('error: a path names the innermost field, through lists and rooms', () => {
    expect(refusal(() => Inputs.parse(wire('brake.long.1.ppm', -1))).path).toBe('brake.long[1].ppm')
    expect(refusal(() => Inputs.parse(wire('params.tierDiscountPpm.2', 'x'))).path).toBe('params.tierDiscountPpm[2]')
    expect(refusal(() => Inputs.parse(Inputs.canonical(inputs).replace('"fees"', '"__proto__"'))).path).toBe('ledger.fees')
  })

  test('error: not JSON, not an object', () => {
    for (const text of ['', '{', 'null', '[]', '5', '"x"']) expect(refusal(() => Inputs.parse(text))).toMatchObject({ path: '' })
    expect(refusal(() => Inputs.parse('{')).message).toBe('The document is not JSON.')
  })
})

describe('assertValid', () => {
  const usd = (amount: number) => BigInt(amount) * 10n ** 18n
  const tiers = (list: readonly (readonly [bigint | null, number])[]): Inputs.Curve => ({
    kind: 'tiers',
    tiers: list.map(([upTo, ppm]) => ({ upTo, ppm })),
  })
  const inMarket = (change: Partial<Inputs.Market>) => ({ ...inputs, market: { ...market, ...change } })
  const inParams = (change: Partial<Inputs.Params>) => ({ ...inputs, params: { ...params, ...change } })
  const [lot] = inputs.view.lots
  if (!lot) throw new Error('the worked example has a lot')

  test('worked example', () => {
    expect(() => Inputs.assertValid(inputs)).not.toThrow()
  })

  test.each<[string, Inputs.Inputs, string]>([
    [
      'tiers whose rate falls',
      inMarket({
        initial: tiers([
          [1n, 2],
          [null, 1],
        ]),
      }),
      'market.initial.tiers',
    ],
    [
      'tiers that do not rise',
      inMarket({
        initial: tiers([
          [5n, 1],
          [5n, 2],
          [null, 3],
        ]),
      }),
      'market.initial.tiers',
    ],
    [
      'a tier of no width',
      inMarket({
        liquidity: tiers([
          [0n, 1],
          [null, 2],
        ]),
      }),
      'market.liquidity.tiers',
    ],
    ['tiers that end', inMarket({ initial: tiers([[5n, 1]]) }), 'market.initial.tiers'],
    [
      'tiers open in the middle',
      inMarket({
        initial: tiers([
          [null, 1],
          [null, 2],
        ]),
      }),
      'market.initial.tiers',
    ],
    ['an empty ramp', inMarket({ initial: { kind: 'openInterest', ppm: 1, lower: 5n, upper: 5n } }), 'market.initial.upper'],
    [
      'a ramp that falls to 100 %',
      inMarket({ initial: { kind: 'openInterest', ppm: 1_000_001, lower: 5n, upper: 6n } }),
      'market.initial.ppm',
    ],
    ['a schedule without margin', inMarket({ initial: { kind: 'flat', ppm: 0 } }), 'market.initial'],
    ['maintenance without margin', inMarket({ maintenance: { kind: 'flat', ppm: 0 } }), 'market.maintenance'],
    [
      'a schedule without margin for one unit',
      inMarket({
        initial: tiers([
          [1n, 0],
          [null, 1],
        ]),
      }),
      'market.initial',
    ],
    [
      'a schedule without margin in an empty market',
      inMarket({ initial: { kind: 'openInterest', ppm: 0, lower: 1n, upper: 5n } }),
      'market.initial',
    ],
    [
      'maintenance one ppm above the cap, without a buffer',
      { ...inMarket({ maintenance: { kind: 'flat', ppm: 1_000_001 } }), params: { ...params, betaPpm: 0 } },
      'market.maintenance',
    ],
    ['maintenance with no room below the cap', inMarket({ maintenance: { kind: 'flat', ppm: 800_001 } }), 'market.maintenance'],
    [
      'maintenance that grows out of it',
      inMarket({ maintenance: { kind: 'openInterest', ppm: 1, lower: 0n, upper: usd(5_000_000) } }),
      'market.maintenance',
    ],
    ['a cap no certificate can say', inMarket({ caps: { side: 1n << 128n, participant: 1n << 128n } }), 'market.caps.participant'],
    [
      'weights that rise',
      inParams({
        concentration: [
          { upTo: 5n, weightPpm: 1 },
          { upTo: null, weightPpm: 2 },
        ],
      }),
      'params.concentration',
    ],
    ['weights that end', inParams({ concentration: [{ upTo: 5n, weightPpm: 1 }] }), 'params.concentration'],
    ['a discount for the unknown', inParams({ tierDiscountPpm: [1, 2, 3, 4] }), 'params.tierDiscountPpm'],
    ['a discount of everything', inParams({ tierDiscountPpm: [0, 0, 0, 1_000_000] }), 'params.tierDiscountPpm'],
    ['no cap for longs', inParams({ longCapPpm: 0, floorPpm: 0 }), 'params.longCapPpm'],
    ['a floor above the cap', inParams({ floorPpm: 1_000_001 }), 'params.floorPpm'],
    [
      'a brake that eases',
      {
        ...inputs,
        brake: {
          ...inputs.brake,
          long: [
            { upToNotional: 1n, ppm: 2 },
            { upToNotional: 2n, ppm: 1 },
          ],
        },
      },
      'brake.long',
    ],
    [
      'a brake that does not rise',
      {
        ...inputs,
        brake: {
          ...inputs.brake,
          short: [
            { upToNotional: 1n, ppm: 2 },
            { upToNotional: 1n, ppm: 2 },
          ],
        },
      },
      'brake.short',
    ],
    ['a lot twice', { ...inputs, view: { lots: [lot, lot], missing: [] } }, 'view.lots'],
    [
      'a flat position with a size',
      { ...inputs, ledger: { ...inputs.ledger, position: { side: 'flat', notional: 1n } } },
      'ledger.position',
    ],
  ])('error: %s', (_, it, path) => {
    const refused = refusal(() => Inputs.assertValid(it))
    expect(refused).toMatchObject({ name: 'Inputs.InvalidInputsError', code: 'INPUTS_INVALID', path })
    expect(refused.message).toBe(`${path}: ${refused.message.slice(path.length + 2)}`)
  })

  test('bug: what was in doubt on a chain kept everything else there from being read', () => {
    const doubted = { ...inputs, view: { lots: [lot], missing: [{ chainId: lot.chainId, code: 'ORACLE_STALE' }] } }
    expect(() => Inputs.assertValid(doubted)).not.toThrow()
    expect(Inputs.parse(Inputs.canonical(doubted))).toEqual(doubted)
  })

  test('edge: the greatest maintenance margin that leaves room, and the first step at 0', () => {
    expect(() => Inputs.assertValid(inMarket({ maintenance: { kind: 'flat', ppm: 800_000 } }))).not.toThrow()
    expect(() => Inputs.assertValid(inMarket({ caps: { side: usd(1), participant: (1n << 128n) - 1n } }))).not.toThrow()
    // One participant is never larger than the side: √(2 / 1) · 40 % is judged at 2, not at the participant's cap.
    const root: Inputs.Curve = { kind: 'sqrt', ppm: 0, coefficientPpm: 400_000, unit: usd(1) }
    expect(() => Inputs.assertValid(inMarket({ maintenance: root, caps: { side: usd(2), participant: usd(900) } }))).not.toThrow()
    expect(() => Inputs.assertValid(inMarket({ maintenance: root, caps: { side: usd(900), participant: usd(900) } }))).toThrow()
    expect(() =>
      Inputs.assertValid(
        inMarket({
          initial: tiers([
            [5n, 1],
            [null, 1],
          ]),
        }),
      ),
    ).not.toThrow()
    const free = tiers([
      [5n, 0],
      [null, 1],
    ])
    expect(() => Inputs.assertValid(inMarket({ liquidity: free }))).not.toThrow()
    expect(() => Inputs.assertValid(inParams({ floorPpm: 1_000_000 }))).not.toThrow()
    expect(() => Inputs.assertValid(inParams({ tierDiscountPpm: [0, 0, 0, 999_999] }))).not.toThrow()
    expect(() => Inputs.assertValid(inMarket({ initial: { kind: 'openInterest', ppm: 1_000_000, lower: 5n, upper: 6n } }))).not.toThrow()
    // The fullest market there can be: 5 million a side, of which one participant has 1 million.
    const ramp = (upper: number): Inputs.Curve => ({ kind: 'openInterest', ppm: 1, lower: usd(1), upper: usd(upper) })
    expect(() => Inputs.assertValid(inMarket({ maintenance: ramp(6_300_000) }))).not.toThrow()
    expect(() => Inputs.assertValid(inMarket({ maintenance: ramp(6_200_000) }))).toThrow(Inputs.InvalidInputsError)
    expect(() => Inputs.assertValid({ ...inputs, brake: { ...inputs.brake, long: [{ upToNotional: 0n, ppm: 0 }] } })).not.toThrow()
  })
})

describe('assertMarket, assertParams', () => {
  test('the same rules, for whoever loads a market or parameters alone', () => {
    expect(() => Inputs.assertMarket(market, params)).not.toThrow()
    expect(() => Inputs.assertParams(params)).not.toThrow()
    expect(refusal(() => Inputs.assertMarket({ ...market, maintenance: { kind: 'flat', ppm: 800_001 } }, params)).path).toBe(
      'market.maintenance',
    )
    expect(refusal(() => Inputs.assertMarket({ ...market, liquidationCostPpm: -1 }, params)).path).toBe('liquidationCostPpm')
    expect(refusal(() => Inputs.assertParams({ ...params, floorPpm: -1 })).path).toBe('floorPpm')
  })
})
