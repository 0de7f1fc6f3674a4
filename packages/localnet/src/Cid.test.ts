import { describe, expect, test } from 'vitest'
import * as Cid from './Cid.ts'

describe('of', () => {
  test('vector: nothing, and a greeting, as `ipfs add` names them', () => {
    expect(Cid.of('')).toBe('QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH')
    expect(Cid.of('hello world')).toBe('Qmf412jQZiuVUtdgnB36FXFX7xg5V6KEbSJ4dpQuhkLyfD')
  })

  test('vector: one block, two, and more than one node has links for', () => {
    expect(Cid.of('x'.repeat(262_144))).toBe('QmbcaCtvxnoA1iPnGSvABvZTddnhoMJv2gNbpHfVmkxPuW')
    expect(Cid.of('x'.repeat(262_145))).toBe('QmTSZuGYUpVrhMmC4duxRJbPtKXTUZyx73oebV8oRMiDTs')
    expect(Cid.of('é'.repeat(90 * 262_144))).toBe('QmeiVjuabJbr3R19Jjc4BRecdTnpgSGW3zT31ifk96rUGQ')
  })

  test('edge: one letter more or less is another name', () => {
    expect(new Set(['', 'a', 'b', 'ab', 'ab\n'].map(Cid.of)).size).toBe(5)
  })
})
