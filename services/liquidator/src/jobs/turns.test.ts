import { describe, expect, test } from 'vitest'
import * as Turns from './turns.ts'

type Address = `0x${string}`
const own = { addressOf: (account: Address) => account, room: 2 }

/** Rounds in which one that is always refused is tried, with room for one and another that goes first when it waits. */
function roundsOf(turns: Turns.Turns, rounds: number): readonly number[] {
  return Array.from({ length: rounds }, (_, i) => i + 1).filter(() => {
    const [first] = turns.next<Address>(['0xaa', '0xbb'], own)
    if (first === '0xaa') turns.note(first, 'refused')
    return first === '0xaa'
  })
}

describe('next', () => {
  test('worked example: refused again and again one waits 1, 2, 4, 8, 16, and then 32 rounds', () => {
    expect(roundsOf(Turns.open(), 140)).toEqual([1, 3, 6, 11, 20, 37, 70, 103, 136])
  })

  test('edge: who was taken begins anew, and so does who was gone', () => {
    for (const mend of [
      (turns: Turns.Turns) => turns.note('0xaa', 'taken'),
      (turns: Turns.Turns) => void turns.next<Address>(['0xbb'], own),
    ]) {
      const turns = Turns.open()
      roundsOf(turns, 7)
      mend(turns)
      expect(turns.next<Address>(['0xaa', '0xbb'], own)).toEqual(['0xaa', '0xbb'])
      turns.note('0xaa', 'refused')
      turns.next<Address>(['0xaa', '0xbb'], own)
      expect(turns.next<Address>(['0xaa', '0xbb'], own)).toEqual(['0xaa', '0xbb'])
    }
  })

  test('edge: no more than there is room for, and none where there is less than none', () => {
    const turns = Turns.open()
    const at = (room: number) => turns.next<Address>(['0xaa', '0xbb', '0xcc'], { ...own, room })
    expect([at(2), at(3), at(4).length, at(0), at(-1), at(-2)]).toEqual([['0xaa', '0xbb'], ['0xaa', '0xbb', '0xcc'], 3, [], [], []])
  })

  test('property: nobody is left out or comes twice, and of those that wait and those that do not the order stays', () => {
    const turns = Turns.open()
    const all = Array.from({ length: 9 }, (_, i) => `0x${i}` as Address)
    for (let round = 0; round < 200; round += 1) {
      const order = turns.next(all, { ...own, room: all.length })
      expect([...order].sort()).toEqual(all)
      const breaks = order.slice(1).filter((account, i) => all.indexOf(account) < all.indexOf(order[i] ?? '0x')).length
      expect(breaks).toBeLessThanOrEqual(1)
      for (const [i, account] of order.slice(0, 3).entries()) turns.note(account, (round * 7 + i) % 5 === 0 ? 'taken' : 'refused')
    }
  })
})
