/** Gathers the inputs document: the one place where view, price, forecast, grant, brake and ledger meet. */
import { Credit, Fixed, type Inputs } from '@plimsoll/margin'
import { BaseError } from './BaseError.ts'
import type { LedgerState, MarketState, Snapshot, Terms, Uncounted, Venue } from './Snapshot.ts'

/**
 * The inputs document of one (participant, account, venue, market).
 *
 * Source: docs/decisions/0002-one-document-one-function.md. Nothing is filled in: a price, a forecast or a view that is not there is an error with its code.
 *
 * @param request.notional - asked for, or null for the largest. USD.
 * @throws {UnknownMarketError} {UnknownVenueError} {UnknownParticipantError} {InputMissingError}
 */
export function inputs(snapshot: Snapshot, request: inputs.Request): Inputs.Inputs {
  const venue = venueOf(snapshot, request.venue)
  const state = marketOf(snapshot, request.market)
  const view = viewOf(snapshot, request.participantId, request.uncounted)
  const grant = snapshot.standings.get(request.participantId)?.grantOf(request.market, request.ledger.beside) ?? null
  if (grant === null) throw new UnknownParticipantError(request.participantId)
  if (state.price.status === 'refused') throw new InputMissingError({ code: state.price.code, what: state.price.message })
  if (state.forecast.status === 'missing') throw new InputMissingError({ code: state.forecast.code, what: state.forecast.message })
  const ceiling = snapshot.ceilings.get(ceilingKey(request.account, venue, state.terms))
  if (ceiling === undefined)
    throw new InputMissingError({
      code: 'CEILING_UNREAD',
      what: "The venue's growth bucket for this account is not read: not yet, or not while it holds a market there whose feed has no price.",
    })

  const { terms, price, forecast, brake } = state
  const held = request.ledger
  const claims = view.lots.flatMap(({ lotId }) => {
    const amount = snapshot.claims.get(claimKey(lotId, venue)) ?? 0n
    return amount > 0n ? [{ lotId, amount }] : []
  })
  return {
    version: 2,
    asOf: request.asOf,
    subject: {
      participantId: request.participantId,
      account: request.account,
      venue: { chainId: venue.chainId, address: venue.address },
      market: terms.id,
    },
    request: { notional: request.notional },
    view,
    claims,
    market: {
      symbol: terms.symbol,
      price: { index: price.index, mark: price.mark, publishedAt: price.publishedAt },
      initial: terms.initial,
      maintenance: terms.maintenance,
      liquidity: terms.liquidity,
      liquidationCostPpm: terms.liquidationCostPpm,
      openInterest: held.openInterest,
      headroom: held.headroom,
      caps: terms.caps,
      wrongWay: terms.wrongWay,
    },
    forecast: forecast.forecast,
    damper: held.damper,
    grant: besideOthers(grant, held, terms),
    brake: besideOwn(brake, held, snapshot.ledger.market({ venue, market: terms })),
    ledger: held.ledger,
    growth: { ceiling },
    params: snapshot.params,
  }
}

export declare namespace inputs {
  type Request = {
    readonly participantId: Inputs.Hex
    readonly account: Inputs.Hex
    readonly venue: string
    readonly market: string
    readonly notional: bigint | null
    readonly asOf: number
    readonly ledger: LedgerState
    /** Whose lots are left out, and named. */
    readonly uncounted?: readonly Uncounted[]
  }
  type ErrorType = UnknownMarketError | UnknownVenueError | UnknownParticipantError | InputMissingError
}

/** So many lots count, the most valuable ones: dust must not make a document that nobody can read. */
export const maxLots = 200

/**
 * The participant's lots, each with the greater of its static haircut and its asset's own loss quantile; at most the 200 largest.
 *
 * @param uncounted - whose lots are left out; named among what is missing where there is one.
 */
export function viewOf(snapshot: Snapshot, participantId: Inputs.Hex, uncounted: readonly Uncounted[] = []): Inputs.View {
  const view = snapshot.views.get(participantId)
  if (!view) throw new UnknownParticipantError(participantId)
  const counted = view.lots.filter((lot) => !uncounted.some((one) => isOf(one, lot)))
  return {
    lots: largest(cut(snapshot, counted)),
    missing: [...view.missing, ...uncounted.filter((one) => view.lots.some((lot) => isOf(one, lot)))],
  }
}

/** Lots, each with the greater of its static haircut and its asset's own loss quantile. */
export function cut(snapshot: Pick<Snapshot, 'assets' | 'markets'>, lots: readonly Inputs.Lot[]): readonly Inputs.Lot[] {
  return lots.map((lot) => ({
    ...lot,
    haircuts: { ...lot.haircuts, assetPpm: Math.max(lot.haircuts.assetPpm, quantileOf(snapshot, lot.asset)) },
  }))
}

/** Whether a lot is of those that are not counted. */
export function isOf({ holder, chainId }: Uncounted, lot: Pick<Inputs.Lot, 'holder' | 'chainId'>): boolean {
  return lot.holder === holder && lot.chainId === chainId
}

/**
 * By what they are worth as collateral, so that more of what counts little pushes out nothing that counts; those of equal value by name, so
 * that everybody leaves out the same.
 */
function largest(lots: readonly Inputs.Lot[]): readonly Inputs.Lot[] {
  if (lots.length <= maxLots) return lots
  const valued = lots.map((lot) => ({ lot, value: Credit.value(lot) }))
  valued.sort((a, b) => (a.value === b.value ? (a.lot.lotId < b.lot.lotId ? -1 : 1) : a.value > b.value ? -1 : 1))
  return valued.slice(0, maxLots).map(({ lot }) => lot)
}

/** The 99 % loss of a collateral asset over the close-out. An asset that moves and has no forecast counts nothing. */
function quantileOf(snapshot: Pick<Snapshot, 'assets' | 'markets'>, asset: string): number {
  const market = snapshot.assets.get(asset)
  if (market === undefined) return 1_000_000
  if (market === null) return 0
  const forecast = snapshot.markets.get(market)?.forecast
  return forecast?.status === 'ok' ? Math.min(1_000_000, forecast.forecast.closeOut.longPpm) : 1_000_000
}

/** What a participant may carry in a market, by its tier and at all, is one for all of its keys: the others' part of it is gone. */
function besideOthers(grant: Inputs.Grant, held: LedgerState, { id, caps }: Terms): Inputs.Grant {
  const carried = held.beside.reduce((sum, { market, notional }) => (market === id ? sum + notional : sum), 0n)
  if (carried === 0n) return grant
  return { ...grant, tierCap: Fixed.max(0n, Fixed.min(grant.tierCap, caps.participant) - carried) }
}

/**
 * The market's brake as it stands for one key: its table starts from everybody's headroom and open interest, and a notional of this
 * key replaces what the key has there already instead of adding to it. So a renewal costs what the certificate did. What came since the
 * table was made takes from its room, whoever it is of; what went since gives none.
 */
function besideOwn(brake: Inputs.Brake, held: LedgerState, then: Pick<LedgerState, 'openInterest' | 'headroom'>): Inputs.Brake {
  const { position } = held.ledger
  const moved = (side: 'long' | 'short') => {
    const own = held.ownHeadroom[side] + (position.side === side ? position.notional : 0n)
    const since = held.openInterest[side] + held.headroom[side] + own - then.openInterest[side] - then.headroom[side]
    const room = own - Fixed.max(0n, since)
    return brake[side].flatMap(({ upToNotional, ppm }) => (upToNotional + room > 0n ? [{ upToNotional: upToNotional + room, ppm }] : []))
  }
  return { ...brake, long: moved('long'), short: moved('short') }
}

export function venueOf(snapshot: Snapshot, id: string): Venue {
  const venue = snapshot.venues.get(id.toLowerCase())
  if (!venue) throw new UnknownVenueError({ id, known: [...snapshot.venues.keys()] })
  return venue
}

export function marketOf(snapshot: Snapshot, symbol: string): MarketState {
  const market = snapshot.markets.get(symbol)
  if (!market) throw new UnknownMarketError({ symbol, known: [...snapshot.markets.keys()] })
  return market
}

export function ceilingKey(account: string, venue: Venue, market: Terms): string {
  return `${account}|${venue.id}|${market.symbol}`
}

export function claimKey(lotId: Inputs.Hex, venue: Pick<Venue, 'id'>): string {
  return `${lotId}|${venue.id}`
}

/** Thrown for a market nobody configured. */
export class UnknownMarketError extends BaseError {
  override readonly name = 'Gather.UnknownMarketError'
  constructor(args: { readonly symbol: string; readonly known: readonly string[] }) {
    super({ code: 'UNKNOWN_MARKET', message: `There is no market ${args.symbol}.`, hint: `Markets here: ${args.known.join(', ')}.` })
  }
}

/** Thrown for a venue nobody configured. */
export class UnknownVenueError extends BaseError {
  override readonly name = 'Gather.UnknownVenueError'
  constructor(args: { readonly id: string; readonly known: readonly string[] }) {
    super({ code: 'UNKNOWN_VENUE', message: `There is no venue ${args.id}.`, hint: `Venues here: ${args.known.join(', ')}.` })
  }
}

/** Thrown while nothing is known of a participant. Not knowing is not the same as holding nothing. */
export class UnknownParticipantError extends BaseError {
  override readonly name = 'Gather.UnknownParticipantError'
  constructor(participantId: string) {
    super({
      code: 'UNKNOWN_PARTICIPANT',
      message: `Participant ${participantId} has not been read yet.`,
      hint: 'Sign in with one of its accounts, and ask again once the next view has been taken.',
    })
  }
}

/** Thrown when an input a limit depends on is not there. */
export class InputMissingError extends BaseError {
  override readonly name = 'Gather.InputMissingError'
  constructor(args: { readonly code: string; readonly what: string }) {
    super({ code: args.code, message: args.what, hint: 'No limit is given without it. The gateway’s health names what is missing.' })
  }
}
