/** What anybody can send to a chain of the world, and what becomes of the model's state then. */
import type { Certificate as Limit, MarkDown } from '@plimsoll/contracts'
import * as Claims from './Claims.ts'
import * as Harbour from './Harbour.ts'
import * as Venue from './Venue.ts'

type Hex = `0x${string}`

/** A certificate as it was signed, for whoever posts it where signatures are checked. */
export type Signed = { readonly certificate: Limit.Certificate; readonly signatures: readonly Hex[] }

export type AtVenue =
  /** `genuine`: whether the signature is the signers' own, over this very certificate. */
  | { readonly kind: 'accept'; readonly signed: Signed; readonly genuine: boolean }
  | { readonly kind: 'markDown'; readonly order: Omit<MarkDown.MarkDown, 'inputsHash'>; readonly evidence: MarkDown.Evidence }
  | { readonly kind: 'trade' | 'reduce'; readonly account: Hex; readonly market: Hex; readonly size: bigint }
  | { readonly kind: 'liquidate'; readonly account: Hex; readonly market: Hex }
  | { readonly kind: 'deposit' | 'withdraw' | 'coverLoss'; readonly account: Hex; readonly amount: bigint }

export type AtHarbour =
  | { readonly kind: 'deposit' | 'requestEscape'; readonly account: Hex; readonly amount: bigint }
  | { readonly kind: 'cancelEscape' | 'executeEscape'; readonly account: Hex }
  | { readonly kind: 'release'; readonly order: Harbour.Release }
  | { readonly kind: 'enableEscrow'; readonly word: Claims.enable.Word; readonly venue: Place }
  | { readonly kind: 'queueSettlement'; readonly order: Claims.Order; readonly venue: Place }
  | { readonly kind: 'paySettlement' | 'vetoSettlement' | 'lapseSettlement'; readonly id: Hex }

export type Place = { readonly chainId: number; readonly address: Hex }

/** The venue after a call. The same state where the contract would revert. */
export function onVenue(venue: Venue.Venue, call: AtVenue, sea: Venue.Sea): Venue.Venue {
  switch (call.kind) {
    case 'accept': {
      if (!call.genuine) return venue
      const { issuedAt, expiresAt, ...rest } = call.signed.certificate
      return Venue.accept(venue, { ...rest, issuedAt: Number(issuedAt), expiresAt: Number(expiresAt) }, sea)
    }
    case 'markDown':
      return Venue.markDown(venue, call, sea)
    case 'trade':
      return Venue.trade(venue, call, sea)
    case 'reduce':
      return Venue.reduce(venue, call, sea)
    case 'liquidate':
      return Venue.liquidate(venue, call, sea)
    case 'deposit':
      return Venue.deposit(venue, call.account, call.amount)
    case 'withdraw':
      return Venue.withdraw(venue, call, sea)
    case 'coverLoss':
      return Venue.coverLoss(venue, call.account, call.amount)
  }
}

/** The harbour after a call. The same state where the contract would revert. */
export function onHarbour(harbour: Harbour.Harbour, call: AtHarbour, now: number): Harbour.Harbour {
  switch (call.kind) {
    case 'deposit':
      return Harbour.deposit(harbour, call.account, call.amount)
    case 'requestEscape':
      return Harbour.requestEscape(harbour, call, now)
    case 'cancelEscape':
      return Harbour.cancelEscape(harbour, call.account)
    case 'executeEscape':
      return Harbour.executeEscape(harbour, call.account, now)
    case 'release':
      return Harbour.release(harbour, call.order, now)
    case 'enableEscrow':
      return Claims.enable(harbour, call.word, now)
    case 'queueSettlement':
      return Claims.queue(harbour, call.order, now)
    case 'paySettlement':
      return Claims.pay(harbour, call.id, now)
    case 'vetoSettlement':
      return Claims.veto(harbour, call.id)
    case 'lapseSettlement':
      return Claims.lapse(harbour, call.id, now)
  }
}
