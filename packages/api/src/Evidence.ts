/** Evidence as a participant sees it: what was verified, and what it does to the tier. */
import type { z } from 'zod'
import * as Gather from './Gather.ts'
import type * as Schema from './Schema.ts'
import type { Services, Session, Submission } from './Services.ts'
import * as Wire from './Wire.ts'

type Shown = z.infer<typeof Schema.evidenceOutput>

/** The pieces of the latest snapshot, each with its status. */
export function of(services: Services, session: Session): Shown {
  const standing = services.snapshot().standings.get(session.participantId)
  if (!standing) throw new Gather.UnknownParticipantError(session.participantId)
  const { tier, evidence } = standing
  return {
    without: evidence.without,
    tier,
    pieces: evidence.pieces.map(({ scope, nullifier, claim, kind, source, verifiedAt, until, status }) => ({
      ...{ scope, nullifier, claim, kind, source: { ...source }, verifiedAt, until, status },
    })),
  }
}

/** Brings evidence; the answer shows the tier as it is afterwards. */
export async function submit(
  services: Services,
  session: Session,
  input: z.infer<typeof Schema.evidenceInput>,
): Promise<z.infer<typeof Schema.submitOutput>> {
  const outcome = await services.evidence.submit(session, submissionOf(input.evidence))
  if (outcome.status === 'refused') {
    const refusal = {
      code: `EVIDENCE_${outcome.code}`,
      message: `The evidence does not count: ${sentences[outcome.code] ?? outcome.code}.`,
      hint: 'See `evidence.policy` for whose word counts here, of whom, and under which schema.',
    }
    return { status: 'refused', refusal, evidence: of(services, session) }
  }
  await services.include(session.participantId)
  return { status: outcome.status, evidence: of(services, session) }
}

/** Our own word on the caller's tier, of the latest snapshot. */
export async function attest(services: Services, session: Session, evidenceRoot: Hex): Promise<z.infer<typeof Schema.attestOutput>> {
  const standing = services.snapshot().standings.get(session.participantId)
  if (!standing) throw new Gather.UnknownParticipantError(session.participantId)
  const [grant] = standing.grants.values()
  if (!grant)
    throw new Gather.InputMissingError({ code: 'GRANT_MISSING', what: 'No market has a forecast, so no grant says which model judged.' })
  const { tier } = standing
  const attested = await services.evidence.attest(session, { tier, asOf: grant.asOf, modelHash: grant.modelHash }, evidenceRoot)
  return { attested: attested && { ...Wire.encode(attested), signatures: [...attested.signatures] } }
}

const sentences: Readonly<Record<string, string>> = {
  EXPIRED: 'it has expired',
  FROM_THE_FUTURE: 'it is dated after now',
  INVALID_PROOF: 'the proof does not hold',
  INVALID_TIMES: 'its times contradict each other',
  MALFORMED: 'it is not written as a proof is',
  NOT_ANCHORED: 'no final block has seen the root of its batch',
  NOT_FINAL: 'no final block holds it',
  NOT_SERVED: 'proofs of its kind do not count here',
  REVOKED: 'it was taken back',
  ROOT_EXPIRED: 'its root is too old',
  SPENT: 'its issuer says that it was used already',
  TOO_OLD: 'it was said too long ago',
  UNKNOWN_GROUP: 'its group is not one that is trusted here',
  UNSIGNED: 'nobody signed it',
  UNTRUSTED_ATTESTER: 'whoever says it is not trusted here',
  WRONG_CHAIN: 'it is on a chain that is not asked',
  WRONG_CLAIM: 'it says something else',
  WRONG_LEVEL: 'persons are not told apart well enough at its level',
  WRONG_MESSAGE: 'it was made for another participant',
  WRONG_RECIPIENT: 'it is about no account of yours',
  WRONG_REGISTRY: 'it is in another registry',
  WRONG_SCHEMA: 'it follows another schema',
  WRONG_SCOPE: 'it was made for another scope',
}

type Hex = `0x${string}`

function submissionOf(input: z.infer<typeof Schema.evidenceInput>['evidence']): Submission {
  if (input.kind === 'semaphore' || input.kind === 'worldId') return input
  if (input.kind === 'stored') return { ...input, uid: input.uid as Hex }
  const { schema, recipient, time, expirationTime, revocable, refUID, data, salt } = input.attestation
  return {
    ...{ kind: 'signed', chainId: input.chainId, signature: input.signature },
    batch: input.batch && { root: input.batch.root as Hex, proof: input.batch.proof as Hex[] },
    attestation: {
      ...{ schema: schema as Hex, recipient: recipient as Hex, revocable, refUID: refUID as Hex, data: data as Hex, salt: salt as Hex },
      ...{ time: BigInt(time), expirationTime: BigInt(expirationTime) },
    },
  }
}
