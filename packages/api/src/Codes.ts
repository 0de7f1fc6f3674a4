/** Every error the pure packages and this one throw, with the code it has on the wire. */
import type * as liquidation from '@plimsoll/liquidation'
import type * as margin from '@plimsoll/margin'
import type * as reputation from '@plimsoll/reputation'
import type * as volatility from '@plimsoll/volatility'
import { type TRPC_ERROR_CODE_KEY, TRPCError } from '@trpc/server'
import type { RateLimitedError, SignInRequiredError, SnapshotUnavailableError, UnknownInputsError } from './Fault.ts'
import type { InputMissingError, UnknownMarketError, UnknownParticipantError, UnknownVenueError } from './Gather.ts'
import type { AccountNotLinkedError, RefusalWithoutReasonError } from './Limits.ts'

/** The error classes a module exports, its namespaces included. */
type ErrorsOf<M> = {
  [K in keyof M]: M[K] extends abstract new (
    ...args: never
  ) => infer E
    ? E extends { readonly name: string; readonly code: string }
      ? E
      : never
    : M[K] extends object
      ? {
          [L in keyof M[K]]: M[K][L] extends abstract new (
            ...args: never
          ) => infer E
            ? E extends { readonly name: string; readonly code: string }
              ? E
              : never
            : never
        }[keyof M[K]]
      : never
}[keyof M]

type Own =
  | AccountNotLinkedError
  | RefusalWithoutReasonError
  | InputMissingError
  | UnknownMarketError
  | UnknownParticipantError
  | UnknownVenueError
  | RateLimitedError
  | SignInRequiredError
  | SnapshotUnavailableError
  | UnknownInputsError

type NamesOf<E> = E extends { readonly name: infer N extends string } ? (string extends N ? never : N) : never

/** The names of everything the pure packages and this one may throw. */
export type Thrown = NamesOf<
  ErrorsOf<typeof margin> | ErrorsOf<typeof reputation> | ErrorsOf<typeof liquidation> | ErrorsOf<typeof volatility> | Own
>

/** Wire codes of errors thrown by the io packages, given by whoever brings the io. */
export type IoCodes = Readonly<Record<string, TRPC_ERROR_CODE_KEY>>

/**
 * An error of a pure package that reaches the wire is a fault of ours, unless it says that a text somebody sent cannot be read.
 * An error without a code here does not pass the type check.
 */
const codes: Record<Thrown, TRPC_ERROR_CODE_KEY> = {
  'Account.UnitError': 'INTERNAL_SERVER_ERROR',
  'Auction.InvalidAuctionError': 'INTERNAL_SERVER_ERROR',
  'Bar.GapError': 'INTERNAL_SERVER_ERROR',
  'Bar.InvalidSeriesError': 'INTERNAL_SERVER_ERROR',
  'Book.InvalidBookError': 'INTERNAL_SERVER_ERROR',
  'Book.InvalidPositionError': 'INTERNAL_SERVER_ERROR',
  'Bootstrap.InvalidBlockError': 'INTERNAL_SERVER_ERROR',
  'Brake.InvalidTermsError': 'INTERNAL_SERVER_ERROR',
  'Caip10.InvalidAccountError': 'BAD_REQUEST',
  'ConfidenceSet.InvalidLossesError': 'INTERNAL_SERVER_ERROR',
  'Conformal.InvalidWindowError': 'INTERNAL_SERVER_ERROR',
  'Conformal.UnorderedError': 'INTERNAL_SERVER_ERROR',
  'Coverage.InvalidSampleError': 'INTERNAL_SERVER_ERROR',
  'Credible.InvalidBetaError': 'INTERNAL_SERVER_ERROR',
  'Decay.InvalidAgeError': 'INTERNAL_SERVER_ERROR',
  'Delta.UnknownAssetError': 'INTERNAL_SERVER_ERROR',
  'Delta.UnknownMarketError': 'INTERNAL_SERVER_ERROR',
  'DieboldMariano.InvalidSampleError': 'INTERNAL_SERVER_ERROR',
  'Drift.InvalidSampleError': 'INTERNAL_SERVER_ERROR',
  'Evaluation.UnequalError': 'INTERNAL_SERVER_ERROR',
  'Ewma.InvalidDecayError': 'INTERNAL_SERVER_ERROR',
  'Ewma.TooShortError': 'INTERNAL_SERVER_ERROR',
  'Exposure.InvalidMarkError': 'INTERNAL_SERVER_ERROR',
  'Fault.RateLimitedError': 'TOO_MANY_REQUESTS',
  'Fault.SignInRequiredError': 'UNAUTHORIZED',
  'Fault.SnapshotUnavailableError': 'SERVICE_UNAVAILABLE',
  'Fault.UnknownInputsError': 'NOT_FOUND',
  'Figure.InvalidFigureError': 'INTERNAL_SERVER_ERROR',
  'Fixed.DecimalsError': 'INTERNAL_SERVER_ERROR',
  'Fixed.DivisionByZeroError': 'INTERNAL_SERVER_ERROR',
  'Fixed.NegativeRootError': 'INTERNAL_SERVER_ERROR',
  'Fixed.NotAnIntegerError': 'INTERNAL_SERVER_ERROR',
  'Fixed.ParseError': 'BAD_REQUEST',
  'Float.NotFiniteError': 'INTERNAL_SERVER_ERROR',
  'Garch.InvalidModelError': 'INTERNAL_SERVER_ERROR',
  'Garch.TooShortError': 'INTERNAL_SERVER_ERROR',
  'Gather.InputMissingError': 'PRECONDITION_FAILED',
  'Gather.UnknownMarketError': 'NOT_FOUND',
  'Gather.UnknownParticipantError': 'NOT_FOUND',
  'Gather.UnknownVenueError': 'NOT_FOUND',
  'Glm.InvalidTargetError': 'INTERNAL_SERVER_ERROR',
  'Glm.NotConvergedError': 'INTERNAL_SERVER_ERROR',
  'Grant.InvalidCapsError': 'INTERNAL_SERVER_ERROR',
  'Har.InvalidWindowsError': 'INTERNAL_SERVER_ERROR',
  'Health.InvertedMarginError': 'INTERNAL_SERVER_ERROR',
  'Holding.DecimalsError': 'INTERNAL_SERVER_ERROR',
  'Holding.HaircutError': 'INTERNAL_SERVER_ERROR',
  'Hourly.InvalidIntervalError': 'INTERNAL_SERVER_ERROR',
  'Impact.InvalidImpactError': 'INTERNAL_SERVER_ERROR',
  'Inputs.InvalidInputsError': 'INTERNAL_SERVER_ERROR',
  'Integrity.InvalidRuleError': 'INTERNAL_SERVER_ERROR',
  'Integrity.NothingSoundError': 'INTERNAL_SERVER_ERROR',
  'Limits.AccountNotLinkedError': 'FORBIDDEN',
  'Limits.RefusalWithoutReasonError': 'INTERNAL_SERVER_ERROR',
  'Loans.InvalidLoanError': 'INTERNAL_SERVER_ERROR',
  'Logit.InvalidTableError': 'INTERNAL_SERVER_ERROR',
  'Matrix.StaleBookError': 'INTERNAL_SERVER_ERROR',
  'Matrix.UnsupportedModelError': 'INTERNAL_SERVER_ERROR',
  'Minimum.InvalidStartError': 'INTERNAL_SERVER_ERROR',
  'Model.InvalidModelError': 'INTERNAL_SERVER_ERROR',
  'Model.InvalidTermsError': 'INTERNAL_SERVER_ERROR',
  'Option.InvalidOptionError': 'INTERNAL_SERVER_ERROR',
  'Orders.UnknownAssetError': 'INTERNAL_SERVER_ERROR',
  'Overlay.InvalidOverlayError': 'INTERNAL_SERVER_ERROR',
  'Pair.InvalidPairError': 'INTERNAL_SERVER_ERROR',
  'Parse.UnreadableDocumentError': 'BAD_REQUEST',
  'Participant.ConflictingEventError': 'INTERNAL_SERVER_ERROR',
  'Perceptron.ShapeError': 'INTERNAL_SERVER_ERROR',
  'Portfolio.InvalidAccountError': 'INTERNAL_SERVER_ERROR',
  'Procyclicality.InvalidMarginsError': 'INTERNAL_SERVER_ERROR',
  'Quantile.InvalidLevelError': 'INTERNAL_SERVER_ERROR',
  'Quantile.InvalidLossError': 'INTERNAL_SERVER_ERROR',
  'Quantile.TooFewScoresError': 'INTERNAL_SERVER_ERROR',
  'Random.InvalidSeedError': 'INTERNAL_SERVER_ERROR',
  'Reflexivity.InvalidShockError': 'INTERNAL_SERVER_ERROR',
  'Regression.ShapeError': 'INTERNAL_SERVER_ERROR',
  'Regression.SingularError': 'INTERNAL_SERVER_ERROR',
  'Reliquidations.InvalidLiquidationError': 'INTERNAL_SERVER_ERROR',
  'Returns.TooFewBarsError': 'INTERNAL_SERVER_ERROR',
  'Score.UnorderedBinsError': 'INTERNAL_SERVER_ERROR',
  'Scorecard.MissingFeatureError': 'INTERNAL_SERVER_ERROR',
  'Screen.InvalidBlocksError': 'INTERNAL_SERVER_ERROR',
  'Screen.InvalidBookError': 'INTERNAL_SERVER_ERROR',
  'Screen.MissingPriceError': 'INTERNAL_SERVER_ERROR',
  'SyntheticMarket.InvalidMarketError': 'INTERNAL_SERVER_ERROR',
  'TrackRecord.ConflictingEventError': 'INTERNAL_SERVER_ERROR',
  'TrackRecord.InvalidEventError': 'INTERNAL_SERVER_ERROR',
  'Valuation.InvalidQuoteError': 'INTERNAL_SERVER_ERROR',
  'Valuation.MissingSourceError': 'INTERNAL_SERVER_ERROR',
  'Venue.UnknownMarketError': 'INTERNAL_SERVER_ERROR',
  'Weight.EmptyCurveError': 'INTERNAL_SERVER_ERROR',
  'Weight.InvalidWeightError': 'INTERNAL_SERVER_ERROR',
  'WhatIf.BookTooLargeError': 'PRECONDITION_FAILED',
  'WhatIf.InvalidScenarioError': 'BAD_REQUEST',
}

/** A domain error as tRPC carries it; anything else stays an internal error without its text. */
export function toTRPCError(error: unknown, io: IoCodes): TRPCError {
  if (error instanceof TRPCError) return error
  const name = error instanceof Error ? error.name : ''
  const code = (codes as IoCodes)[name] ?? io[name] ?? 'INTERNAL_SERVER_ERROR'
  return new TRPCError({ code, message: code === 'INTERNAL_SERVER_ERROR' ? 'The gateway failed.' : (error as Error).message, cause: error })
}
