import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Hash } from '@plimsoll/contracts'
import { describe, expect, test } from 'vitest'
import * as Holders from './holders.ts'
import * as Journal from './Journal.ts'
import * as Memory from './Memory.ts'

const [vault, other] = ['a1', 'a2'].map((byte) => `0x${byte.repeat(20)}`) as [`0x${string}`, `0x${string}`]
const [anna, ben] = ['anna', 'ben'].map((name) => Hash.ofText(name)) as [`0x${string}`, `0x${string}`]
const now = 1_000
const certified = (participantId: `0x${string}`, holders: readonly `0x${string}`[]): Memory.Certified => ({
  ...{ participantId, key: `3:venue:${participantId}`, credit: 1n, expiresAt: now + 300 },
  holders,
})

describe('names', () => {
  test('worked example: the address, and the chain in sixteen digits after it', () => {
    const [name] = Holders.namesOf([{ holder: vault, chainId: 42_161 }])
    expect(name).toBe(`${vault}000000000000a4b1`)
    expect(Holders.addressOf(name as `0x${string}`)).toBe(vault)
    expect(Holders.addressOf(vault)).toBe(vault)
  })

  test('edge: two chains are two names, the same again is none, and none are like those of other addresses', () => {
    const at = (holder: `0x${string}`, chainId: number) => ({ holder, chainId })
    expect(
      new Set(Holders.namesOf([at(vault, 1), at(vault, 1), at(vault, 16), at(other, 1), at(vault, Number.MAX_SAFE_INTEGER)])).size,
    ).toBe(4)
  })

  test('edge: they are read again from a journal', () => {
    const home = mkdtempSync(join(tmpdir(), 'holders-'))
    try {
      const names = Holders.namesOf([{ holder: vault, chainId: 7 }])
      Journal.open(join(home, 'signed.jsonl'), () => now).keep(certified(anna, names))
      expect(Journal.open(join(home, 'signed.jsonl'), () => now).holdersOf(anna, now)).toEqual(names)
    } finally {
      rmSync(home, { recursive: true })
    }
  })
})

describe('against', () => {
  const against = (kept: readonly `0x${string}`[], asked: readonly { readonly holder: `0x${string}`; readonly chainId: number }[]) => {
    const memory = Memory.open()
    memory.keep(certified(anna, kept))
    const one = certified(ben, Holders.knownAs(Holders.namesOf(asked)))
    return memory.against(one, { own: 10n, now })?.code ?? null
  }

  test("bug: a contract that is another's than the one at the same address on another chain was refused, for as long as that one's certificates lived", () => {
    const kept = Holders.namesOf([{ holder: vault, chainId: 1 }])
    expect(against(kept, [{ holder: vault, chainId: 2 }])).toBeNull()
    expect(against(kept, [{ holder: vault, chainId: 1 }])).toBe('HOLDER_OF_ANOTHER')
    expect(
      against(kept, [
        { holder: other, chainId: 1 },
        { holder: vault, chainId: 1 },
      ]),
    ).toBe('HOLDER_OF_ANOTHER')
  })

  test('edge: what was kept by its address alone is so on every chain', () => {
    expect(against([vault], [{ holder: vault, chainId: 2 }])).toBe('HOLDER_OF_ANOTHER')
    expect(against([vault], [{ holder: other, chainId: 2 }])).toBeNull()
  })
})
