/** What became of actions under way: handed over again, replaced, seen in a block, final, or gone with their block. */
import type { Quorum, Sender } from '@plimsoll/chain'
import { backstopAbi, perpVenueAbi } from '@plimsoll/contracts'
import { Actions, type Database } from '@plimsoll/store'
import { parseEventLogs } from 'viem'
import * as Document from '../document.ts'
import * as Execute from './execute.ts'

export type Settler = {
  /** One round. @returns what is under way after it. */
  readonly settle: (database: Database.Database) => Promise<readonly Actions.Action[]>
  /** The same at a pinned block: what was in a block that is not below it is pending again, what is below the final one is final. */
  readonly stand: (
    database: Database.Database,
    actions: readonly Actions.Action[],
    pinned: Quorum.Pinned,
  ) => Promise<readonly Actions.Action[]>
  /** Actions that were handed over just now. */
  readonly handed: (actions: readonly Actions.Action[]) => void
  readonly forget: () => void
}

/** What was handed over is handed over again after this long, for sources that lost it. */
const againMs = 5_000
/** A nonce that something else used is told from a receipt that travels by waiting. */
const lostMs = 60_000

/** The settler of one key on one chain. */
export function open(args: open.Args): Settler {
  const { till, reader, stuckSeconds, nowMs } = args
  const { desk, sender } = till
  /** When an action's bytes were handed over last, and first at this offer, by this process. */
  const handed = new Map<bigint, { readonly lastMs: number; readonly offerMs: number; readonly sends: number }>()
  const missing = new Map<bigint, number>()
  let finalAt = 0

  async function settle(database: Database.Database): Promise<readonly Actions.Action[]> {
    const actions = await Actions.underWay(database, desk)
    if (actions.length === 0) return actions
    const counted = await sender.count(desk.sender)
    const pending = actions.filter(({ status }) => status === 'pending')
    const seen: Actions.Seen[] = await inBlocks(pending.filter(({ nonce }) => nonce !== null && nonce < counted))
    await Actions.see(database, { seen })
    await push(database, {
      waiting: pending.filter(({ nonce }) => nonce !== null && nonce >= counted),
      counted,
    })
    return seen.length === 0 ? actions : Actions.underWay(database, desk)
  }

  /** Of those whose nonce is used: by which of their bytes, and to what effect. */
  async function inBlocks(actions: readonly Actions.Action[]): Promise<Actions.Seen[]> {
    const seen: Actions.Seen[] = []
    for (let from = 0; from < actions.length; from += atOnce)
      seen.push(...(await Promise.all(actions.slice(from, from + atOnce).map(found))).flat())
    return seen
  }

  async function found(action: Actions.Action): Promise<readonly Actions.Seen[]> {
    // The last offer is the likeliest.
    for (const { hash } of [...action.sends].reverse()) {
      const answer = await sender.receipt(hash)
      if (answer.status === 'unknown') return []
      if (answer.status === 'absent') continue
      missing.delete(action.id)
      return [minedOf(action, answer.receipt)]
    }
    const since = missing.get(action.id) ?? nowMs()
    missing.set(action.id, since)
    if (nowMs() - since < lostMs) return []
    return [{ id: action.id, status: 'final', outcome: 'lost', transaction: null, block: null, result: null }]
  }

  /** Blocks that are known to be below the last pinned one. */
  const standing = new Set<string>()
  let last: Quorum.Pinned | null = null

  async function stand(
    database: Database.Database,
    actions: readonly Actions.Action[],
    pinned: Quorum.Pinned,
  ): Promise<readonly Actions.Action[]> {
    if (!(await follows(pinned))) standing.clear()
    last = pinned
    const mined = actions.flatMap((action) => (action.status === 'mined' && action.block !== null ? [{ action, block: action.block }] : []))
    const below = mined.filter(({ block }) => block.number <= pinned.block.number)
    const final = below.length > 0 && nowMs() - finalAt >= againMs ? await reader.pin({ at: 'final' }) : null
    if (final !== null) finalAt = nowMs()
    const seen: Actions.Seen[] = []
    for (const { action, block } of below) {
      const { id, outcome, transaction, result } = action
      if (!standing.has(block.hash)) {
        const { hash } = await reader.header({ pinned, number: block.number })
        standing.add(hash)
      }
      if (!standing.has(block.hash)) {
        seen.push({ id, status: 'pending' })
        // The same bytes go out first: it was not for their offer that they are gone.
        handed.delete(id)
      }
      if (standing.has(block.hash) && final !== null && block.number <= final.block.number && outcome !== null)
        seen.push({ id, status: 'final', outcome, transaction, block, result })
    }
    await Actions.see(database, { seen })
    return seen.length === 0 ? actions : Actions.underWay(database, desk)
  }

  /** Whether a pinned block has the last one below it. */
  async function follows(pinned: Quorum.Pinned): Promise<boolean> {
    if (last === null || pinned.block.number < last.block.number) return false
    const { number, hash } = last.block
    if (pinned.block.number === number) return pinned.block.hash === hash
    if (pinned.block.number === number + 1n) return pinned.block.parentHash === hash
    return (await reader.header({ pinned, number })).hash === hash
  }

  /** Hands over again what is in no block; the first in line offers more when it has been stuck. */
  async function push(
    database: Database.Database,
    { waiting, counted }: { readonly waiting: readonly Actions.Action[]; readonly counted: bigint },
  ): Promise<void> {
    const now = nowMs()
    const again: Actions.Action[] = []
    for (const action of waiting) {
      const before = handed.get(action.id)
      const isNew = before === undefined || before.sends !== action.sends.length
      const offerMs = isNew ? now : before.offerMs
      if (isNew || now - before.lastMs >= againMs) again.push(action)
      else continue
      handed.set(action.id, { lastMs: now, offerMs, sends: action.sends.length })
      const isStuck = action.nonce === counted && now - offerMs >= stuckSeconds * 1000
      if (isStuck && (await Execute.raise({ till, database, action }))) again.pop()
    }
    await Execute.handOver({ sender, raws: again.flatMap(({ sends }) => sends.slice(-1).map(({ raw }) => raw)) })
  }

  return {
    settle,
    stand,
    handed: (actions) => {
      const now = nowMs()
      for (const { id, sends } of actions) handed.set(id, { lastMs: now, offerMs: now, sends: sends.length })
    },
    forget: () => {
      handed.clear()
      missing.clear()
      standing.clear()
      last = null
    },
  }
}

export declare namespace open {
  type Args = {
    readonly till: Execute.Till
    readonly reader: Quorum.Reader
    readonly stuckSeconds: number
    readonly nowMs: () => number
  }
}

const atOnce = 8

/** What a backstop says it did. */
const facts = backstopAbi.filter((item) => item.type === 'event')

function minedOf(action: Actions.Action, receipt: Sender.Receipt): Actions.Seen {
  const { hash, status, blockNumber, blockHash, gasUsed } = receipt
  const logs = receipt.logs.map(({ topics, ...log }) => ({ ...log, topics: [...topics] }))
  const own = parseEventLogs({ abi: [...perpVenueAbi, ...facts], logs: logs as never, strict: true }) as readonly {
    readonly eventName: string
    readonly args: unknown
  }[]
  const events = own.map(({ eventName, args }) => ({ event: eventName, ...(args as object) }))
  return {
    ...{ id: action.id, status: 'mined', outcome: status, transaction: hash },
    block: { number: blockNumber, hash: blockHash },
    result: Document.of({ gasUsed, events }).text,
  }
}
