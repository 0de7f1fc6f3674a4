import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as PrivateTree from './PrivateTree.ts'

const numRuns = Math.ceil(Number(process.env['PLIMSOLL_RUNS'] ?? 1000) / 20)
const leaves: readonly PrivateTree.Leaf[] = [
  { type: 'string', name: 'name', value: 'Ann Example', salt: PrivateTree.salt() },
  { type: 'uint256', name: 'volume', value: 1_250_000n, salt: PrivateTree.salt() },
  { type: 'bool', name: 'over 18', value: true, salt: PrivateTree.salt() },
  { type: 'bytes32', name: 'document', value: `0x${'0d'.repeat(32)}`, salt: PrivateTree.salt() },
  { type: 'address', name: 'wallet', value: `0x${'0a'.repeat(20)}`, salt: PrivateTree.salt() },
]

describe('disclose and holds', () => {
  test('worked example: one value shown, the others not; several at once', () => {
    const root = PrivateTree.root(leaves)
    const one = PrivateTree.disclose(leaves, ['over 18'])
    expect(one.leaves).toEqual([leaves[2]])
    expect(PrivateTree.holds(root, one)).toBe(true)
    const text = JSON.stringify(one)
    for (const secret of ['Ann', leaves[0]?.salt ?? '', leaves[1]?.salt ?? '']) expect(text).not.toContain(secret)
    const two = PrivateTree.disclose(leaves, ['wallet', 'volume'])
    expect(two.leaves.map(({ name }) => name).sort()).toEqual(['volume', 'wallet'])
    expect(PrivateTree.holds(root, two)).toBe(true)
  })

  test.each<[string, (it: PrivateTree.Leaf) => PrivateTree.Leaf]>([
    ['value', (it) => ({ ...it, value: false })],
    ['name', (it) => ({ ...it, name: 'over 21' })],
    ['salt', (it) => ({ ...it, salt: PrivateTree.salt() })],
    ['type', (it) => ({ ...it, type: 'uint256', value: 1n })],
    ['value of another type', (it) => ({ ...it, value: 'yes' })],
  ])('edge: another %s does not stand under the root', (_, change) => {
    const one = PrivateTree.disclose(leaves, ['over 18'])
    expect(PrivateTree.holds(PrivateTree.root(leaves), { ...one, leaves: one.leaves.map(change) })).toBe(false)
  })

  test('edge: nothing shown is nothing proven; twice the same is refused', () => {
    const root = PrivateTree.root(leaves)
    expect(PrivateTree.holds(root, { leaves: [], proof: [root], flags: [] })).toBe(false)
    const one = PrivateTree.disclose(leaves, ['name'])
    expect(PrivateTree.holds(root, { ...one, leaves: [...one.leaves, ...one.leaves] })).toBe(false)
    expect(PrivateTree.holds(root, { ...one, proof: one.proof.slice(1) })).toBe(false)
  })

  test('property: any choice of values holds under its root, and the order of the leaves does not matter', () => {
    fc.assert(
      fc.property(fc.subarray([...leaves], { minLength: 1 }), fc.shuffledSubarray([...leaves], { minLength: 5 }), (chosen, order) => {
        const root = PrivateTree.root(order)
        expect(root).toBe(PrivateTree.root(leaves))
        const names = chosen.map(({ name }) => name)
        expect(PrivateTree.holds(root, PrivateTree.disclose(order, names))).toBe(true)
      }),
      { numRuns },
    )
  })
})

describe('root', () => {
  test('edge: equal values under other salts have another root', () => {
    const again = leaves.map((leaf) => ({ ...leaf, salt: PrivateTree.salt() }))
    expect(PrivateTree.root(again)).not.toBe(PrivateTree.root(leaves))
  })

  test('error: none, one name twice, no salt, a value not of its type, an unknown name', () => {
    const [first] = leaves
    if (!first) expect.unreachable()
    const failing = [[], [first, first], [{ ...first, salt: '0x' as const }], [{ ...first, type: 'uint256' as const }]]
    for (const given of failing) expect(() => PrivateTree.root(given)).toThrow(PrivateTree.InvalidLeavesError)
    expect(() => PrivateTree.disclose(leaves, ['age'])).toThrow(PrivateTree.InvalidLeavesError)
    expect(() => PrivateTree.disclose(leaves, [])).toThrow(PrivateTree.InvalidLeavesError)
  })
})
