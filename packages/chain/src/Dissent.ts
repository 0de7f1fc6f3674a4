/** A source that is not part of an answer, and why. */
import { MalformedHexError } from './Hex.ts'
import type { Code } from './JsonRpc.ts'
import { RequestError } from './JsonRpc.ts'
import { InvalidUpdateError } from './light/LightStore.ts'
import { InvalidProofError } from './MerkleProof.ts'

export type Why =
  | Code
  /** It answers for another chain, and is not asked again until a reset. */
  | 'RPC_WRONG_CHAIN'
  /** It has not seen the target as final yet. Lag is not a lie. */
  | 'SOURCE_LAGGING'
  /** Its breaker is open. */
  | 'SOURCE_SUSPENDED'
  | 'RPC_HASH_DISAGREE'
  | 'RPC_VALUE_DISAGREE'
  /** Its proof does not lead from the agreed header, or shows another value than it gave. */
  | 'PROOF_INVALID'
  /** A beacon node: what it sent does not lead from the checkpoint to what it says. */
  | 'LIGHT_UPDATE_INVALID'

export type Dissent = {
  readonly id: string
  readonly why: Why
  /** In words, from the source's own error where it gave one. */
  readonly detail: string
}

/** The dissent of a source whose request failed. Anything else than a source's fault is thrown on. */
export function of(id: string, error: unknown): Dissent {
  if (error instanceof RequestError) return { id, why: error.code, detail: error.detail }
  if (error instanceof MalformedHexError) return { id, why: 'RPC_MALFORMED', detail: error.message }
  if (error instanceof InvalidProofError) return { id, why: 'PROOF_INVALID', detail: error.detail }
  if (error instanceof InvalidUpdateError) return { id, why: 'LIGHT_UPDATE_INVALID', detail: error.detail }
  throw error
}

/**
 * The dissents in one line, for a sentence.
 *
 * @example
 * Dissent.describe([{ id: 'alpha', why: 'RPC_TIMEOUT', detail: 'no answer within 800 ms' }])
 * // => 'alpha: RPC_TIMEOUT (no answer within 800 ms)'
 */
export function describe(dissent: readonly Dissent[]): string {
  return dissent.length === 0 ? 'no source says why' : dissent.map(({ id, why, detail }) => `${id}: ${why} (${detail})`).join(', ')
}
