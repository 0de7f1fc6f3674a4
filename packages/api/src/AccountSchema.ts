/** What signing in, linking, parting and merging are asked with and answered by. */
import { z } from 'zod'
import { accountId, address, anySignature, hash, seconds, signature } from './Wire.ts'

export const nonceOutput = z.strictObject({
  nonce: z.string(),
  domain: z.string(),
  uri: z.string(),
  chainIds: z.array(z.number().int()),
  expiresInSeconds: z.number().int(),
})
export const signInInput = z.strictObject({ message: z.string().max(2_000), signature })
export const session = z.strictObject({ account: address, participantId: hash, expiresAt: seconds })
export const signInOutput = z.strictObject({ token: z.string(), session })

export const linkMessage = z.strictObject({
  participantId: hash,
  account: accountId,
  primary: accountId,
  nonce: hash,
  issuedAt: seconds,
  expiresAt: seconds,
})
const accountChain = z
  .number()
  .int()
  .min(0)
  .default(0)
  .describe('The chain of a contract account; 0 for an externally owned one, which is the same on every chain.')
export const prepareLinkInput = z.strictObject({ account: address, chainId: accountChain })
export const linkInput = z.strictObject({ message: linkMessage, accountSignature: anySignature, primarySignature: anySignature })
/** An account's own word that what it signed with another, or with everybody, is over: for signers. */
export const ending = z.strictObject({
  message: z.strictObject({
    account: accountId,
    other: accountId.nullable().describe('With whom; null: with everybody.'),
    issuedAt: seconds,
  }),
  signature: anySignature,
})
export const unlinkInput = z.strictObject({
  account: address,
  chainId: accountChain,
  ending: ending
    .optional()
    .describe(
      'EndConsent (EIP-712), signed by the account that leaves or one that it was linked with. Signers are sent it; without it they are told nothing.',
    ),
})
export const mergeMessage = z.strictObject({
  from: hash,
  into: hash,
  fromAccount: accountId,
  intoAccount: accountId,
  nonce: hash,
  issuedAt: seconds,
  expiresAt: seconds,
})
export const mergeInput = z.strictObject({ message: mergeMessage, fromSignature: anySignature, intoSignature: anySignature })
export const accountsOutput = z.strictObject({
  participantId: hash,
  accounts: z.array(z.strictObject({ account: accountId, linkedAt: seconds })),
})
