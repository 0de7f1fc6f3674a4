import { describe, expect, test } from 'vitest'
import * as Endings from './Endings.ts'
import * as Memory from './Memory.ts'
import * as Weighing from './weighing.ts'

const ended = (account: string) => ({ account, other: null, issuedAt: 1 })

describe('round', () => {
  test('worked example: so many at a time are looked at, once, and who has something is kept for good', async () => {
    const memory = Memory.open()
    for (let i = 0; i < 40; i += 1) memory.keepEnded(ended(`${i}`), { from: 'north' })
    const asked: number[] = []
    const weighing = Weighing.open({
      memory,
      look: async (accounts) => {
        asked.push(accounts.length)
        return new Map(accounts.map((account) => [account, account === '7']))
      },
    })
    for (let round = 0; round < 3; round += 1) await weighing.round()
    expect(asked).toEqual([Endings.mostLooked, 40 - Endings.mostLooked])
    expect([memory.lasts('7'), memory.counts()]).toEqual([true, { lasting: 1, brought: 39, carried: 0 }])
  })
})

describe('admit', () => {
  const small = { lasting: 2, others: 4, named: 2 }

  test('bug: each of many words that find no room asked chains for itself, all at once', async () => {
    const memory = Memory.open(small)
    for (let i = 0; i < 4; i += 1) memory.keepEnded(ended(`${i}`), { from: 'north' })
    let [underWay, most, looks] = [0, 0, 0]
    const weighing = Weighing.open({
      memory,
      look: async (accounts) => {
        looks += 1
        underWay += 1
        most = Math.max(most, underWay)
        await new Promise((resolve) => setTimeout(resolve, 5))
        underWay -= 1
        return new Map(accounts.map((account) => [account, false]))
      },
    })
    await Promise.all(['x', 'y', 'z'].map((account) => weighing.admit(ended(account), 'south')))
    // What was found for the first serves the others.
    expect([looks, most, memory.counts().brought]).toEqual([1, 1, 1])
  })

  test('edge: a look that fails keeps nobody from the next', async () => {
    const memory = Memory.open({ ...small, others: 0 })
    let fails = true
    const look = async () => {
      if (fails) throw new Error('no chain answers')
      return new Map([['a', true]])
    }
    const weighing = Weighing.open({ memory, look })
    await expect(weighing.admit(ended('a'), '')).rejects.toThrow('no chain answers')
    fails = false
    expect(await weighing.admit(ended('a'), '')).toBe(true)
  })
})
