/** What holds a limit back beside its margin: caps on the notional, inputs too old to lend on, and remarks. */
import * as Amount from './Amount.ts'
import * as Fixed from './Fixed.ts'
import type { Inputs, Missing, Side } from './Inputs.ts'
import type { RateBound } from './Requirement.ts'

/** A bound that binds; `notional` is null where it is a remark and caps nothing by itself. */
export type Bound = { readonly code: Code; readonly notional: bigint | null; readonly message: string }

export type Code =
  | 'TIER_CAP'
  | 'GROWTH'
  | 'PARTICIPANT_CAP'
  | 'MARKET_CAP'
  | 'BRAKE'
  | 'BRAKE_UNAVAILABLE'
  | 'MARGIN_CALL'
  | 'NO_CREDIT'
  | 'ESCROW_CAP'
  | 'HOLDER_UNCOUNTED'
  | 'PARTIAL_VIEW'
  | 'STALE_FORECAST'
  | 'STALE_PRICE'
  | 'STALE_VIEW'
  | 'GRANT_EXPIRED'
  | RateBound

/** A cap on the notional, whether it binds or not. */
export type Cap = Bound & { readonly notional: bigint }

/** No certificate can say more. */
export const greatest = (1n << 128n) - 1n

/**
 * The most one side carries before the brake allows no raise; unknown while the book could not be read.
 *
 * A table without steps allows nothing: not having been told is not the same as having been told that all is well.
 */
export function brakeCap({ brake }: Inputs, side: Side): bigint {
  return brake.status === 'ok' ? (brake[side].at(-1)?.upToNotional ?? 0n) : greatest
}

/** `side cap − open interest − headroom`, at least 0. */
export function sideCap({ market }: Inputs, side: Side): bigint {
  return Fixed.max(0n, market.caps.side - market.openInterest[side] - market.headroom[side])
}

/**
 * Every reason why nothing new is lent whatever the credit, as caps of 0. Unwinding stays possible.
 *
 * @param creditTotal - of all lots. USD.
 */
export function stops(inputs: Inputs, creditTotal: bigint): readonly Cap[] {
  const { asOf, params, forecast, market, ledger, brake, view } = inputs
  const stop = (code: Code, message: string): Cap => ({ code, notional: 0n, message })
  const caps: Cap[] = []
  const priceAge = asOf - market.price.publishedAt
  if (priceAge > params.maxPriceAgeSeconds)
    caps.push(
      stop(
        'STALE_PRICE',
        `The price of ${market.symbol} is ${priceAge} s old, and ${params.maxPriceAgeSeconds} s is the most for new risk.`,
      ),
    )
  const forecastAge = asOf - forecast.asOf
  if (forecastAge > params.maxForecastAgeSeconds)
    caps.push(
      stop('STALE_FORECAST', `The forecast is ${forecastAge} s old, and ${params.maxForecastAgeSeconds} s is the most for new risk.`),
    )
  // A book that was not read may be one that the brake would shut: not knowing never gives more than knowing.
  if (brake.status === 'unavailable')
    caps.push(
      stop(
        'BRAKE_UNAVAILABLE',
        `The open positions in ${market.symbol} could not be read: nothing is raised until it is known how fragile it is.`,
      ),
    )
  const missing = ledger.otherEncumbrance + ledger.certificateCredit - creditTotal
  if (missing > 0n) caps.push({ ...short(view, Amount.dollars(missing, 'up')), notional: 0n })
  return caps
}

/** Why credit is below what is bound. Nobody is called on what could not be read, or is read and not counted. */
function short({ missing }: Inputs['view'], lacking: string): Pick<Cap, 'code' | 'message'> {
  const tell = (of: string, until: string) =>
    `${of} ${lacking} USD below what certificates and positions bind: nothing is raised until ${until}.`
  if (missing.length === 0) return { code: 'MARGIN_CALL', message: tell('Credit is', 'it is back') }
  return isUncounted(missing)
    ? { code: 'HOLDER_UNCOUNTED', message: tell('Of credit what signers count is', 'they count the rest') }
    : { code: 'PARTIAL_VIEW', message: tell('Of credit what could be read is', 'the rest is read') }
}

/** Of what is missing, whether all of it was read, and is not counted. */
export function isUncounted(missing: Inputs['view']['missing']): boolean {
  return missing.every(({ holder }) => holder !== undefined)
}

/** Every cap that has a size, with the side where it is the side's. */
export function caps(inputs: Inputs): readonly Cap[] {
  const { grant, growth, market, brake } = inputs
  const caps: Cap[] = [
    {
      code: 'TIER_CAP',
      notional: grant.tierCap,
      message: `Tier ${grant.tier} carries at most ${Amount.dollars(grant.tierCap, 'down')} USD.`,
    },
    {
      code: 'GROWTH',
      notional: growth.ceiling,
      message:
        growth.ceiling === 0n
          ? 'The venue accepts nothing more here: its growth bucket is empty, or it winds this market down.'
          : `The venue accepts at most ${Amount.dollars(growth.ceiling, 'down')} USD now; its growth bucket refills with time.`,
    },
    {
      code: 'PARTICIPANT_CAP',
      notional: market.caps.participant,
      message: `One participant carries at most ${Amount.dollars(market.caps.participant, 'down')} USD in this market.`,
    },
  ]
  const full = tighter(inputs, sideCap)
  caps.push({
    code: 'MARKET_CAP',
    notional: full.notional,
    message: `Open interest and live headroom leave ${Amount.dollars(full.notional, 'down')} USD on the ${full.side} side.`,
  })
  if (brake.status === 'ok') {
    const braked = tighter(inputs, brakeCap)
    const forced = braked.side === 'long' ? 'selling' : 'buying'
    caps.push({
      code: 'BRAKE',
      notional: braked.notional,
      message: `Beyond ${Amount.dollars(braked.notional, 'down')} USD forced ${forced} would feed on itself: no raise of the ${braked.side} side.`,
    })
  }
  return caps
}

/** Collateral that counts, and that the venue could not be paid from: it does not stand behind anything there. */
export function escrow(creditTotal: bigint, collectable: bigint): readonly Bound[] {
  if (collectable >= creditTotal) return []
  const message = `The venue may claim ${Amount.dollars(collectable, 'down')} of ${Amount.dollars(creditTotal, 'down')} USD of credit: its escrow is not enabled at the vault, or its cap is lower.`
  return [{ code: 'ESCROW_CAP', notional: null, message }]
}

/** What a reader should know about the inputs, though it caps nothing by itself. */
export function remarks(inputs: Inputs): readonly Bound[] {
  const { asOf, params, view, grant } = inputs
  const remark = (code: Code, message: string): Bound => ({ code, notional: null, message })
  const secured = view.lots.filter(({ custody }) => custody !== 'OBSERVED')
  const staleChains = secured.filter(({ block }) => asOf - block.timestamp > params.maxViewAgeSeconds).map(({ chainId }) => chainId)
  const staleAssets = secured.filter(({ price }) => asOf - price.publishedAt > params.maxPriceAgeSeconds).map(({ asset }) => asset)
  const read = new Set(view.lots.map(({ chainId }) => chainId))
  const remarks = view.missing.map(({ chainId, code, holder }) => {
    if (holder !== undefined) return remark('HOLDER_UNCOUNTED', uncounted({ chainId, code, holder }))
    return remark(
      'PARTIAL_VIEW',
      read.has(chainId)
        ? `Something on chain ${chainId} is in doubt (${code}): it counts nothing.`
        : `Chain ${chainId} could not be read (${code}): what lies there counts nothing.`,
    )
  })
  for (const chainId of new Set(staleChains.sort((a, b) => a - b)))
    remarks.push(
      remark('STALE_VIEW', `Chain ${chainId} was read more than ${params.maxViewAgeSeconds} s ago: what lies there counts nothing.`),
    )
  for (const asset of new Set(staleAssets.sort()))
    remarks.push(remark('STALE_PRICE', `${asset} was priced more than ${params.maxPriceAgeSeconds} s ago: it counts nothing.`))
  if (grant.imDiscountPpm > 0 && asOf > grant.validUntil)
    remarks.push(remark('GRANT_EXPIRED', `The grant ran out ${asOf - grant.validUntil} s ago: base terms apply.`))
  return remarks
}

/** Why what somebody has locked is left out, and until when. */
export function uncounted({ chainId, code, holder }: Missing & { readonly holder: string }): string {
  const until = code === 'HOLDER_UNREAD' ? 'the account can be asked there whether it signed' : 'the account is linked again'
  return `Signers do not count what ${holder} has locked on chain ${chainId} (${code}) until ${until}.`
}

/** What moved the rate in the last stage, in words. */
export const rateMessages: Readonly<Record<RateBound, string>> = {
  IM_CAP: 'A long never needs more than full collateral.',
  IM_FLOOR: 'Initial margin does not fall below its floor.',
  IM_LIQUIDATION: 'Initial margin covers the loss until a liquidation is done.',
  IM_MAINTENANCE: 'Initial margin stays (1 + β) above maintenance margin.',
}

function tighter(inputs: Inputs, cap: (inputs: Inputs, side: Side) => bigint): { readonly side: Side; readonly notional: bigint } {
  const long = cap(inputs, 'long')
  const short = cap(inputs, 'short')
  return short < long ? { side: 'short', notional: short } : { side: 'long', notional: long }
}
