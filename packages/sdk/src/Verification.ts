/** Is this certificate what it says? Replayed from its inputs, bit for bit, and recovered from its signatures. */
import { Certificate, Hash, limitBookAbi, perpVenueAbi } from '@plimsoll/contracts'
import { Amount, Inputs, Limit } from '@plimsoll/margin'
import { type Address, isAddressEqual, type PublicClient, recoverAddress } from 'viem'
import type { SignedLimit } from './MarginClient.ts'

export type Check = { readonly name: string; readonly holds: boolean; readonly detail: string }

/** `valid` only when every check holds. `limit` is what the inputs give. */
export type Verdict = { readonly status: 'valid' | 'invalid'; readonly checks: readonly Check[]; readonly limit: Limit.Limit | null }

/**
 * Checks a certificate against the document it binds.
 *
 * The document's hash, the replayed limit (notional, credit and initial margin, exactly), the parameters' and the model's hash,
 * the signatures over a digest computed here, and the expiry; with a `client`, also what the chain says: that the venue asks this book, who
 * may sign there, and its epoch and sequence. Signers that come from the gateway are its own word: only a `client`, or who gives them, knows.
 */
export async function verify(args: verify.Args): Promise<Verdict> {
  const { signed, document, signers, threshold } = args
  const { certificate } = signed
  const checks: Check[] = []
  const check = (name: string, holds: boolean, detail: string) => checks.push({ name, holds, detail })

  const documentHash = Hash.ofText(document)
  check('inputs hash', documentHash === certificate.inputsHash, `document ${documentHash}, certificate ${certificate.inputsHash}`)

  let limit: Limit.Limit | null = null
  try {
    const inputs = Inputs.parse(document)
    limit = Limit.of(inputs)
    const { granted } = limit
    if (granted?.status === 'granted') {
      const same =
        granted.maxNotional === certificate.maxNotional && granted.credit === certificate.credit && granted.imPpm === certificate.imPpm
      const figures = (it: Pick<Certificate.Certificate, 'maxNotional' | 'credit' | 'imPpm'>) =>
        `${Amount.exactly(it.maxNotional, 18)} USD at ${it.imPpm} ppm on ${Amount.exactly(it.credit, 18)} USD of credit`
      check('replayed limit', same, `inputs give ${figures(granted)}, certificate says ${figures(certificate)}`)
    } else
      check('replayed limit', false, granted === null ? 'the inputs ask for no certificate' : `the inputs are refused: ${granted.message}`)
    const { participantId, account, venue, market } = inputs.subject
    const subject =
      participantId === certificate.participantId &&
      isAddressEqual(account, certificate.account) &&
      isAddressEqual(venue.address, certificate.venue) &&
      market === certificate.market &&
      venue.chainId === signed.chainId
    check('subject', subject, `${account} in ${market} at ${venue.address} on chain ${venue.chainId}`)
    check('parameters hash', Hash.ofText(Inputs.canonicalParams(inputs.params)) === certificate.paramsHash, certificate.paramsHash)
    check('model hash', inputs.forecast.modelHash === certificate.modelHash, certificate.modelHash)
    check(
      'issued at',
      BigInt(inputs.asOf) === certificate.issuedAt && certificate.expiresAt === certificate.issuedAt + BigInt(inputs.params.ttlSeconds),
      `${certificate.issuedAt} to ${certificate.expiresAt}, unix seconds`,
    )
  } catch (error) {
    check('inputs document', false, error instanceof Error ? error.message : 'unreadable')
  }

  const digest = Certificate.digest(certificate, { chainId: signed.chainId, verifyingContract: signed.limitBook })
  const recovered: Address[] = []
  for (const signature of signed.signatures) {
    try {
      recovered.push(await recoverAddress({ hash: digest, signature }))
    } catch {
      check('signature', false, `${signature.slice(0, 18)}… recovers to nobody`)
    }
  }
  const known = recovered.filter(
    (address, i) =>
      signers.some((signer) => isAddressEqual(signer, address)) && !recovered.slice(0, i).some((other) => isAddressEqual(other, address)),
  )
  check(
    'signatures',
    threshold > 0 && known.length >= threshold && known.length === signed.signatures.length,
    `${known.length} of ${threshold} needed signers: ${known.join(', ')}`,
  )

  const asOf = BigInt(args.asOf ?? Math.floor(Date.now() / 1000))
  check('not expired', asOf <= certificate.expiresAt, `expires at ${certificate.expiresAt}, now ${asOf}, unix seconds`)

  if (args.client) {
    const { client } = args
    const chainId = await client.getChainId()
    check('chain', chainId === signed.chainId, `asked on chain ${chainId}, certificate is of ${signed.chainId}`)
    const own = await client.readContract({ address: certificate.venue, abi: perpVenueAbi, functionName: 'limitBook' })
    check('book of the venue', isAddressEqual(own, signed.limitBook), `the venue asks ${own}, certificate is for ${signed.limitBook}`)
    const book = { address: signed.limitBook, abi: limitBookAbi } as const
    const [epoch, needed, standing, ...may] = await Promise.all([
      client.readContract({ ...book, functionName: 'epoch' }),
      client.readContract({ ...book, functionName: 'threshold' }),
      client.readContract({ ...book, functionName: 'limitOf', args: [certificate.account, certificate.venue, certificate.market] }),
      ...recovered.map((address) => client.readContract({ ...book, functionName: 'isSigner', args: [address] })),
    ])
    check('epoch on chain', BigInt(epoch) === BigInt(certificate.epoch), `book is at ${epoch}, certificate at ${certificate.epoch}`)
    const signing = new Set(recovered.filter((_, i) => may[i]).map((address) => address.toLowerCase()))
    check(
      'signatures on chain',
      BigInt(signing.size) >= needed && signing.size === signed.signatures.length,
      `${signing.size} of ${needed} needed signers: ${[...signing].join(', ')}`,
    )
    check(
      'sequence on chain',
      standing.sequence <= certificate.sequence,
      `book has accepted ${standing.sequence}, certificate is ${certificate.sequence}`,
    )
  }
  return { status: checks.every(({ holds }) => holds) ? 'valid' : 'invalid', checks, limit }
}

export declare namespace verify {
  type Args = {
    readonly signed: SignedLimit
    readonly document: string
    readonly signers: readonly Address[]
    readonly threshold: number
    readonly client?: PublicClient
    /** Unix seconds; default the clock's. */
    readonly asOf?: number
  }
}
