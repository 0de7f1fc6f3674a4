import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as Actions from './Actions.ts'
import type { Database } from './Database.ts'
import * as Guards from './Guards.ts'
import { engines, type Running } from './testing/Engines.ts'

type Hex = `0x${string}`
const digits = (value: bigint | number, length: number): Hex => `0x${BigInt(value).toString(16).padStart(length, '0')}`
const venue = digits(0xff, 40)
const market = digits(0xee, 64)
let keys = 0xa000
/** A key of its own for each test: nonces are counted by key. */
const desk = (): Actions.Desk => ({ chainId: keys, sender: digits(keys++, 40) })
const draft = (account: number): Actions.Draft => ({
  ...{ venue, account: digits(account, 40), market, kind: 'liquidate' },
  ...{ document: `{"account":${account}}`, hash: digits(account, 64) },
})
/** Stands in for a key: the same bytes for the same nonce. */
const signed = (at: Actions.Desk, nonce: bigint, fee = 10n): Actions.Signed => ({
  ...{ hash: digits((BigInt(at.chainId) << 64n) + (nonce << 16n) + fee, 64), raw: digits(nonce, 8) },
  ...{ maxFeePerGas: fee, maxPriorityFeePerGas: fee },
})
const signer = (at: Actions.Desk) => async (_: Actions.Draft, nonce: bigint) => signed(at, nonce)

for (const engine of engines)
  describe.skipIf(engine.absent)(engine.title, () => {
    let running: Running
    let database: Database

    beforeAll(async () => {
      running = await engine.start()
      database = await running.open()
    })

    afterAll(async () => {
      await database.close()
      await running.stop()
    })

    const commit = (at: Actions.Desk, counted: bigint, ...accounts: readonly number[]) =>
      Actions.commit(database, { desk: at, counted, drafts: accounts.map(draft) }, signer(at))

    describe('commit', () => {
      test('worked example: nonces follow on the chain’s count, then on what was committed here', async () => {
        const at = desk()
        expect((await commit(at, 7n, 1, 2)).map(({ account, nonce }) => [account, nonce])).toEqual([
          [digits(1, 40), 7n],
          [digits(2, 40), 8n],
        ])
        const [third] = await commit(at, 7n, 3)
        expect(third).toMatchObject({
          nonce: 9n,
          status: 'pending',
          outcome: null,
          transaction: null,
          block: null,
          sends: [signed(at, 9n)],
        })
        expect((await commit(at, 20n, 4)).map(({ nonce }) => nonce)).toEqual([20n])
      })

      test('edge: an account with an action under way gets none, nor does one twice; when it is over, it may', async () => {
        const at = desk()
        const [first] = await commit(at, 0n, 1, 1)
        expect(await Actions.underWay(database, at)).toHaveLength(1)
        expect(await commit(at, 0n, 1)).toEqual([])
        const id = first?.id ?? 0n
        const block = { number: 5n, hash: digits(5, 64) }
        await Actions.see(database, {
          seen: [{ id, status: 'mined', outcome: 'reverted', transaction: digits(1, 64), block, result: null }],
        })
        expect((await commit(at, 0n, 1)).map(({ nonce }) => nonce)).toEqual([1n])
      })

      test('edge: of two at once, one commits each account', async () => {
        const at = desk()
        const both = await Promise.allSettled([commit(at, 0n, 1, 2), commit(at, 0n, 2, 3)])
        const done = both.flatMap((one) => (one.status === 'fulfilled' ? one.value : []))
        const nonces = (await Actions.underWay(database, at)).map(({ nonce }) => nonce)
        expect(new Set(nonces).size).toBe(nonces.length)
        expect(done.length).toBeGreaterThan(0)
      })

      test('error: nothing is committed when signing fails', async () => {
        const at = desk()
        const failing = async () => Promise.reject(new RangeError('no key'))
        await expect(Actions.commit(database, { desk: at, counted: 0n, drafts: [draft(1)] }, failing)).rejects.toThrow('no key')
        expect(await Actions.underWay(database, at)).toEqual([])
      })
    })

    describe('replace', () => {
      test('worked example: bytes are added under the same nonce, the best offer last, and once', async () => {
        const at = desk()
        const [action] = await commit(at, 3n, 1)
        const id = action?.id ?? 0n
        for (let i = 0; i < 2; i += 1) await Actions.replace(database, { id, signed: signed(at, 3n, 12n) })
        expect((await Actions.underWay(database, at))[0]?.sends).toEqual([signed(at, 3n), signed(at, 3n, 12n)])
      })
    })

    describe('see', () => {
      test('worked example: mined, its block replaced, mined again, final; what is final stays', async () => {
        const at = desk()
        const [action] = await commit(at, 0n, 1)
        const id = action?.id ?? 0n
        const mined = (number: bigint, status: 'mined' | 'final'): Actions.Seen => ({
          ...{ id, status, outcome: 'done', transaction: digits(9, 64) },
          ...{ block: { number, hash: digits(number, 64) }, result: '{"closed":"1"}' },
        })
        await Actions.see(database, { seen: [mined(5n, 'mined')] })
        expect(await Actions.underWay(database, at)).toMatchObject([
          { status: 'mined', outcome: 'done', block: { number: 5n }, endedAt: null },
        ])
        await Actions.see(database, { seen: [{ id, status: 'pending' }] })
        expect(await Actions.underWay(database, at)).toMatchObject([{ status: 'pending', outcome: null, block: null, transaction: null }])
        await Actions.see(database, { seen: [mined(6n, 'final')] })
        await Actions.see(database, { seen: [{ id, status: 'pending' }] })
        expect(await Actions.underWay(database, at)).toEqual([])
        const [last] = await Actions.list(database, { limit: 1 })
        expect(last).toMatchObject({ id, status: 'final', outcome: 'done', block: { number: 6n }, result: '{"closed":"1"}' })
        expect(last?.endedAt).toBeGreaterThan(0)
      })
    })

    describe('note', () => {
      test('worked example: a decision that is not to be sent has no nonce, and binds none', async () => {
        const at = desk()
        await Actions.note(database, { desk: at, drafts: [draft(1)] })
        expect(await Actions.list(database, { limit: 1 })).toMatchObject([{ status: 'dry', nonce: null, sends: [] }])
        expect((await commit(at, 0n, 1)).map(({ nonce }) => nonce)).toEqual([0n])
      })
    })

    describe('list', () => {
      test('worked example: newest first, by page and by account', async () => {
        const at = desk()
        const made = await commit(at, 0n, 11, 12, 13)
        const [a, b, c] = made.map(({ id }) => id)
        expect((await Actions.list(database, { limit: 2 })).map(({ id }) => id)).toEqual([c, b])
        expect((await Actions.list(database, { limit: 1, before: b ?? null })).map(({ id }) => id)).toEqual([a])
        expect(await Actions.list(database, { limit: 9, account: digits(12, 40) })).toMatchObject([{ id: b }])
      })
    })

    describe('reductions', () => {
      test('worked example: those of a chain since a time, without liquidations', async () => {
        const at = desk()
        const drafts = [{ ...draft(1), kind: 'reduce' as const }, draft(2)]
        const [first] = await Actions.commit(database, { desk: at, counted: 0n, drafts }, signer(at))
        const since = first?.createdAt ?? 0
        expect((await Actions.reductions(database, { chainId: at.chainId, since })).map(({ id }) => id)).toEqual([first?.id])
        expect(await Actions.reductions(database, { chainId: at.chainId, since: since + 1 })).toEqual([])
        expect(await Actions.reductions(database, { chainId: at.chainId + 1, since })).toEqual([])
      })
    })

    describe('Guards', () => {
      test('worked example: what was written last is read, by name', async () => {
        await Guards.write(database, [
          { name: 'a', state: '1' },
          { name: 'b', state: '2' },
        ])
        await Guards.write(database, [{ name: 'a', state: '3' }])
        expect(await Guards.read(database, ['a', 'b', 'c'])).toMatchObject([
          { name: 'a', state: '3' },
          { name: 'b', state: '2' },
        ])
        expect((await Guards.read(database, ['a']))[0]?.at).toBeGreaterThan(1_600_000_000)
      })
    })
  })
