/** A chain that replaced a final block, released by an operator's word: on a local chain behind three sources. */
import type { Quorum } from '@plimsoll/chain'
import { Database, Events, Finals } from '@plimsoll/store'
import * as Template from '@plimsoll/store/testing'
import { describe, expect, test } from 'vitest'
import * as Stand from '../faults/Stand.ts'
import * as Succession from './Succession.ts'

const why = 'the foundation said so, and two explorers show it'

/** A block was kept as final, and one below it and itself have something recorded; then a reorganisation replaces the kept one. */
async function replaced(work: (stand: Replaced) => Promise<void>): Promise<void> {
  await Stand.chain(async (chain) => {
    const { anvil, reader } = chain
    await using database = await Database.open({ memory: await Template.blob() })
    const before = reader()
    const { block: kept } = await before.pin()
    const { chainId } = before.config
    await Finals.keep(database, [{ chainId, final: kept }])
    const low = await anvil.publicClient.getBlock({ blockNumber: 5n })
    const event = (number: bigint, hash: `0x${string}`, of = chainId): Events.Event => ({
      ...{ chainId: of, blockNumber: number, blockHash: hash, logIndex: 0, account: Stand.holder, kind: 'deposit', at: 1, body: {} },
    })
    const events = [event(5n, low.hash), event(kept.number, kept.hash), event(kept.number, kept.hash, chainId + 1)]
    await Events.advance(database, { source: `events:${chainId}:x`, cursor: `${kept.number}:${kept.hash}`, events })
    await Events.advance(database, { source: `marks:${chainId}:x`, cursor: `${kept.number}`, events: [] })
    await Events.advance(database, { source: `events:${chainId + 1}:x`, cursor: `${kept.number}:${kept.hash}`, events: [] })
    const accept = (asked: { readonly number: bigint; readonly hash: `0x${string}` }) =>
      Succession.accept({ reader: reader(), database, asked, why })
    const blockOf = async (number: bigint) => {
      const { hash } = await anvil.publicClient.getBlock({ blockNumber: number })
      return { number, hash }
    }
    await work({ ...chain, database, before, kept, chainId, accept, blockOf, low: { number: 5n, hash: low.hash } })
  })
}
type Block = { readonly number: bigint; readonly hash: `0x${string}` }
type Replaced = Stand.Chain & {
  readonly database: Database.Database
  readonly before: Quorum.Reader
  readonly kept: Finals.Final
  readonly chainId: number
  readonly low: Block
  readonly accept: (asked: Block) => Promise<Succession.Succession>
  readonly blockOf: (number: bigint) => Promise<Block>
}
const reorg = (anvil: Stand.Chain['anvil'], depth: number) =>
  anvil.testClient.request({ method: 'anvil_reorg' as never, params: [depth, []] as never })
const refusal = (succession: Succession.Succession) => (succession.status === 'refused' ? succession.code : succession.status)

describe('accept', () => {
  test(
    'worked example: frozen through restarts, then released, with what was recorded of blocks that are gone taken back',
    () =>
      replaced(async ({ anvil, reader, database, before, kept, chainId, low, accept, blockOf }) => {
        await reorg(anvil, 20)
        await anvil.mine(3)
        await expect(before.pin()).rejects.toMatchObject({ code: 'FINALITY_VIOLATED' })
        const again = reader({}, { accepted: (await Finals.all(database)).get(chainId) ?? null })
        await expect(again.pin()).rejects.toMatchObject({ code: 'FINALITY_VIOLATED' })

        const asked = await blockOf(kept.number + 1n)
        const succession = await accept(asked)
        expect(succession).toMatchObject({ status: 'accepted', kept, accepted: asked, taken: 1 })
        expect(succession.instead?.hash).toBe((await blockOf(kept.number)).hash)
        expect(await Events.blocks(database, chainId)).toEqual([low])
        expect(await Events.blocks(database, chainId + 1)).toEqual([{ number: kept.number, hash: kept.hash }])
        expect(await Events.cursor(database, `events:${chainId}:x`)).toBe(`5:${low.hash}`)
        expect(await Events.cursor(database, `marks:${chainId}:x`)).toBe('5')
        expect(await Events.cursor(database, `events:${chainId + 1}:x`)).toBe(`${kept.number}:${kept.hash}`)
        expect(await Finals.acceptances(database, chainId)).toMatchObject([
          { chainId, why, replaced: { hash: kept.hash }, accepted: { hash: asked.hash }, taken: 1 },
        ])

        const released = reader({}, { accepted: (await Finals.all(database)).get(chainId) ?? null })
        expect((await released.pin()).block.number).toBe(kept.number + 3n)
        expect(refusal(await accept(asked))).toBe('FINAL_STANDS')
      }),
    60_000,
  )

  test(
    'error: nothing is kept, the block stands, the chain is behind it, the block asked for is not final or another',
    () =>
      replaced(async ({ anvil, database, kept, chainId, accept, blockOf }) => {
        const there = await blockOf(kept.number)
        await database.query("delete from settings where name like 'final:%'")
        expect(refusal(await accept(there))).toBe('FINAL_UNKNOWN')
        await Finals.keep(database, [{ chainId, final: kept }])
        expect(refusal(await accept(there))).toBe('FINAL_STANDS')
        await anvil.testClient.request({ method: 'anvil_rollback' as never, params: [20] as never })
        expect(refusal(await accept(there))).toBe('FINAL_BEHIND')
        await anvil.mine(25)
        expect(refusal(await accept(await blockOf(kept.number - 1n)))).toBe('BLOCK_NOT_FINAL')
        expect(refusal(await accept(await blockOf(await anvil.publicClient.getBlockNumber())))).toBe('BLOCK_NOT_FINAL')
        expect(refusal(await accept(there))).toBe('BLOCK_OTHER')
        expect((await Finals.all(database)).get(chainId)).toEqual(kept)
        expect(await Finals.acceptances(database, chainId)).toEqual([])
      }),
    60_000,
  )

  test(
    'error: without a quorum for it nothing is accepted, whoever shows the block',
    () =>
      replaced(async ({ anvil, sources, database, kept, chainId, accept, blockOf }) => {
        await reorg(anvil, 20)
        await anvil.mine(3)
        const asked = await blockOf(kept.number)
        const [first, second] = sources
        first.become({ kind: 'down' })
        second.become({ kind: 'down' })
        await expect(accept(asked)).rejects.toMatchObject({ code: 'RPC_QUORUM_LOST' })
        const other = Stand.lie('eth_getBlockByNumber', (block: object) => ({ ...block, hash: `0x${'ab'.repeat(32)}` }))
        first.become(other)
        await expect(accept(asked)).rejects.toMatchObject({ code: 'RPC_HASH_DISAGREE' })
        expect((await Finals.all(database)).get(chainId)).toEqual(kept)
      }),
    60_000,
  )

  test(
    'edge: another block that was kept meanwhile stays, and nothing is taken back',
    () =>
      replaced(async ({ anvil, database, kept, chainId, blockOf }) => {
        await reorg(anvil, 20)
        const later = { ...kept, number: kept.number + 1n }
        await Finals.keep(database, [{ chainId, final: later }])
        const accepted = { ...kept, ...(await blockOf(kept.number)) }
        expect(await Finals.replace(database, { chainId, kept, accepted, standing: null, record: {} })).toEqual({ status: 'changed' })
        expect((await Finals.all(database)).get(chainId)).toEqual(later)
        expect((await Events.blocks(database, chainId)).length).toBe(2)
      }),
    60_000,
  )
})
