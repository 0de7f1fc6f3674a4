import { describe, expect, test } from 'vitest'
import * as Endings from './Endings.ts'

const ended = (account: string, issuedAt = 1, other: string | null = null): Endings.Ended => ({ account, other, issuedAt })
/** Room for so little that a test can fill it. */
const small = { lasting: 2, others: 4, named: 3 }

/** Everything that is known, in one order. */
const known = (of: Endings.Endings) =>
  [...of.words()].flatMap((word) => word.ended.map((one) => JSON.stringify([one, word.from, word.lasts]))).sort()

describe('keepEnded', () => {
  test('worked example: the latest word counts, of each other by itself', () => {
    const of = Endings.open()
    for (const one of [ended('a', 3, 'b'), ended('a', 2), ended('a', 4, 'b')]) of.keepEnded(one, { from: '' })
    expect([null, 'b', 'c'].map((other) => of.endedAt({ account: 'a', other }))).toEqual([2, 4, null])
    expect(of.endedAt({ account: 'b', other: 'a' })).toBe(null)
  })

  test('worked example: a word to everybody takes the place of those before it, and of none after', () => {
    const of = Endings.open()
    for (const one of [ended('a', 3, 'b'), ended('a', 5, 'c'), ended('a', 6, 'd'), ended('a', 5)]) of.keepEnded(one, { from: '' })
    expect([null, 'b', 'c', 'd'].map((other) => of.endedAt({ account: 'a', other }))).toEqual([5, null, null, 6])
    for (const one of [ended('a', 5, 'b'), ended('a', 4), ended('a', 6, 'd')])
      expect(of.roomFor(one, { from: '' })).toEqual({ status: 'known' })
    expect(of.roomFor(ended('a', 6, 'b'), { from: '' })).toEqual({ status: 'free' })
    of.keepEnded(ended('a', 2, 'b'), { from: '' })
    expect(of.counts().brought).toBe(2)
  })
})

describe('roomFor', () => {
  /** One network has all of it. */
  const full = () => {
    const of = Endings.open(small)
    for (const account of ['a', 'b', 'c', 'd']) of.keepEnded(ended(account), { from: 'north' })
    return of
  }
  const crowded = (accounts: readonly string[]) => ({ status: 'crowded', accounts })

  test('worked example: who comes after a network has filled it takes the place of its oldest', () => {
    const of = full()
    // As many as leave it no fewer than the one who comes.
    expect(of.roomFor(ended('z'), { from: 'south' })).toEqual(crowded(['a', 'b', 'c']))
    of.forgetEnded(['a'])
    expect(of.roomFor(ended('z'), { from: 'south' })).toEqual({ status: 'free' })
    of.keepEnded(ended('z'), { from: 'south' })
    // Now 3 and 1: from the north whoever comes takes a place of the north's.
    expect(of.roomFor(ended('e'), { from: 'north' })).toEqual(crowded(['b', 'c', 'd']))
    expect(of.roomFor(ended('y'), { from: 'south' })).toEqual(crowded(['b']))
    of.forgetEnded(['b'])
    of.keepEnded(ended('y'), { from: 'south' })
    // 2 and 2: nobody takes another's.
    expect(of.roomFor(ended('x'), { from: 'south' })).toEqual(crowded(['z', 'y']))
    expect(of.roomFor(ended('w'), { from: 'west' })).toEqual(crowded(['c']))
  })

  test('edge: where everybody has one, who comes takes nobody’s', () => {
    const of = Endings.open(small)
    for (const from of ['a', 'b', 'c', 'd']) of.keepEnded(ended(from), { from })
    expect(of.roomFor(ended('e'), { from: 'e' })).toEqual(crowded([]))
    // But for who has something.
    expect(of.roomFor(ended('e'), { from: 'e', isStaked: true })).toEqual({ status: 'free' })
  })

  test('edge: of one that has one more than its own, who comes takes none: then that one would have fewer', () => {
    const of = Endings.open(small)
    for (const [account, from] of ['north', 'north', 'south', 'west'].entries()) of.keepEnded(ended(`${account}`), { from })
    expect(of.roomFor(ended('z'), { from: 'south' })).toEqual(crowded(['2']))
    expect(of.roomFor(ended('z'), { from: 'east' })).toEqual(crowded(['0']))
  })

  test('edge: what takes no more room is taken where there is none', () => {
    const of = full()
    expect(of.roomFor(ended('a', 2), { from: 'south' })).toEqual({ status: 'free' })
    expect(of.roomFor(ended('a', 2, 'b'), { from: 'north' }).status).toBe('crowded')
    of.forgetEnded(['d'])
    of.keepEnded(ended('a', 2, 'b'), { from: 'north' })
    expect(of.roomFor(ended('a', 3), { from: 'north' })).toEqual({ status: 'free' })
    // Two words would be left of two.
    expect(of.roomFor(ended('c', 3, 'b'), { from: 'north' }).status).toBe('crowded')
  })

  test('bug: words of a gateway that floods took the places of those that their own accounts brought', () => {
    const of = full()
    expect(of.roomFor(ended('z'), { from: null })).toEqual({ status: 'free' })
    for (const account of ['g', 'h', 'i', 'j']) of.keepEnded(ended(account), { from: null })
    expect(of.roomFor(ended('k'), { from: null })).toEqual(crowded(['g', 'h', 'i', 'j']))
    expect(of.counts()).toEqual({ lasting: 0, brought: 4, carried: 4 })
    // Whoever brings himself what a gateway brought has a share of his own.
    expect(of.roomFor(ended('g'), { from: null })).toEqual({ status: 'known' })
    expect(of.roomFor(ended('g'), { from: 'south' })).toEqual(crowded(['a', 'b', 'c']))
    of.forgetEnded(['a'])
    of.keepEnded(ended('g'), { from: 'south' })
    expect(of.counts()).toEqual({ lasting: 0, brought: 4, carried: 3 })
    expect(of.roomFor(ended('g'), { from: 'west' })).toEqual({ status: 'known' })
    expect(of.roomFor(ended('g'), { from: null })).toEqual({ status: 'known' })
  })

  test('error: one account that has parted with as many by name as are kept ends all in one word', () => {
    const of = Endings.open()
    for (let i = 0; i < Endings.sizes.named; i += 1) of.keepEnded(ended('a', 1, `${i}`), { from: '' })
    expect(of.roomFor(ended('a', 2, 'z'), { from: '' })).toEqual({ status: 'many' })
    expect(of.roomFor(ended('a', 2, '0'), { from: '' })).toEqual({ status: 'free' })
    expect(of.roomFor(ended('a', 2), { from: '' })).toEqual({ status: 'free' })
  })
})

describe('weigh', () => {
  test('worked example: who has had something is never forgotten, and makes room for another', () => {
    const of = Endings.open(small)
    of.keepEnded(ended('a'), { from: 'north' })
    of.weigh(new Map([['a', true]]))
    of.weigh(new Map([['a', false]]))
    of.forgetEnded(['a'])
    expect([of.lasts('a'), of.endedAt(ended('a'))]).toEqual([true, 1])
    expect(of.counts()).toEqual({ lasting: 1, brought: 0, carried: 0 })
    expect(of.roomFor(ended('a', 2, 'b'), { from: 'north' })).toEqual({ status: 'free' })
  })

  test('edge: beyond what is kept for good it is as others are', () => {
    const of = Endings.open(small)
    for (const account of ['a', 'b', 'c']) of.keepEnded(ended(account), { from: 'north', isStaked: true })
    expect([of.lasts('b'), of.lasts('c'), of.counts()]).toEqual([true, false, { lasting: 2, brought: 1, carried: 0 }])
    of.weigh(new Map([['c', true]]))
    expect(of.lasts('c')).toBe(false)
  })
})

describe('unweighed', () => {
  test('bug: who had nothing when it was looked, and deposited, was never looked at again, whatever was brought', () => {
    const of = Endings.open(small)
    const nothing = new Map([['a', false]])
    of.keepEnded(ended('a'), { from: 'north' })
    of.weigh(nothing)
    expect(of.unweighed(9)).toEqual([])
    of.weighAgain('a')
    expect(of.unweighed(9)).toEqual(['a'])
    of.weigh(nothing)
    of.keepEnded(ended('a', 2), { from: 'north' })
    expect(of.unweighed(9)).toEqual(['a'])
    // It is no word more, nobody is made known by it, and who is kept for good needs none.
    of.weigh(new Map([['a', true]]))
    for (const account of ['a', 'z']) of.weighAgain(account)
    expect([of.unweighed(9), of.counts()]).toEqual([[], { lasting: 1, brought: 0, carried: 0 }])
  })

  test('worked example: of every network one, and who was looked at is not looked at again', () => {
    const of = Endings.open()
    for (const account of ['a', 'b', 'c']) of.keepEnded(ended(account), { from: 'north' })
    of.keepEnded(ended('z'), { from: 'south' })
    of.keepEnded(ended('g'), { from: null })
    expect(of.unweighed(4)).toEqual(['a', 'z', 'g', 'b'])
    of.weigh(new Map([...['a', 'z'].map((account) => [account, false] as const), ['g', null]]))
    expect(of.unweighed(9)).toEqual(['b', 'g', 'c'])
  })

  test('bug: networks that came first and sent much were looked at for hours before those that came after', () => {
    const of = Endings.open()
    for (let network = 0; network < 40; network += 1)
      for (let i = 0; i < 3; i += 1) of.keepEnded(ended(`${network}:${i}`), { from: `${network}` })
    of.keepEnded(ended('late'), { from: 'late' })
    const seen: string[] = []
    for (let round = 0; round < 2; round += 1) {
      const some = of.unweighed(32)
      seen.push(...some)
      of.weigh(new Map(some.map((account) => [account, false])))
    }
    expect(seen).toContain('late')
  })
})

describe('all together', () => {
  /** Of a seed that is printed on failure, by its place. */
  const draws = (seed: number) => {
    let state = seed
    return (below: number) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      return Math.floor((state / 2 ** 32) * below)
    }
  }

  test.each([1, 2, 3, 4, 5])('property: room is bounded, and what is kept for good is never less, seed %s', (seed) => {
    const draw = draws(seed)
    const sizes = { lasting: 3, others: 6, named: 2 }
    const of = Endings.open(sizes)
    /** What was said by those that are kept for good. */
    const said: Endings.Ended[] = []
    for (let step = 0; step < 3_000; step += 1) {
      const from = draw(4) === 0 ? null : `${draw(3)}`
      const one = ended(`${draw(12)}`, draw(20), draw(2) === 0 ? null : `${draw(4)}`)
      const by = { from, isStaked: draw(30) === 0 }
      if (of.roomFor(one, by).status === 'crowded') {
        const { accounts } = of.roomFor(one, by) as { readonly accounts: readonly string[] }
        of.forgetEnded(accounts.slice(0, 1 + draw(2)))
      }
      if (of.roomFor(one, by).status === 'free') of.keepEnded(one, by)
      if (draw(50) === 0) of.weigh(new Map([[`${draw(12)}`, draw(2) === 0]]))
      if (of.lasts(one.account) && of.roomFor(one, by).status === 'known') said.push(one)

      const { lasting, brought, carried } = of.counts()
      const all = [...of.words()]
      const words = (which: (from: Endings.From) => boolean) =>
        all.reduce((sum, word) => (word.lasts || !which(word.from) ? sum : sum + word.ended.length), 0)
      expect([lasting, brought, carried]).toEqual([
        all.filter(({ lasts }) => lasts).length,
        words((it) => it !== null),
        words((it) => it === null),
      ])
      expect(lasting <= sizes.lasting && brought <= sizes.others && carried <= sizes.others).toBe(true)
      expect(said.every((it) => of.roomFor(it, { from: '0' }).status === 'known')).toBe(true)
    }
    expect(said.length).toBeGreaterThan(100)
    expect(known(of).length).toBeGreaterThan(0)
  })
})
