/** A decision as it is kept: with everything that it was made on. */
import type { Quorum } from '@plimsoll/chain'
import type { Actions } from '@plimsoll/store'
import * as Document from '../document.ts'

/** @param args.inputs - what was read, and what its prices were. */
export function of(args: of.Args): Actions.Draft {
  const { reader, pinned, asOf, subject, inputs, verdict } = args
  const { text, hash } = Document.of({
    version: 1,
    ...{ chainId: reader.config.chainId, ...subject },
    block: { number: pinned.block.number, hash: pinned.block.hash, timestamp: pinned.block.timestamp },
    ...{ asOf, inputs, verdict },
    ...{ prediction: null, plan: null, modelHash: null },
  })
  return { ...subject, document: text, hash }
}

export declare namespace of {
  type Args = {
    readonly reader: Quorum.Reader
    readonly pinned: Quorum.Pinned
    readonly asOf: number
    readonly subject: Actions.Subject & { readonly kind: Actions.Kind }
    readonly inputs: object
    readonly verdict: object
  }
}
