/** From decisions to transactions: signed and committed first, handed to every source then. */
import { Fee, type Multicall, type Sender } from '@plimsoll/chain'
import { Actions, type Database } from '@plimsoll/store'
import { keccak256, parseTransaction, type TransactionSerializedEIP1559 } from 'viem'
import type { PrivateKeyAccount } from 'viem/accounts'
import type * as Decide from './decide.ts'

type Hex = `0x${string}`

/** One key on one chain, and what it may offer. */
export type Till = {
  readonly desk: Actions.Desk
  readonly key: PrivateKeyAccount
  readonly sender: Sender.Sender
  /** Wei per gas. */
  readonly mostFee: bigint
}

/**
 * Commits decisions and hands them over.
 *
 * What liquidations cost is asked of the first that nodes would run: whom somebody else has closed meanwhile keeps nobody from being closed. Of what
 * nobody else could try, or of what layers pay in, it is asked of each.
 *
 * @param args.database - behind the lease.
 * @returns what was committed, and why something was not.
 * @throws {Leases.LeaseLostError} {Quorum.QuorumError}
 */
export async function execute(args: execute.Args): Promise<execute.Executed> {
  const { till, database, intents } = args
  const { desk, key, sender, mostFee } = till
  if (intents.length === 0) return { actions: [], refusals: [] }
  const [counted, fees] = await Promise.all([sender.count(desk.sender), sender.fees()])
  const runnable = new Map<string, bigint>()
  const refusals = new Set<string>()
  const drafts: Actions.Draft[] = []
  const ready = new Map<Hex, { readonly call: Multicall.Call; readonly gas: bigint }>()
  for (const { draft, call } of intents) {
    const name = nameOf(draft)
    const known = runnable.get(name)
    const estimate: Sender.Estimate =
      known === undefined ? await sender.estimate({ from: desk.sender, to: call.target, data: call.data }) : { status: 'ok', gas: known }
    if (estimate.status === 'refused') {
      refusals.add(`NOT_RUNNABLE: nodes would not run a ${draft.kind}: ${estimate.reason}`)
      continue
    }
    runnable.set(name, estimate.gas)
    drafts.push(draft)
    ready.set(draft.hash, { call, gas: Fee.gas(estimate.gas) })
  }
  const offer = Fee.first(fees, mostFee)
  const actions = await Actions.commit(database, { desk, counted, drafts }, async ({ hash }, nonce) => {
    const made = ready.get(hash)
    if (made === undefined) throw new RangeError('Every draft has a call.')
    const { call, gas } = made
    return sign({ key, chainId: desk.chainId, nonce, to: call.target, data: call.data, gas, offer })
  })
  await handOver({ sender, raws: actions.flatMap(({ sends }) => sends.slice(-1).map(({ raw }) => raw)) })
  return { actions, refusals: [...refusals] }
}

export declare namespace execute {
  type Args = { readonly till: Till; readonly database: Database.Database; readonly intents: readonly Decide.Intent[] }
  type Executed = { readonly actions: readonly Actions.Action[]; readonly refusals: readonly string[] }
}

function nameOf({ kind, hash }: Actions.Draft): string {
  return kind === 'liquidate' ? kind : hash
}

/** Replaces an action's transaction by one that offers more, committed before it is handed over. @returns whether it could be. */
export async function raise(args: {
  readonly till: Till
  readonly database: Database.Database
  readonly action: Actions.Action
}): Promise<boolean> {
  const { till, database, action } = args
  const last = action.sends.at(-1)
  if (last === undefined || action.nonce === null) return false
  const offer = Fee.next(last, await till.sender.fees(), till.mostFee)
  if (offer === null) return false
  const { to, data, gas } = parseTransaction(last.raw as TransactionSerializedEIP1559)
  if (!to || data === undefined || gas === undefined) return false
  const { desk, key, sender } = till
  const signed = await sign({ key, chainId: desk.chainId, nonce: action.nonce, to, data, gas, offer })
  await Actions.replace(database, { id: action.id, signed })
  await handOver({ sender, raws: [signed.raw] })
  return true
}

/** Hands signed bytes to every source, a few at a time. The same bytes may be handed over again. */
export async function handOver({ sender, raws }: { readonly sender: Sender.Sender; readonly raws: readonly Hex[] }): Promise<void> {
  for (let from = 0; from < raws.length; from += atOnce) await Promise.all(raws.slice(from, from + atOnce).map((raw) => sender.send(raw)))
}

const atOnce = 8

async function sign(args: {
  readonly key: PrivateKeyAccount
  readonly chainId: number
  readonly nonce: bigint
  readonly to: Hex
  readonly data: Hex
  readonly gas: bigint
  readonly offer: Fee.Fee
}): Promise<Actions.Signed> {
  const { key, chainId, nonce, to, data, gas, offer } = args
  const raw = await key.signTransaction({ type: 'eip1559', chainId, nonce: Number(nonce), to, data, gas, ...offer })
  return { raw, hash: keccak256(raw), ...offer }
}
