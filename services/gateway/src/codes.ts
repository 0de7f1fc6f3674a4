/** The wire code of every error that store, chain and the gateway itself may throw. */
import type { IoCodes } from '@plimsoll/api'
import type * as chain from '@plimsoll/chain'
import type * as store from '@plimsoll/store'
import type { TRPC_ERROR_CODE_KEY } from '@trpc/server'

type ErrorsOf<M> = {
  [K in keyof M]: M[K] extends abstract new (
    ...args: never
  ) => infer E
    ? E extends { readonly name: string }
      ? E
      : never
    : M[K] extends object
      ? {
          [L in keyof M[K]]: M[K][L] extends abstract new (
            ...args: never
          ) => infer E
            ? E extends { readonly name: string }
              ? E
              : never
            : never
        }[keyof M[K]]
      : never
}[keyof M]
type NamesOf<E> = E extends { readonly name: infer N extends string } ? (string extends N ? never : N) : never

type Thrown =
  | NamesOf<ErrorsOf<typeof chain> | ErrorsOf<typeof store>>
  | 'Ports.TooManyWatchesError'
  | 'Refusal.RefusedError'
  | 'Thread.UnansweredError'
  | 'Upkeep.ClockSkewError'
  | 'Upkeep.FrozenError'

export const codes: Record<Thrown, TRPC_ERROR_CODE_KEY> & IoCodes = {
  'Book.PositionUnreadError': 'PRECONDITION_FAILED',
  'Book.UnknownParticipantError': 'NOT_FOUND',
  'ChainConfig.InvalidConfigError': 'INTERNAL_SERVER_ERROR',
  'Contract.UnreadableError': 'PRECONDITION_FAILED',
  'Deadline.DecisionTimeoutError': 'SERVICE_UNAVAILABLE',
  'DirectoryLock.DatabaseLockedError': 'SERVICE_UNAVAILABLE',
  'Embedded.DatabaseDamagedError': 'INTERNAL_SERVER_ERROR',
  'Evidence.NullifierTakenError': 'CONFLICT',
  'Hex.MalformedHexError': 'BAD_REQUEST',
  'History.MalformedEventError': 'SERVICE_UNAVAILABLE',
  'JsonRpc.RequestError': 'SERVICE_UNAVAILABLE',
  'Leases.LeaseLostError': 'SERVICE_UNAVAILABLE',
  'Ledger.AccountNotLinkedError': 'FORBIDDEN',
  'Ledger.CreditEncumberedError': 'CONFLICT',
  'Ledger.DecisionMismatchError': 'INTERNAL_SERVER_ERROR',
  'Ledger.IdempotencyConflictError': 'CONFLICT',
  'Ledger.MarginCallError': 'CONFLICT',
  'Ledger.MarketCapExceededError': 'CONFLICT',
  'LinkProof.UnservedChainError': 'BAD_REQUEST',
  'LinkProof.UnsupportedAccountError': 'BAD_REQUEST',
  'LightStore.InvalidUpdateError': 'SERVICE_UNAVAILABLE',
  'LitRest.InvalidServiceError': 'INTERNAL_SERVER_ERROR',
  'LitRest.RunError': 'SERVICE_UNAVAILABLE',
  'LitRest.TooLargeError': 'PAYLOAD_TOO_LARGE',
  'LitSigner.NotInstalledError': 'INTERNAL_SERVER_ERROR',
  'LocalSigner.InvalidKeysError': 'INTERNAL_SERVER_ERROR',
  'MerkleProof.InvalidProofError': 'SERVICE_UNAVAILABLE',
  'Migrations.SchemaDivergedError': 'INTERNAL_SERVER_ERROR',
  'Migrations.SchemaNewerError': 'INTERNAL_SERVER_ERROR',
  'Observation.FinalityViolatedError': 'SERVICE_UNAVAILABLE',
  'Observation.InvalidObservationError': 'INTERNAL_SERVER_ERROR',
  'Outbox.CursorError': 'BAD_REQUEST',
  'Participants.AccountAlreadyLinkedError': 'CONFLICT',
  'Participants.AccountCoolingDownError': 'CONFLICT',
  'Participants.AccountEncumberedError': 'CONFLICT',
  'Participants.InvalidAccountError': 'BAD_REQUEST',
  'Participants.LastAccountError': 'CONFLICT',
  'Participants.NotAMemberError': 'FORBIDDEN',
  'Participants.NotAtRestError': 'CONFLICT',
  'Participants.ParticipantTakenError': 'CONFLICT',
  'Ports.TooManyWatchesError': 'TOO_MANY_REQUESTS',
  'PrivateTree.InvalidLeavesError': 'BAD_REQUEST',
  'Quorum.CheckpointOldError': 'SERVICE_UNAVAILABLE',
  'Quorum.FinalityStalledError': 'SERVICE_UNAVAILABLE',
  'Quorum.FinalityViolatedError': 'SERVICE_UNAVAILABLE',
  'Quorum.ForeignBlockError': 'SERVICE_UNAVAILABLE',
  'Quorum.HashDisagreeError': 'SERVICE_UNAVAILABLE',
  'Quorum.LightBehindError': 'SERVICE_UNAVAILABLE',
  'Quorum.LightSilentError': 'SERVICE_UNAVAILABLE',
  'Quorum.LostError': 'SERVICE_UNAVAILABLE',
  'Quorum.MulticallError': 'SERVICE_UNAVAILABLE',
  'Quorum.NotYetFinalError': 'SERVICE_UNAVAILABLE',
  'Quorum.ProofInvalidError': 'SERVICE_UNAVAILABLE',
  'QuorumSigner.InvalidSignersError': 'INTERNAL_SERVER_ERROR',
  'Quorum.ReorgedError': 'SERVICE_UNAVAILABLE',
  'Quorum.StaleHeadError': 'SERVICE_UNAVAILABLE',
  'Quorum.UniformError': 'SERVICE_UNAVAILABLE',
  'Quorum.UnverifiedBlockError': 'SERVICE_UNAVAILABLE',
  'Quorum.ValueDisagreeError': 'SERVICE_UNAVAILABLE',
  'Quorum.WrongChainError': 'SERVICE_UNAVAILABLE',
  'Refusal.RefusedError': 'CONFLICT',
  'Releases.ReleaseConflictError': 'CONFLICT',
  'Releases.ReleaseExpiredError': 'PRECONDITION_FAILED',
  'Settlements.OverClaimError': 'CONFLICT',
  'Settlements.SettlementConflictError': 'CONFLICT',
  'Settlements.SettlementExpiredError': 'PRECONDITION_FAILED',
  'Signer.DisagreeError': 'SERVICE_UNAVAILABLE',
  'Signer.UnavailableError': 'SERVICE_UNAVAILABLE',
  'Siwe.RefusedError': 'UNAUTHORIZED',
  'Thread.UnansweredError': 'SERVICE_UNAVAILABLE',
  'Upkeep.ClockSkewError': 'SERVICE_UNAVAILABLE',
  'Upkeep.FrozenError': 'SERVICE_UNAVAILABLE',
  'Storage.NestedQueryError': 'INTERNAL_SERVER_ERROR',
  'Storage.QueryError': 'INTERNAL_SERVER_ERROR',
  'Storage.StorageBusyError': 'SERVICE_UNAVAILABLE',
  'Storage.StorageFullError': 'SERVICE_UNAVAILABLE',
  'Storage.StorageRefusedError': 'INTERNAL_SERVER_ERROR',
  'Storage.StorageTimeoutError': 'SERVICE_UNAVAILABLE',
  'Storage.StorageUnavailableError': 'SERVICE_UNAVAILABLE',
  'WorldIdService.UnavailableError': 'SERVICE_UNAVAILABLE',
}
