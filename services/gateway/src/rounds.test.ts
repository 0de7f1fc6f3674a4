import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import * as Rounds from './rounds.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** Work that ends when it is told to. */
function kit(pauseMs = 10) {
  const ends: (() => void)[] = []
  const rounds = Rounds.of({ work: () => new Promise<void>((resolve) => ends.push(resolve)), pauseMs: () => pauseMs })
  return { rounds, ends }
}

describe('of', () => {
  test('worked example: each waits for the one before, and then as long as it is told', async () => {
    const { rounds, ends } = kit()
    rounds.start()
    await vi.advanceTimersByTimeAsync(9)
    expect(ends).toHaveLength(0)
    await vi.advanceTimersByTimeAsync(1)
    expect(ends).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(ends).toHaveLength(1)
    ends[0]?.()
    await vi.advanceTimersByTimeAsync(9)
    expect(ends).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(ends).toHaveLength(2)
  })

  test('edge: whoever asks while one is under way waits for that one; after it another is done', async () => {
    const { rounds, ends } = kit()
    const both = [rounds.round(), rounds.round()]
    expect(ends).toHaveLength(1)
    ends[0]?.()
    await Promise.all(both)
    await rounds.over()
    void rounds.round()
    expect(ends).toHaveLength(2)
  })

  test('edge: stopped between two none is done any more; stopped within one it waits for that, and none follows', async () => {
    const between = kit()
    between.rounds.start()
    await between.rounds.stop()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(between.ends).toHaveLength(0)

    const within = kit()
    within.rounds.start()
    await vi.advanceTimersByTimeAsync(10)
    let stopped = false
    const stopping = within.rounds.stop().then(() => {
      stopped = true
    })
    await vi.advanceTimersByTimeAsync(1_000)
    expect(stopped).toBe(false)
    within.ends[0]?.()
    await stopping
    await vi.advanceTimersByTimeAsync(1_000)
    expect(within.ends).toHaveLength(1)
  })

  test('error: what a round throws is for whoever asked, and keeps nobody from another', async () => {
    let fails = true
    const rounds = Rounds.of({ work: async () => (fails ? Promise.reject(new Error('not today')) : undefined), pauseMs: () => 10 })
    await expect(rounds.round()).rejects.toThrow('not today')
    fails = false
    await rounds.round()
  })
})
