/** The gateway's signers, held against those that the venues' books know: a certificate of another's is refused there, whoever posts it. */
import { Book, Query } from '@plimsoll/chain'
import type { Config } from '../config.ts'
import type { Readers } from './chains.ts'

/** What is wrong, in words. Of a book that does not answer nothing is said: who asks it for haircuts names it. */
export async function fetch(args: fetch.Args): Promise<readonly string[]> {
  const { config, readers, addresses, threshold } = args
  const faults: string[] = []
  for (const { chainId, limitBook, name } of config.venues) {
    const reader = readers.get(chainId)
    if (!reader) continue
    const query = Book.signers({ chainId, limitBook, addresses })
    const book = await Query.fetch({ reader, at: 'final', query }).then(
      ({ value }) => value,
      () => null,
    )
    if (book === null) continue
    const strangers = addresses.filter((address) => !book.known.includes(address))
    if (strangers.length > 0)
      faults.push(
        `SIGNER_UNKNOWN: the book of ${name} takes nothing that ${strangers.join(', ')} signed: give the gateway signers that the book knows, or have its owner add them (changeSigners)`,
      )
    if (threshold < book.threshold)
      faults.push(
        `SIGNERS_TOO_FEW: the book of ${name} asks for ${book.threshold} signatures, and ${threshold} are given: raise SIGNER_THRESHOLD`,
      )
  }
  return faults
}

export declare namespace fetch {
  type Args = {
    readonly config: Pick<Config, 'venues'>
    readonly readers: Readers
    /** Who signs for the gateway, and how many of them sign one certificate. */
    readonly addresses: readonly `0x${string}`[]
    readonly threshold: number
  }
}
