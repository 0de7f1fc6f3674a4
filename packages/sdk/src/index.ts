export type { LinkedAccount } from './Accounts.ts'
export { type Ended, type Ending, endConsent } from './Consent.ts'
export type {
  Arrival,
  Attested,
  Chain,
  Collateral,
  Evidence,
  EvidencePolicy,
  Explanation,
  Lot,
  Piece,
  Place,
  ScoreDiff,
} from './Decode.ts'
export type {
  ClusterSide,
  Clusters,
  FragileSide,
  Fragility,
  MarketBrake,
  MarketSource,
  Measured,
  Stress,
  UnreadMarket,
} from './Fragility.ts'
export {
  type AcceptRequest,
  type AccountSigner,
  createMarginClient,
  type EvidenceSubmission,
  type Issued,
  type Key,
  type LimitEvent,
  type MarginActions,
  type MarginClient,
  marginActions,
  type Quote,
  type Shock,
  type ShownLimit,
  type SignedLimit,
  type Submitted,
  type Wanted,
} from './MarginClient.ts'
export { MarginError } from './MarginError.ts'
export { http, type Transport } from './Transport.ts'
export * as Verification from './Verification.ts'
