/** What the world does to a reader. Each is a refusal: the caller gets no number, neither zero nor the last one. */
import { BaseError } from './BaseError.ts'
import type { Dissent } from './Dissent.ts'
import { describe } from './Dissent.ts'
import type { Header } from './Header.ts'

/** The chain, and which source did what. */
export class QuorumError extends BaseError {
  readonly chainId: number
  readonly dissent: readonly Dissent[]

  constructor(args: {
    readonly chainId: number
    readonly dissent: readonly Dissent[]
    readonly code: string
    readonly message: string
    readonly hint: string
  }) {
    super(args)
    this.chainId = args.chainId
    this.dissent = args.dissent
  }
}

type Args = { readonly chainId: number; readonly dissent: readonly Dissent[] }

/** Thrown when fewer than k sources gave an answer. */
export class LostError extends QuorumError {
  override readonly name = 'Quorum.LostError'
  constructor(args: Args & { readonly have: number; readonly k: number; readonly n: number }) {
    super({
      ...args,
      code: 'RPC_QUORUM_LOST',
      message: `Only ${args.have} of ${args.n} sources of chain ${args.chainId} answered, and ${args.k} must agree. ${describe(args.dissent)}.`,
      hint: 'Restore the named sources. k is not lowered: the survivors of an outage may be the liars.',
    })
  }
}

/** Thrown when k sources agree, and they are not different enough to count as k. */
export class UniformError extends QuorumError {
  override readonly name = 'Quorum.UniformError'
  constructor(args: Args & { readonly lacking: string }) {
    super({
      ...args,
      code: 'RPC_QUORUM_UNIFORM',
      message: `Those who agree on chain ${args.chainId} are ${args.lacking}. ${describe(args.dissent)}.`,
      hint: 'Restore the other sources: sources of one operator, client or cloud fail and lie together.',
    })
  }
}

/** Thrown when the quorum is missing because sources answer for another chain. */
export class WrongChainError extends QuorumError {
  override readonly name = 'Quorum.WrongChainError'
  constructor(args: Args) {
    super({
      ...args,
      code: 'RPC_WRONG_CHAIN',
      message: `Sources of chain ${args.chainId} answer for another chain. ${describe(args.dissent)}.`,
      hint: 'Correct their urls, then reset the reader: they stay out until then.',
    })
  }
}

/** Thrown when no block hash has k voices, or the pinned block is no longer canonical. */
export class HashDisagreeError extends QuorumError {
  override readonly name = 'Quorum.HashDisagreeError'
  constructor(args: Args & { readonly number: bigint }) {
    super({
      ...args,
      code: 'RPC_HASH_DISAGREE',
      message: `The sources of chain ${args.chainId} do not agree on block ${args.number}. ${describe(args.dissent)}.`,
      hint: 'Ask again in a few blocks; if it stays, compare the sources by hand before trusting any of them.',
    })
  }
}

/** Thrown when no value has k voices at one agreed block. */
export class ValueDisagreeError extends QuorumError {
  override readonly name = 'Quorum.ValueDisagreeError'
  constructor(args: Args & { readonly number: bigint }) {
    super({
      ...args,
      code: 'RPC_VALUE_DISAGREE',
      message: `The sources of chain ${args.chainId} answer differently at the same block ${args.number}. ${describe(args.dissent)}.`,
      hint: 'One of them lies or is broken. Compare them by hand, and replace it.',
    })
  }
}

/** Thrown when no source is near the present, or all are behind what they once called final. */
export class StaleHeadError extends QuorumError {
  override readonly name = 'Quorum.StaleHeadError'
  constructor(args: Args & { readonly what: string }) {
    super({
      ...args,
      code: 'RPC_STALE_HEAD',
      message: `The sources of chain ${args.chainId} ${args.what}. ${describe(args.dissent)}.`,
      hint: 'The chain has stopped, or every source has. Nothing is read until blocks come again.',
    })
  }
}

/** Thrown when blocks come, but none becomes final. */
export class FinalityStalledError extends QuorumError {
  override readonly name = 'Quorum.FinalityStalledError'
  readonly ageSeconds: number
  constructor(args: Args & { readonly ageSeconds: number; readonly maxAgeSeconds: number }) {
    super({
      ...args,
      code: 'FINALITY_STALLED',
      message: `The last final block of chain ${args.chainId} is ${args.ageSeconds} s old; at most ${args.maxAgeSeconds} s is used.`,
      hint: 'Wait for finality. New risk waits; reductions and liquidations on other inputs do not.',
    })
    this.ageSeconds = args.ageSeconds
  }
}

/** Thrown when a chain has a light client, and no beacon node gives it anything that it can verify. */
export class LightSilentError extends QuorumError {
  override readonly name = 'Quorum.LightSilentError'
  constructor(args: LightAge) {
    super({
      ...args,
      code: 'LIGHT_CLIENT_SILENT',
      message: `The light client of chain ${args.chainId} hears nothing that it can verify: ${knownOf(args)}. ${describe(args.dissent)}.`,
      hint: 'Restore the beacon nodes, or name others. Nothing is counted on this chain meanwhile, whatever its sources say.',
    })
  }
}

/** Thrown when a chain has a light client, and its beacon nodes answer with nothing newer than is used. */
export class LightBehindError extends QuorumError {
  override readonly name = 'Quorum.LightBehindError'
  constructor(args: LightAge) {
    super({
      ...args,
      code: 'LIGHT_CLIENT_BEHIND',
      message: `The light client of chain ${args.chainId} is behind: ${knownOf(args)}.`,
      hint: 'Either the chain has stopped to become final, or the beacon nodes withhold it: compare with others. Nothing is counted here meanwhile.',
    })
  }
}

/** Thrown when what a light client would have to stand on is older than whoever signed then can be held to. */
export class CheckpointOldError extends QuorumError {
  override readonly name = 'Quorum.CheckpointOldError'
  constructor(args: LightAge) {
    super({
      ...args,
      code: 'LIGHT_CHECKPOINT_OLD',
      message: `What the light client of chain ${args.chainId} stands on is too old: ${knownOf(args)}.`,
      hint: 'Put the root of a recent final beacon block into the configuration, from a place that you trust, and start anew.',
    })
  }
}

type LightAge = Args & { readonly ageSeconds: number | null; readonly maxAgeSeconds: number }

function knownOf({ ageSeconds, maxAgeSeconds }: LightAge): string {
  if (ageSeconds === null) return 'it knows of no final block'
  return `its last final block is ${ageSeconds} s old; at most ${maxAgeSeconds} s is used`
}

/** Thrown when k sources replace a block that k sources had called final. The reader stays frozen until it is reset. */
export class FinalityViolatedError extends QuorumError {
  override readonly name = 'Quorum.FinalityViolatedError'
  readonly accepted: Header
  /** @param args.by - who says that it is final; k sources did at another time, if absent. */
  constructor(args: Args & { readonly accepted: Header; readonly found: string; readonly by?: 'light client' }) {
    const { accepted, found, chainId } = args
    const block = `Block ${accepted.number} of chain ${chainId}`
    super({
      ...args,
      code: 'FINALITY_VIOLATED',
      message: args.by
        ? `${block} is final with hash ${accepted.hash} by its ${args.by}, and ${found} by its sources.`
        : `${block} was accepted as final with hash ${accepted.hash}, and is now ${found}.`,
      hint: 'The chain is frozen, through restarts as well. Find out which history is true, then accept it: `plimsoll chain accept --help`.',
    })
    this.accepted = args.accepted
  }
}

/** Thrown when no source proves a value, or k sources agree on a value that their own header disproves. */
export class ProofInvalidError extends QuorumError {
  override readonly name = 'Quorum.ProofInvalidError'
  constructor(args: Args & { readonly number: bigint; readonly what: string }) {
    super({
      ...args,
      code: 'PROOF_INVALID',
      message: `On chain ${args.chainId} at block ${args.number}, ${args.what}. ${describe(args.dissent)}.`,
      hint: 'Sources that agree on a value their own header disproves lie together. Replace them; nothing they say is used.',
    })
  }
}

/** Thrown when the block that a view is read at was replaced while it was read. */
export class ReorgedError extends QuorumError {
  override readonly name = 'Quorum.ReorgedError'
  constructor(args: Args & { readonly number: bigint; readonly hash: string }) {
    super({
      ...args,
      code: 'VIEW_REORGED',
      message: `Block ${args.number} of chain ${args.chainId}, with hash ${args.hash}, was replaced while it was read. ${describe(args.dissent)}.`,
      hint: 'Nothing of the view is used: it is taken anew. A final block that is replaced again and again means that finality is configured too shallow.',
    })
  }
}

/** Thrown when k sources agree, but on something that is no answer of `aggregate3`. */
export class MulticallError extends QuorumError {
  override readonly name = 'Quorum.MulticallError'
  constructor(args: Args & { readonly address: string; readonly detail: string }) {
    super({
      ...args,
      code: 'MULTICALL_FAILED',
      message: `The multicall at ${args.address} on chain ${args.chainId} gave no usable answer: ${args.detail}.`,
      hint: 'Check that the chain has Multicall3 there, or name its address in the configuration.',
    })
  }
}

/** Thrown when somebody names a block that k sources do not have, or not with that hash. */
export class ForeignBlockError extends QuorumError {
  override readonly name = 'Quorum.ForeignBlockError'
  constructor(args: Args & { readonly number: bigint; readonly named: string; readonly found: string }) {
    super({
      ...args,
      code: 'BLOCK_FOREIGN',
      message: `Block ${args.number} of chain ${args.chainId} was named with hash ${args.named}, and has ${args.found} here.`,
      hint: 'Whoever named it reads another history. Compare the sources of both by hand.',
    })
  }
}

/** Thrown when somebody names a block as final that is not final here. */
export class NotYetFinalError extends QuorumError {
  override readonly name = 'Quorum.NotYetFinalError'
  constructor(args: Args & { readonly number: bigint; readonly final: bigint }) {
    super({
      ...args,
      code: 'BLOCK_NOT_FINAL',
      message: `Block ${args.number} of chain ${args.chainId} was named as final, and ${args.final} is the last final one here.`,
      hint: 'Ask again in a few blocks. If it stays, the sources here lag behind.',
    })
  }
}

/** Thrown when somebody names a block as final that k sources have, and the light client has verified neither it nor what stands on it. */
export class UnverifiedBlockError extends QuorumError {
  override readonly name = 'Quorum.UnverifiedBlockError'
  constructor(args: Args & { readonly number: bigint }) {
    super({
      ...args,
      code: 'BLOCK_UNVERIFIED',
      message: `Block ${args.number} of chain ${args.chainId} was named as final, and neither has the light client here verified it of late nor does a block that it has say so.`,
      hint: 'Give whoever names blocks the same light client: both then stand on blocks that the committee signed. Ask again with a newer one.',
    })
  }
}
