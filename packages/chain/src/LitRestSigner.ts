/** A key of Lit's REST service that follows from the action's source. Only a signature that recovers to that key over a digest computed here is believed. */
import { type Hex, address as parseAddress } from './Hex.ts'
import * as LitAnswer from './LitAnswer.ts'
import * as LitRest from './LitRest.ts'
import { questionOf } from './QuorumSigner.ts'
import type { Request, Signer } from './Signer.ts'

/** What the action's `main` returns. */
export type Answer =
  | { readonly status: 'signed'; readonly digest: Hex; readonly signature: Hex }
  | { readonly status: 'refused'; readonly code: string; readonly message: string }
  /** To whoever asks nothing. */
  | { readonly status: 'address'; readonly address: Hex }

/**
 * A signer over the key of one action.
 *
 * It is one enclave of one operator: whoever changes what runs there signs whatever they like. So it signs beside others, never alone.
 *
 * @param args.address - of the key, as `fetchAddress` told it when the book was set up. Nobody else's signature counts.
 * @param args.action - the source, as it was when the address was asked for: another source has another key.
 * @param args.timeoutMs - for one request as a whole. Below what the ledger allows a decision.
 * @throws {LitRest.InvalidServiceError} {LitRest.TooLargeError}
 */
export function of(args: of.Args): Signer {
  const address = parseAddress(args.address, 'signer')
  const service = LitRest.open(args)

  /** @throws besides {LitRest.TooLargeError}, where the document is longer than the service takes. */
  async function sign(request: Request): Promise<readonly Hex[]> {
    const { digest, question } = questionOf(request)
    const heard = await service
      .run({ question })
      .then((response) => LitAnswer.assess({ digest, address, signature: fieldOf(response, 'signature'), response }), lackOf)
    if (typeof heard === 'string') return [heard]
    throw LitAnswer.fail([{ signer: address, ...heard }])
  }

  return { kind: 'lit-rest', addresses: [address], threshold: 1, sign }
}

export declare namespace of {
  type Args = LitRest.open.Args & { readonly address: Hex }
}

/**
 * The address that the service says the action signs as, for the signer set of a book.
 *
 * It is the service's word: nothing here proves that the key follows from the source, or that it never left an enclave.
 *
 * @throws {LitRest.InvalidServiceError} {LitRest.TooLargeError} {LitRest.RunError}
 */
export async function fetchAddress(args: LitRest.open.Args): Promise<Hex> {
  const found = fieldOf(await LitRest.open(args).run({}), 'address')
  if (typeof found === 'string' && /^0x[0-9a-f]{40}$/i.test(found)) return found.toLowerCase() as Hex
  throw new LitRest.RunError({ why: 'false', detail: 'what came back is no address' })
}

function fieldOf(response: unknown, name: string): unknown {
  return typeof response === 'object' && response !== null ? (response as Readonly<Record<string, unknown>>)[name] : undefined
}

function lackOf(error: unknown): LitAnswer.Lack {
  if (error instanceof LitRest.RunError) return { why: error.why, detail: error.detail }
  throw error
}
