export type {
  Chain,
  ClusterSide,
  Clusters,
  Collateral,
  Explanation,
  FragileSide,
  Fragility,
  Lot,
  MarketBrake,
  MarketSource,
  Measured,
  Stress,
  UnreadMarket,
} from './Decode.ts'
export {
  type AcceptRequest,
  type AccountSigner,
  createMarginClient,
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
} from './MarginClient.ts'
export { MarginError } from './MarginError.ts'
export { http, type Transport } from './Transport.ts'
export * as Verification from './Verification.ts'
