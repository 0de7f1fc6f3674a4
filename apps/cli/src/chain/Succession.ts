/** An operator's word that a chain which replaced a final block may be read again: shown, checked against a quorum, recorded. */
import type { Quorum } from '@plimsoll/chain'
import { type Database, Events, Finals } from '@plimsoll/store'

type Hex = `0x${string}`

/** What was kept and is gone, and what k sources say now. */
export type Shown = {
  readonly chainId: number
  readonly kept: Finals.Final | null
  /** What stands where the kept block stood. */
  readonly instead: Finals.Final | null
  /** The newest block that is final now. */
  readonly final: Finals.Final
  readonly agree: readonly string[]
  readonly dissent: readonly string[]
}

export type Succession = Shown &
  (
    | { readonly status: 'accepted'; readonly accepted: Finals.Final; readonly taken: number; readonly at: number }
    | { readonly status: 'refused'; readonly code: Code; readonly message: string }
  )

export type Code = 'FINAL_UNKNOWN' | 'FINAL_BEHIND' | 'FINAL_STANDS' | 'BLOCK_NOT_FINAL' | 'BLOCK_OTHER' | 'FINAL_CHANGED'

/**
 * Puts the block asked for in the place of the one kept, if k sources replaced the one and call the other final now.
 *
 * The block has to be at the height of the one kept or above: everything read of the replaced history is then older than what is read next,
 * and gives way to it. Records of blocks that are gone are taken back with it.
 *
 * @param args.reader - opened anew, without a block to stand on: it trusts what k sources call final.
 * @throws {Quorum.QuorumError} no quorum says what is final.
 */
export async function accept(args: accept.Args): Promise<Succession> {
  const { reader, database, asked, why } = args
  const { chainId } = reader.config
  const kept = (await Finals.all(database)).get(chainId) ?? null
  const pinned = await reader.pin({ at: 'final' })
  const final = pinned.block
  const isReached = kept !== null && final.number >= kept.number
  const instead = isReached ? await reader.header({ pinned, number: kept.number }) : null
  const dissent = pinned.dissent.map(({ id, why: code, detail }) => `${id}: ${code}: ${detail}`)
  const shown: Shown = { chainId, kept, instead, final, agree: pinned.agree, dissent }
  const refuse = (code: Code, message: string): Succession => ({ ...shown, status: 'refused', code, message })

  if (kept === null) return refuse('FINAL_UNKNOWN', `No final block of chain ${chainId} is kept here: nothing holds it back.`)
  if (instead === null)
    return refuse('FINAL_BEHIND', `Block ${final.number} is final now, and ${kept.number} was: wait until the chain has passed it again.`)
  if (instead.hash === kept.hash) return refuse('FINAL_STANDS', `Block ${kept.number} is what it was: there is nothing to accept.`)
  if (asked.number < kept.number || asked.number > final.number)
    return refuse(
      'BLOCK_NOT_FINAL',
      `Block ${asked.number} is not between ${kept.number}, which was replaced, and ${final.number}, final now.`,
    )
  const accepted = await reader.header({ pinned, number: asked.number })
  if (accepted.hash !== asked.hash.toLowerCase())
    return refuse('BLOCK_OTHER', `Block ${asked.number} has hash ${accepted.hash}, say ${pinned.agree.join(', ')}; not ${asked.hash}.`)

  const standing = await lastStanding({ reader, pinned, blocks: await Events.blocks(database, chainId) })
  const record = { chainId, why, final: `${final.number}:${final.hash}`, agree: pinned.agree, dissent }
  const replaced = await Finals.replace(database, { chainId, kept, accepted, standing, record })
  if (replaced.status === 'changed') return refuse('FINAL_CHANGED', `Another block of chain ${chainId} was kept meanwhile. Look again.`)
  return { ...shown, status: 'accepted', accepted, taken: replaced.taken, at: replaced.at }
}

export declare namespace accept {
  type Args = {
    readonly reader: Quorum.Reader
    readonly database: Database.Database
    readonly asked: { readonly number: bigint; readonly hash: Hex }
    /** Why this history is the true one, for the record. */
    readonly why: string
  }
}

/** The newest of some blocks, given newest first, that is part of the chain: whatever stands on a block that is gone is gone as well. */
async function lastStanding(args: {
  readonly reader: Quorum.Reader
  readonly pinned: Quorum.Pinned
  readonly blocks: readonly Events.Block[]
}): Promise<Events.Block | null> {
  const { reader, pinned, blocks } = args
  let [from, to] = [0, blocks.length]
  while (from < to) {
    const middle = (from + to) >> 1
    const block = blocks[middle]
    if (block === undefined) break
    const stands = block.number <= pinned.block.number && (await reader.header({ pinned, number: block.number })).hash === block.hash
    if (stands) to = middle
    else from = middle + 1
  }
  return blocks[from] ?? null
}
