/** A contract's log as something that happened to somebody. */
import { collateralVaultAbi, perpVenueAbi } from '@plimsoll/contracts'
import { type AbiEvent, decodeEventLog, toEventSelector } from 'viem'
import type { Hex } from './Hex.ts'
import type { Log } from './Log.ts'

export type Kind =
  | 'collateral.locked'
  | 'collateral.released'
  | 'escape.requested'
  | 'escape.cancelled'
  | 'escape.executed'
  /** A settlement was taken by the vault, and waits out its challenge window. */
  | 'settlement.queued'
  | 'settlement.paid'
  | 'settlement.vetoed'
  /** Nobody had it paid while it could be. */
  | 'settlement.lapsed'
  | 'venue.deposited'
  | 'venue.withdrawn'
  /** Notional of what was opened beyond what was there. */
  | 'position.opened'
  /** Notional of what was closed. */
  | 'position.closed'
  | 'pnl.realised'
  | 'fee.paid'
  /** Notional of what was liquidated. */
  | 'liquidation'
  /** What the liquidator got of it. */
  | 'liquidation.fee'
  /** Notional of what closed so that a winner's profit paid somebody's loss. */
  | 'deleveraging'
  /** What the winner gave up for it. No fee. */
  | 'gain.forfeited'
  | 'bad-debt'
  | 'loss.recorded'
  | 'loss.settled'

/** Neutral: it says what happened, not what to think of it. */
export type Event = {
  readonly kind: Kind
  /** When, by the block's clock. Unix seconds. */
  readonly at: number
  readonly account: Hex
  /** USD. Negative only for `pnl.realised`. Null where the log speaks of tokens, whose price it does not know. */
  readonly amountUsd: bigint | null
  readonly token: { readonly address: Hex; readonly amount: bigint } | null
  readonly market: Hex | null
  /** Base units × 1e18, of what was opened, closed, liquidated or deleveraged; else null. */
  readonly size: bigint | null
  /** What the position moved by, positive for a buy, where `position.…` says that it did; else null. Base units × 1e18. */
  readonly delta: bigint | null
  readonly chainId: number
  readonly contract: Hex
  readonly blockNumber: bigint
  readonly blockHash: Hex
  readonly transactionHash: Hex
  readonly logIndex: number
}

/** What a log says; one log may say several things. */
export type Fact = Pick<Event, 'kind' | 'account' | 'amountUsd' | 'token' | 'market' | 'size' | 'delta'>

const SETTLEMENT = {
  SettlementQueued: 'settlement.queued',
  SettlementPaid: 'settlement.paid',
  SettlementVetoed: 'settlement.vetoed',
  SettlementLapsed: 'settlement.lapsed',
} as const
const VAULT = ['Deposited', 'Released', 'EscapeRequested', 'EscapeCancelled', 'Escaped', ...Object.keys(SETTLEMENT)]
const VENUE = ['Deposited', 'Withdrawn', 'PositionChanged', 'Liquidated', 'Deleveraged', 'LossRecorded', 'LossSettled'] as const

const topicsOf = (abi: readonly { readonly type: string }[], names: readonly string[]): readonly Hex[] =>
  abi.flatMap((item) => (item.type === 'event' && names.includes((item as AbiEvent).name) ? [toEventSelector(item as AbiEvent)] : []))

/** The first topic of every log that means something here. */
export const topics: readonly Hex[] = [...topicsOf(collateralVaultAbi, VAULT), ...topicsOf(perpVenueAbi, VENUE)]

/**
 * What a vault's log says.
 *
 * @throws what viem throws for bytes that are no event of a vault.
 */
export function ofVault(log: Log): readonly Fact[] {
  const { eventName, args } = decodeEventLog({ abi: collateralVaultAbi, data: log.data, topics: topicsTuple(log) })
  if (eventName === 'Deposited') return [tokens('collateral.locked', args)]
  if (eventName === 'Released') return [tokens('collateral.released', args)]
  if (eventName === 'EscapeRequested') return [tokens('escape.requested', args)]
  if (eventName === 'EscapeCancelled') return [tokens('escape.cancelled', args)]
  if (eventName === 'Escaped') return [tokens('escape.executed', args)]
  if (eventName in SETTLEMENT && 'token' in args && 'amount' in args)
    return [tokens(SETTLEMENT[eventName as keyof typeof SETTLEMENT], args)]
  return []
}

/**
 * What a venue's log says. A trade that goes through zero closes and opens.
 *
 * @param token - what the venue takes as collateral.
 * @throws what viem throws for bytes that are no event of a venue.
 */
export function ofVenue(log: Log, token: Hex): readonly Fact[] {
  const { eventName, args } = decodeEventLog({ abi: perpVenueAbi, data: log.data, topics: topicsTuple(log) })
  if (eventName === 'Deposited') return [tokens('venue.deposited', { ...args, token })]
  if (eventName === 'Withdrawn') return [tokens('venue.withdrawn', { ...args, token })]
  if (eventName === 'PositionChanged') return changeOf(args)
  if (eventName === 'Liquidated') {
    const { account, market } = args
    const facts = [traded('liquidation', { account, market, size: args.size, price: args.price })]
    if (args.badDebt > 0n) facts.push(usd('bad-debt', account, args.badDebt, market))
    if (args.fee > 0n) facts.push(usd('liquidation.fee', account, args.fee, market))
    return facts
  }
  if (eventName === 'Deleveraged') {
    const { winner, market, size, price, amount } = args
    return [traded('deleveraging', { account: winner, market, size, price }), usd('gain.forfeited', winner, amount, market)]
  }
  if (eventName === 'LossRecorded') return [usd('loss.recorded', args.account, args.amount, null)]
  if (eventName === 'LossSettled') return [usd('loss.settled', args.account, args.amount, null)]
  return []
}

function changeOf(change: {
  readonly account: Hex
  readonly market: Hex
  readonly sizeDelta: bigint
  readonly size: bigint
  readonly price: bigint
  readonly realisedPnl: bigint
  readonly fee: bigint
}): readonly Fact[] {
  const { account, market, sizeDelta, size, price } = change
  const before = size - sizeDelta
  const closes = before !== 0n && before > 0n !== sizeDelta > 0n
  const closed = closes ? least(abs(before), abs(sizeDelta)) : 0n
  const opened = abs(sizeDelta) - closed
  const facts: Fact[] = []
  const sign = sizeDelta < 0n ? -1n : 1n
  if (closed > 0n) facts.push({ ...traded('position.closed', { account, market, size: closed, price }), delta: sign * closed })
  if (closed > 0n) facts.push(usd('pnl.realised', account, change.realisedPnl, market))
  if (opened > 0n) facts.push({ ...traded('position.opened', { account, market, size: opened, price }), delta: sign * opened })
  if (change.fee > 0n) facts.push(usd('fee.paid', account, change.fee, market))
  return facts
}

function tokens(kind: Kind, args: { readonly account: string; readonly token: string; readonly amount: bigint }): Fact {
  const token = { address: args.token.toLowerCase() as Hex, amount: args.amount }
  return { kind, account: args.account.toLowerCase() as Hex, amountUsd: null, token, market: null, size: null, delta: null }
}

function usd(kind: Kind, account: string, amountUsd: bigint, market: Hex | null): Fact {
  return { kind, account: account.toLowerCase() as Hex, amountUsd, token: null, market, size: null, delta: null }
}

function topicsTuple(log: Log): [] | [Hex, ...Hex[]] {
  const [signature, ...indexed] = log.topics
  return signature ? [signature, ...indexed] : []
}

/** Notional ⌊|size| · price⌋, USD × 1e18. */
function traded(
  kind: Kind,
  trade: { readonly account: string; readonly market: Hex; readonly size: bigint; readonly price: bigint },
): Fact {
  const size = abs(trade.size)
  return { ...usd(kind, trade.account, (size * trade.price) / 10n ** 18n, trade.market), size }
}

function abs(value: bigint): bigint {
  return value < 0n ? -value : value
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}
