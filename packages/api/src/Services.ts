/** The ports: what the router needs from the world. chain and store implement them; the gateway passes them in. */
import type { Attestation, Certificate } from '@plimsoll/contracts'
import type { Brake, Fragility, LiquidationMap, Reading, WhatIf } from '@plimsoll/liquidation'
import type { Inputs } from '@plimsoll/margin'
import type { LedgerState, Snapshot, Uncounted, Venue } from './Snapshot.ts'

type Hex = Inputs.Hex

export type Session = { readonly account: Hex; readonly participantId: Hex; readonly expiresAt: number }

/** An account and its chain; chain 0 for an externally owned one. */
export type AccountAt = { readonly address: Hex; readonly chainId: number }

export type LinkMessage = {
  readonly participantId: Hex
  readonly account: string
  readonly primary: string
  readonly nonce: Hex
  readonly issuedAt: number
  readonly expiresAt: number
}

/** An account's own word that what it signed with another is over; null for with everybody. CAIP-10 ids. */
export type Ending = {
  readonly message: { readonly account: string; readonly other: string | null; readonly issuedAt: number }
  readonly signature: Hex
}

export type MergeMessage = {
  readonly from: Hex
  readonly into: Hex
  readonly fromAccount: string
  readonly intoAccount: string
  readonly nonce: Hex
  readonly issuedAt: number
  readonly expiresAt: number
}

/** What a participant brings as evidence. */
export type Submission =
  | {
      readonly kind: 'semaphore'
      readonly proof: {
        readonly merkleTreeDepth: number
        readonly merkleTreeRoot: string
        readonly nullifier: string
        readonly message: string
        readonly scope: string
        readonly points: readonly string[]
      }
    }
  | {
      readonly kind: 'worldId'
      readonly proof: {
        readonly merkle_root: string
        readonly nullifier_hash: string
        readonly proof: string
        readonly verification_level: string
      }
    }
  | { readonly kind: 'stored'; readonly chainId: number; readonly uid: Hex }
  | {
      readonly kind: 'signed'
      readonly chainId: number
      readonly attestation: Attestation.Attestation
      readonly signature: string
      readonly batch: { readonly root: Hex; readonly proof: readonly Hex[] } | null
    }

export type Signed = {
  readonly chainId: number
  readonly limitBook: Hex
  readonly certificate: Certificate.Certificate
  readonly signatures: readonly Hex[]
}

export type Event = { readonly id: string; readonly kind: string; readonly at: number; readonly body: Record<string, unknown> }

/** A certificate to be signed, with the document it was computed from: signers that check recompute it. */
export type SignRequest = {
  readonly digest: Hex
  readonly chainId: number
  readonly limitBook: Hex
  readonly certificate: Certificate.Certificate
  readonly document: string
}

/** What moved a score between two times, line by line: `lines` sum to `to − from`. */
export type ScoreChange = {
  readonly modelHash: Hex
  readonly from: number
  readonly to: number
  readonly lines: readonly { readonly code: string; readonly from: number; readonly to: number; readonly points: number }[]
}

/** What `decide` gives the ledger to commit. */
export type Decision =
  | {
      readonly status: 'issue'
      readonly signed: Signed
      /** Canonical text of the inputs document, whose hash the certificate binds. */
      readonly document: string
      readonly creditTotal: bigint
      /** Who has locked what that credit rests on, and where. Lower case. */
      readonly holders: readonly { readonly address: Hex; readonly chainId: number }[]
      readonly damper: Inputs.Damper
    }
  | { readonly status: 'refuse' }

export type Issued = { readonly status: 'issued'; readonly signed: Signed; readonly replayed: boolean } | { readonly status: 'refused' }

export type Services = {
  /** Unix milliseconds. */
  readonly now: () => number
  /** The latest snapshot. @throws when there is none, or it is older than the gateway allows. */
  readonly snapshot: () => Snapshot
  /** The latest snapshot if it is young enough to quote from, else the next one. @throws as `snapshot`. */
  readonly fresh: () => Snapshot | Promise<Snapshot>
  /** Makes a participant part of the snapshots, and resolves once one holds it. */
  readonly include: (participantId: Hex) => Promise<void>
  /** Charges `cost` to a client. @throws RateLimitedError */
  readonly charge: (client: string, cost: number) => Promise<void>
  readonly auth: {
    readonly domain: string
    readonly uri: string
    readonly chainIds: readonly number[]
    readonly nonce: () => Promise<string>
    readonly signIn: (args: {
      readonly message: string
      readonly signature: Hex
    }) => Promise<{ readonly token: string; readonly session: Session }>
    readonly signOut: (token: string) => Promise<void>
    /** Whose token it is now: null once the session has ended, or its account has left. */
    readonly session: (token: string) => Promise<Session | null>
  }
  readonly identity: {
    readonly accounts: (participantId: Hex) => Promise<readonly { readonly account: string; readonly linkedAt: number }[]>
    /** Whether an account is the participant's on this chain: a contract account is somebody on its own chain only. */
    readonly owns: (participantId: Hex, account: Hex, chainId: number) => Promise<boolean>
    readonly prepareLink: (session: Session, account: AccountAt) => Promise<LinkMessage>
    readonly link: (
      session: Session,
      args: { readonly message: LinkMessage; readonly accountSignature: Hex; readonly primarySignature: Hex },
    ) => Promise<void>
    /** @param ending - by which signers count the account no more, whatever they are sent; null where nobody signed one. */
    readonly unlink: (session: Session, account: AccountAt, ending: Ending | null) => Promise<void>
    /** The message by which the participant that has `account` becomes part of the session's. */
    readonly prepareMerge: (session: Session, account: AccountAt) => Promise<MergeMessage>
    readonly merge: (
      session: Session,
      args: { readonly message: MergeMessage; readonly fromSignature: Hex; readonly intoSignature: Hex },
    ) => Promise<void>
  }
  readonly evidence: {
    readonly policy: () => {
      readonly scope: string
      readonly scopeHash: Hex
      readonly groups: readonly { readonly name: string; readonly root: bigint }[]
      /** null where its proofs do not count. */
      readonly worldId: { readonly appId: string; readonly action: string; readonly levels: readonly ('orb' | 'device')[] } | null
      readonly trusts: readonly {
        readonly claim: 'uniqueHuman' | 'legalRecourse'
        readonly chainId: number
        readonly registry: Hex
        readonly schema: Hex
        readonly attesters: readonly Hex[]
      }[]
    }
    /** Our own word on a tier, signed; null where none is given here. */
    readonly attest: (
      session: Session,
      standing: { readonly tier: number; readonly asOf: number; readonly modelHash: Hex },
      evidenceRoot: Hex,
    ) => Promise<{
      readonly chainId: number
      readonly registry: Hex
      readonly uid: Hex
      readonly attestation: Attestation.Attestation
      readonly signatures: readonly Hex[]
    } | null>
    /** Verifies, and keeps what holds. A refusal is an answer; a nullifier that is another's is thrown. */
    readonly submit: (
      session: Session,
      submission: Submission,
    ) => Promise<{ readonly status: 'recorded' | 'renewed' } | { readonly status: 'refused'; readonly code: string }>
  }
  readonly ledger: {
    /**
     * One transaction: idempotency, locks, `decide` on what the ledger holds, I1 and I11 again, then certificate, encumbrance,
     * inputs document, idempotent answer and outbox row together.
     */
    readonly issue: (
      request: {
        readonly participantId: Hex
        readonly account: Hex
        readonly venue: Venue
        readonly market: { readonly id: Hex; readonly symbol: string; readonly sideCap: bigint }
        readonly idempotencyKey: string
        readonly bodyHash: Hex
      },
      decide: (state: LedgerState & { readonly sequence: bigint }) => Promise<Decision>,
    ) => Promise<Issued>
    readonly latest: (key: {
      readonly participantId: Hex
      readonly account: Hex
      readonly venue: Venue
      readonly market: Hex
    }) => Promise<Signed | null>
    readonly document: (inputsHash: Hex) => Promise<string | null>
    readonly marginCall: (participantId: Hex) => boolean
  }
  readonly signer: {
    readonly kind: string
    readonly addresses: readonly Hex[]
    readonly threshold: number
    /** Signatures over the digest, in the order in which the book wants them. @throws what the signer throws: then nothing is issued. */
    readonly sign: (request: SignRequest) => Promise<readonly Hex[]>
    /** Whose lots of the participant's signers said, not long ago, that they do not count: when `sign` has thrown, for that as well. */
    readonly uncounted: (participantId: Hex) => readonly Uncounted[]
  }
  readonly scores: {
    /** Of what is known now. Unix seconds. @throws {UnknownParticipantError} */
    readonly change: (participantId: Hex, times: { readonly from: number; readonly to: number }) => ScoreChange
  }
  /**
   * What is computed of a whole book, which takes up to a second: elsewhere than where requests are answered, so that nobody else waits.
   * @throws what the pure package throws, or that it could not be computed.
   */
  readonly figures: {
    readonly fragility: (reading: Reading.Reading, brake: Brake.Brake) => Promise<Fragility.Fragility>
    readonly clusters: (reading: Reading.Reading, width: number) => Promise<LiquidationMap.LiquidationMap>
    readonly stress: (reading: Reading.Reading, scenario: WhatIf.Scenario) => Promise<WhatIf.WhatIf>
  }
  /** Events of one participant after a cursor, in commit order, until the signal fires. */
  readonly events: (args: {
    readonly participantId: Hex
    readonly after: string | null
    readonly signal: AbortSignal
  }) => AsyncIterable<Event>
  readonly version: string
  /** Which part of the background work is done here. */
  readonly work: () => Work
  readonly faults: () => readonly string[]
}

/** The part of the background work that one of several gateways does. */
export type Work = {
  readonly holder: string
  /** How many divide the work. */
  readonly gateways: number
  /** Shards of participants. */
  readonly shards: readonly number[]
  readonly jobs: readonly string[]
  /** Writes refused because their lease was somebody else's by then. */
  readonly fenced: number
}
