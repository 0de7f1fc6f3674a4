export type {
  Attested,
  Chain,
  ClusterSide,
  Clusters,
  Collateral,
  Evidence,
  EvidencePolicy,
  Explanation,
  FragileSide,
  Fragility,
  Lot,
  MarketBrake,
  MarketSource,
  Measured,
  Piece,
  Stress,
  UnreadMarket,
} from './Decode.ts'
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
} from './MarginClient.ts'
export { MarginError } from './MarginError.ts'
export { http, type Transport } from './Transport.ts'
export * as Verification from './Verification.ts'
