/** Names and sentences for what the gateway says in codes. What has no sentence here keeps its code: nothing is hidden. */

type Factor = { readonly name: string; readonly says: string }

const factors: Readonly<Record<string, Factor>> = {
  schedule: { name: 'Base schedule', says: 'What the market asks of everybody, by size.' },
  volatility: { name: 'Volatility & liquidity', says: 'Forecast 99 % loss while closing out, if that is more.' },
  brake: { name: 'Brake', says: 'More where forced selling would feed on itself.' },
  reputation: { name: 'Reputation', says: 'Less for exposure you have proven.' },
  wrongWay: { name: 'Wrong way', says: 'More where your collateral falls with the market.' },
  bounds: { name: 'Bounds', says: 'Floors and caps that hold whatever the rest says.' },
}

/** A factor of the waterfall. */
export function factor(code: string): Factor {
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
  PARTIAL_VIEW: 'A chain is missing',
  STALE_FORECAST: 'Forecast too old',
  STALE_PRICE: 'Price too old',
  MARGIN_CALL: 'Margin call',
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
  FINALITY_VIOLATED: 'A final block changed; the chain is frozen until an operator acts.',
}

/** Why a chain could not be read. */
export function chain(code: string): string {
  return chainCodes[code] ?? 'It could not be read.'
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
