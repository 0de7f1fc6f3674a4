/** The port behind which certificates are signed. */
import type { Hex } from './Hex.ts'

export type Signer = {
  readonly kind: 'local' | 'quorum' | 'lit'
  /** Lower-case, ascending: the order in which a book wants signatures. */
  readonly addresses: readonly Hex[]
  /** How many signatures `sign` gives. */
  readonly threshold: number
  /** Signatures of 65 bytes over a digest, ordered by signer address, low-s. */
  readonly sign: (digest: Hex) => Promise<readonly Hex[]>
}
