/** Several signers as one, for a book that asks for signatures of different custody: nobody's outage or theft suffices alone. */
import { Certificate, Signature } from '@plimsoll/contracts'
import { InvalidSignersError } from './QuorumSigner.ts'
import type { Signer, TiedRequest } from './Signer.ts'

/**
 * All of the signers given, each for the signatures it gives alone.
 *
 * @throws {InvalidSignersError} two of them sign with one key.
 */
export function of(kind: Signer['kind'], signers: readonly Signer<TiedRequest>[]): Signer<TiedRequest> {
  const addresses = signers.flatMap((signer) => signer.addresses).sort()
  if (new Set(addresses).size !== addresses.length) throw new InvalidSignersError('A signer is given twice')
  return {
    kind,
    addresses,
    threshold: signers.reduce((sum, { threshold }) => sum + threshold, 0),
    sign: async (request) => {
      const { certificate, chainId, limitBook } = request
      const signatures = await Promise.all(signers.map((signer) => signer.sign(request)))
      return Signature.sort(Certificate.digest(certificate, { chainId, verifyingContract: limitBook }), signatures.flat())
    },
  }
}
