import { createMerkleProof, MerklePatriciaTrie } from '@ethereumjs/mpt'
import { RLP } from '@ethereumjs/rlp'
import fc from 'fast-check'
import { bytesToHex, hexToBytes, keccak256, numberToHex } from 'viem'
import { describe, expect, test } from 'vitest'
import type { Hex } from './Hex.ts'
import * as MerkleProof from './MerkleProof.ts'

const numRuns = Math.ceil(Number(process.env['PLIMSOLL_RUNS'] ?? 1000) / 20)
const address: Hex = `0x${'ad'.repeat(20)}`
const slotOf = (index: number): Hex => numberToHex(index, { size: 32 })
const word = (value: bigint) => (value === 0n ? new Uint8Array() : hexToBytes(numberToHex(value)))

/** A state in which one contract holds `values` at slots 0, 1, 2, …, and what a source would answer for `slots`. */
async function world(values: readonly bigint[], slots: readonly Hex[]) {
  const storage = new MerklePatriciaTrie({ useKeyHashing: true })
  for (const [index, value] of values.entries()) if (value !== 0n) await storage.put(hexToBytes(slotOf(index)), RLP.encode(word(value)))
  const state = new MerklePatriciaTrie({ useKeyHashing: true })
  await state.put(hexToBytes(address), RLP.encode([word(1n), word(0n), storage.root(), hexToBytes(keccak256('0x00'))]))
  await state.put(
    hexToBytes(`0x${'0e'.repeat(20)}`),
    RLP.encode([word(7n), word(9n), storage.EMPTY_TRIE_ROOT, hexToBytes(keccak256('0x'))]),
  )
  const nodes = async (trie: MerklePatriciaTrie, key: Hex) =>
    (await createMerkleProof(trie, hexToBytes(key))).map((node) => bytesToHex(node))
  const storageProof = await Promise.all(slots.map(async (key) => ({ key, value: '0xdead', proof: await nodes(storage, key) })))
  return { stateRoot: bytesToHex(state.root()), answer: { accountProof: await nodes(state, address), storageProof } }
}

describe('verify', () => {
  test('worked example: a value, and the proof that a slot holds nothing; the value written beside it is not read', async () => {
    const slots = [slotOf(1), slotOf(9)]
    const { stateRoot, answer } = await world([5n, 1_000n, 3n], slots)
    expect(await MerkleProof.verify({ answer, stateRoot, address, slots })).toMatchObject({ values: [1_000n, 0n] })
  })

  test('edge: a contract without storage, and an account that is not there', async () => {
    const { stateRoot, answer } = await world([], [slotOf(0)])
    expect((await MerkleProof.verify({ answer, stateRoot, address, slots: [slotOf(0)] })).values).toEqual([0n])

    const nobody: Hex = `0x${'77'.repeat(20)}`
    const state = new MerklePatriciaTrie({ useKeyHashing: true })
    await state.put(hexToBytes(address), RLP.encode([word(1n), word(0n), state.EMPTY_TRIE_ROOT, hexToBytes(keccak256('0x00'))]))
    const accountProof = (await createMerkleProof(state, hexToBytes(nobody))).map((node) => bytesToHex(node))
    const absent = { accountProof, storageProof: [] }
    const root = bytesToHex(state.root())
    expect((await MerkleProof.verify({ answer: absent, stateRoot: root, address: nobody, slots: [slotOf(0)] })).values).toEqual([0n])
    // The same nodes prove that the other account is there, and not that its storage holds nothing in particular.
    await expect(
      MerkleProof.verify({ answer: { accountProof: [], storageProof: [] }, stateRoot: root, address: nobody, slots: [] }),
    ).rejects.toThrow()
  })

  test('error: a proof of one slot proves no other', async () => {
    const { stateRoot, answer } = await world([5n, 6n, 7n, 8n, 9n, 10n, 11n, 12n], [slotOf(1)])
    await expect(MerkleProof.verify({ answer, stateRoot, address, slots: [slotOf(2)] })).rejects.toThrow(MerkleProof.InvalidProofError)
  })

  test('error: another state root', async () => {
    const { answer } = await world([5n], [slotOf(0)])
    await expect(MerkleProof.verify({ answer, stateRoot: keccak256('0x01'), address, slots: [] })).rejects.toThrow(
      MerkleProof.InvalidProofError,
    )
  })

  test.each([[null], ['0x'], [{}], [{ accountProof: [], storageProof: [{}] }], [{ accountProof: ['0x'], storageProof: [] }]])(
    'error: %j is no proof',
    async (answer) => {
      const { stateRoot } = await world([5n], [])
      await expect(MerkleProof.verify({ answer, stateRoot, address, slots: [] })).rejects.toThrow(MerkleProof.InvalidProofError)
    },
  )

  test('property: what was put is what is proven, and no change of a single byte passes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.bigInt({ min: 0n, max: (1n << 256n) - 1n }), { minLength: 1, maxLength: 40 }),
        fc.nat(),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        async (values, which, where, change) => {
          const index = which % values.length
          const slots = [slotOf(index)]
          const { stateRoot, answer } = await world(values, slots)
          expect((await MerkleProof.verify({ answer, stateRoot, address, slots })).values).toEqual([values[index]])
          const nodes = [...answer.accountProof, ...(answer.storageProof[0]?.proof ?? [])]
          const turned = nodes.map((node, at) => (at === where % nodes.length ? flip(node, where, change) : node))
          const split = answer.accountProof.length
          const bad = { accountProof: turned.slice(0, split), storageProof: [{ proof: turned.slice(split) }] }
          await expect(MerkleProof.verify({ answer: bad, stateRoot, address, slots })).rejects.toThrow(MerkleProof.InvalidProofError)
        },
      ),
      { numRuns },
    )
  })
})

function flip(node: Hex, where: number, change: number): Hex {
  const bytes = hexToBytes(node)
  const at = where % bytes.length
  bytes[at] = (bytes[at] ?? 0) ^ change
  return bytesToHex(bytes)
}
