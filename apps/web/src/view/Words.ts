/** Names and sentences for what the gateway says in codes. What has no sentence here keeps its code: nothing is hidden. */

/** What a code is called, and what it means. */
export type Named = { readonly name: string; readonly says: string }

const factors: Readonly<Record<string, Named>> = {
  schedule: { name: 'Base schedule', says: 'What the market asks of everybody, at the size of your limit.' },
  volatility: { name: 'Volatility & liquidity', says: 'Forecast 99 % loss while closing out, if that is more.' },
  brake: { name: 'Brake', says: 'More where forced selling would feed on itself.' },
  reputation: { name: 'Reputation', says: 'Less for exposure you have proven.' },
  wrongWay: { name: 'Wrong way', says: 'More where your collateral falls with the market.' },
  bounds: { name: 'Bounds', says: 'Floors and caps that hold whatever the rest says.' },
}

/** A factor of the waterfall. */
export function factor(code: string): Named {
  return factors[code] ?? { name: code, says: '' }
}

const boundNames: Readonly<Record<string, string>> = {
  NO_CREDIT: 'No free credit',
  TIER_CAP: 'Cap of your tier',
  GROWTH: 'Growth of this account',
  PARTICIPANT_CAP: 'Cap per participant',
  MARKET_CAP: 'Cap of the market',
  BRAKE: 'Brake',
  BRAKE_UNAVAILABLE: 'Book unread',
  HOLDER_UNCOUNTED: 'An account is not counted',
  PARTIAL_VIEW: 'A chain is missing',
  STALE_FORECAST: 'Forecast too old',
  STALE_PRICE: 'Price too old',
  MARGIN_CALL: 'Margin call',
  STALE_VIEW: 'Chain read too long ago',
  ESCROW_CAP: 'Venue may claim less',
  GRANT_EXPIRED: 'Grant ran out',
  IM_CAP: 'Full collateral',
  IM_FLOOR: 'Floor',
  IM_LIQUIDATION: 'Loss until liquidated',
  IM_MAINTENANCE: 'Above maintenance margin',
}

export function bound(code: string): string {
  return boundNames[code] ?? code
}

const chainCodes: Readonly<Record<string, string>> = {
  RPC_QUORUM_LOST: 'Too few sources agree to believe any of them.',
  RPC_HASH_DISAGREE: 'Its sources name different blocks at the same height.',
  RPC_VALUE_DISAGREE: 'Its sources give different balances at the same block.',
  RPC_WRONG_CHAIN: 'A source answers for another chain.',
  RPC_STALE_HEAD: 'Its newest block is too old.',
  SOURCE_LAGGING: 'A source lags behind.',
  FINALITY_STALLED: 'Its blocks are not becoming final.',
  VIEW_REORGED: 'A block was replaced while it was read; it is read again.',
  LIGHT_CLIENT_SILENT: 'Nothing that its validators signed is heard; what its sources say is not believed alone.',
  LIGHT_CLIENT_BEHIND: 'What its validators signed is too old; what its sources say is not believed alone.',
  LIGHT_CHECKPOINT_OLD: 'What its final blocks are known by is too old; an operator must renew it.',
  FINALITY_VIOLATED: 'A final block changed; the chain is frozen until an operator acts.',
}

/** Why a chain could not be read. */
export function chain(code: string): string {
  return chainCodes[code] ?? 'It could not be read.'
}

const features: Readonly<Record<string, Named>> = {
  BASE: { name: 'Where everybody starts', says: 'An account nobody knows has this.' },
  GOOD_CLOSES: { name: 'Positions closed well', says: 'Opened, held and closed without loss to the venue.' },
  BAD_DEBT: { name: 'Unpaid losses', says: 'No number of good closes outweighs one.' },
  RECENT_LIQUIDATIONS: { name: 'Recent liquidations', says: 'Fades within weeks.' },
  REPEATED_LIQUIDATIONS: { name: 'Repeated liquidations', says: 'Fades over months.' },
  UNANSWERED_CALLS: { name: 'Unanswered margin calls', says: 'Calls that you did not answer yourself.' },
  THIN_FILE: { name: 'Short record', says: 'A few good closes prove little yet.' },
  SCALE: { name: 'Ends of the scale', says: 'The score stays between its ends.' },
}

/** A line of the score. */
export function feature(code: string): Named {
  return features[code] ?? { name: code, says: '' }
}

const grantReasons: Readonly<Record<string, string>> = {
  NEWCOMER: 'Nothing is known of you yet: base terms apply.',
  TIER_BOUND: 'Your tier ends the discount; your score would allow more.',
  SCORE_BOUND: 'The discount is as large as your score allows; a higher one would allow more.',
  PROVEN_BOUND: 'It applies to the exposure you have proven.',
  OPTION_BOUND: 'It applies to what your paid fees make unprofitable to abuse.',
  FEE_BOUND: 'It applies to what your paid fees carry.',
  HISTORY_UNREAD: 'What happened lately on a chain could not be read: nobody knows whether your record still says the same.',
  CARRIED_UNKNOWN: 'You carry something in a market without a forecast: nobody knows what your record pays for there.',
}

/** Why a grant is what it is; null for the lines of the score. */
export function grant(code: string): string | null {
  return grantReasons[code] ?? null
}

const prices: Readonly<Record<string, string>> = {
  ORACLE_STALE: 'its feed was published too long ago.',
  ORACLE_OUT_OF_BAND: 'its sources are too far apart.',
  ORACLE_NON_POSITIVE: 'its feed says zero or less.',
  SEQUENCER_DOWN: 'the sequencer of its chain is down.',
  SEQUENCER_GRACE: 'the sequencer of its chain has only just come back.',
}

/** What winding a market down leaves to do. */
export const woundDown = 'what is open can be closed, and nothing is opened.'

/** Why there is no price. */
export function price(code: string): string {
  return prices[code] ?? `the gateway refused it (${code}).`
}

const tiers = ['Anonymous', 'Linked history', 'Unique human', 'Legal recourse'] as const

export function tier(tier: number): string {
  return tiers[tier] ?? `Tier ${tier}`
}

const custodies: Readonly<Record<string, string>> = {
  LOCKED: 'Locked in the vault',
  LIENED: 'Bound to us elsewhere',
  OBSERVED: 'Only seen',
}

export function custody(code: string): string {
  return custodies[code] ?? code
}

/** The id of a CAIP-10 account or contract: its address. */
export function addressOf(id: string): string {
  return id.slice(id.lastIndexOf(':') + 1)
}
