import { Signer } from '@plimsoll/chain'
import { describe, expect, test } from 'vitest'
import * as Uncounted from './uncounted.ts'

type Hex = `0x${string}`

const [anna, ben] = ['0a', '0b'].map((byte) => `0x${byte.repeat(32)}` as const) as [Hex, Hex]
const untied = (chainId: number): Signer.Uncounted => ({ holder: `0x${'0c'.repeat(20)}`, chainId, code: 'HOLDER_UNTIED' })
const unread = (chainId: number): Signer.Uncounted => ({ ...untied(chainId), code: 'HOLDER_UNREAD' })
const said = (...uncounted: readonly Signer.Uncounted[]) => new Signer.DisagreeError({ threshold: 2, failures: [], uncounted })

describe('open', () => {
  test('worked example: what signers said is kept for its participant, until it is over or what was signed has changed', () => {
    let now = 1_000_000
    const uncounted = Uncounted.open(() => now)
    expect(uncounted.of(anna)).toEqual([])
    uncounted.note(anna, said(untied(1), unread(2)))
    expect(uncounted.of(anna)).toEqual([untied(1), unread(2)])
    expect(uncounted.of(ben)).toEqual([])
    now += 29_999
    expect(uncounted.of(anna)).toHaveLength(2)
    now += 1
    expect(uncounted.of(anna)).toEqual([untied(1)])
    now += 569_999
    expect(uncounted.of(anna)).toHaveLength(1)
    now += 1
    expect(uncounted.of(anna)).toEqual([])
    uncounted.note(anna, said(untied(1)))
    uncounted.forget(ben)
    expect(uncounted.of(anna)).toHaveLength(1)
    uncounted.forget(anna)
    expect(uncounted.of(anna)).toEqual([])
  })

  test('edge: what is said of others beside is added; what is said anew of the same stands instead', () => {
    const uncounted = Uncounted.open(() => 1_000_000)
    uncounted.note(anna, said(untied(1)))
    uncounted.note(anna, new Signer.UnavailableError({ threshold: 2, failures: [], uncounted: [unread(1), unread(2)] }))
    expect(uncounted.of(anna)).toEqual([unread(1), unread(2)])
    uncounted.note(anna, said(untied(3)))
    expect(uncounted.of(anna)).toEqual([unread(1), unread(2), untied(3)])
  })

  test('edge: a failure that names nobody says nothing', () => {
    const uncounted = Uncounted.open(() => 1_000_000)
    uncounted.note(anna, said(untied(1)))
    for (const error of [said(), new Error('the connection failed'), { uncounted: [untied(2)] }, null]) uncounted.note(anna, error)
    expect(uncounted.of(anna)).toEqual([untied(1)])
  })

  test('edge: no more participants are kept than there is room for', () => {
    const uncounted = Uncounted.open(() => 1_000_000)
    const idOf = (index: number): Hex => `0x${index.toString(16).padStart(64, '0')}`
    for (let index = 0; index < 10_000; index += 1) uncounted.note(idOf(index), said(untied(1)))
    uncounted.note(idOf(0), said(untied(1)))
    uncounted.note(ben, said())
    expect(uncounted.of(idOf(1))).toHaveLength(1)
    uncounted.note(anna, said(untied(1)))
    expect([idOf(0), idOf(1), idOf(2), anna].map((id) => uncounted.of(id).length)).toEqual([1, 0, 1, 1])
  })
})
