/** What a participant may bring to raise its tier: whose word counts is configuration, whether it holds is checked here, before it is kept. */
import type { Services } from '@plimsoll/api'
import { Eas, PrivateTree, Semaphore, WorldId, WorldIdService } from '@plimsoll/chain'
import { Attestation as Digest, Hash } from '@plimsoll/contracts'
import { Attestation, Caip10 } from '@plimsoll/reputation'
import { type Database, Evidence } from '@plimsoll/store'
import type { Config } from './config.ts'
import type { Attester } from './signer.ts'
import type { State } from './state.ts'

type Hex = `0x${string}`
type Trust = NonNullable<Config['evidence']>['trusts'][number]
type Judged = { readonly status: 'accepted'; readonly piece: Evidence.Piece } | { readonly status: 'refused'; readonly code: string }

const nothing: NonNullable<Config['evidence']> = { scope: 'none', proofSeconds: 0, groups: [], trusts: [] }

/** The api's port over the configured policy. */
export function evidence(args: {
  readonly config: Config
  readonly database: Database.Database
  readonly state: State
  /** Whose word our attestations are; null where no key is held here, and then none are given. */
  readonly signer: Attester | null
  readonly nowMs: () => number
}): Services.Services['evidence'] {
  const { config, database, state, signer, nowMs } = args
  const policy = config.evidence ?? nothing
  const scope = Hash.ofText(policy.scope)
  const now = () => Math.floor(nowMs() / 1000)

  async function judge(participantId: Hex, submission: Services.Submission): Promise<Judged> {
    if (submission.kind === 'semaphore') {
      const roots = policy.groups.map(({ root, until }) => ({ root, until: until ?? null }))
      const demand = { roots, scope: BigInt(scope), message: BigInt(participantId), now: now() }
      const verdict = Semaphore.verify(submission.proof, demand)
      if (verdict.status === 'refused') return verdict
      const { merkleTreeRoot } = submission.proof
      const piece = {
        scope: `semaphore:${scope}`,
        nullifier: verdict.nullifier.toString(),
        claim: 'uniqueHuman',
        kind: 'semaphore',
      } as const
      return { status: 'accepted', piece: { ...piece, source: { root: merkleTreeRoot }, until: now() + policy.proofSeconds } }
    }
    if (submission.kind === 'worldId') return humanOf(participantId, submission.proof)
    const reader = state.readers.get(submission.chainId)
    const trusts = policy.trusts.filter(({ chainId }) => chainId === submission.chainId)
    const [first] = trusts
    if (!reader || !first) return { status: 'refused', code: 'WRONG_CHAIN' }
    const { registry } = first
    const found =
      submission.kind === 'stored'
        ? await Eas.fetchStored({ reader, registry, uid: submission.uid })
        : await Eas.fetchShown({ reader, registry, shown: submission })
    if (found === null) return { status: 'refused', code: 'NOT_FINAL' }
    return assess({ found, trusts, recipients: state.accounts(participantId), scope, now: now() })
  }

  async function humanOf(participantId: Hex, proof: WorldId.Response): Promise<Judged> {
    if (!policy.worldId) return { status: 'refused', code: 'NOT_SERVED' }
    const { appId, action, levels, verifier } = policy.worldId
    const demand = { appId, action, participantId, levels }
    const verdict =
      verifier.kind === 'key'
        ? WorldId.verify(proof, demand, { key: verifier.key, roots: verifier.roots, now: now() })
        : await WorldIdService.fetchVerdict(proof, demand, verifier)
    if (verdict.status === 'refused') return verdict
    // Of every level and verifier one scope: a person is one number in an action, however it was told from others.
    const named = { scope: `worldId:${WorldId.externalNullifier(demand)}`, nullifier: verdict.nullifier.toString() }
    const source = { root: proof.merkle_root, level: proof.verification_level, verifier: verifier.kind }
    return { status: 'accepted', piece: { ...named, claim: 'uniqueHuman', kind: 'worldId', source, until: now() + policy.proofSeconds } }
  }

  return {
    policy: () => ({
      scope: policy.scope,
      scopeHash: scope,
      groups: policy.groups.map(({ name, root }) => ({ name, root })),
      worldId: policy.worldId ? { appId: policy.worldId.appId, action: policy.worldId.action, levels: policy.worldId.levels } : null,
      trusts: policy.trusts.map(({ claim, chainId, registry, schema, attesters }) => ({ claim, chainId, registry, schema, attesters })),
    }),
    attest: async (session, standing, evidenceRoot) => {
      const reader = policy.issue && state.readers.get(policy.issue.chainId)
      if (!policy.issue || !reader || signer === null) return null
      const { chainId, registry, schema, seconds } = policy.issue
      const { tier, asOf, modelHash } = standing
      const issued = await Eas.issue({
        ...{
          registry: await Eas.fetchRegistry({ reader, registry }),
          schema,
          recipient: session.account,
          salt: PrivateTree.salt(),
          signer,
        },
        ...{
          claim: { participantId: session.participantId, tier, asOf: BigInt(asOf), modelHash, evidenceRoot },
          expiresAt: asOf + seconds,
        },
      })
      return { chainId, registry, ...issued }
    },
    submit: async (session, submission) => {
      const judged = await judge(session.participantId, submission)
      if (judged.status === 'refused') return judged
      return Evidence.record(database, { participantId: session.participantId, piece: judged.piece })
    },
  }
}

/** The first trust that the attestation satisfies, or why the last one does not. */
function assess(args: {
  readonly found: Eas.Found
  readonly trusts: readonly Trust[]
  readonly recipients: readonly Caip10.Parts[]
  readonly scope: Hex
  readonly now: number
}): Judged {
  const { found, trusts, recipients, scope, now } = args
  const { attestation, data } = found
  let refused: Judged = { status: 'refused', code: 'UNTRUSTED_ATTESTER' }
  for (const trust of trusts) {
    const own = recipients.filter((it) => Caip10.isOn(it, trust.chainId)).map(({ address }) => address)
    const verdict = Attestation.assess(attestation, { ...trust, recipients: own }, now)
    if (verdict.status === 'refused') {
      refused = verdict
      continue
    }
    const said = saidBy(data)
    if (said === null) refused = { status: 'refused', code: 'MALFORMED' }
    else if (said.scope !== scope) refused = { status: 'refused', code: 'WRONG_SCOPE' }
    else if (said.claim !== Hash.ofText(trust.claim)) refused = { status: 'refused', code: 'WRONG_CLAIM' }
    else {
      const { chainId, registry, uid, attester, origin } = attestation
      // Numbers of two attesters are of two persons, or of one, as the case may be, unless they are known to number people alike.
      const by = trust.scheme === undefined ? attester : `scheme ${trust.scheme}`
      const piece = { scope: `eas:${by}:${scope}:${trust.claim}`, nullifier: said.nullifier, claim: trust.claim, kind: origin }
      return { status: 'accepted', piece: { ...piece, source: { chainId, registry, uid, attester }, until: verdict.until } }
    }
  }
  return refused
}

/** What the data says under the schema of claims; null where it says nothing. */
function saidBy(data: Hex): Digest.PersonClaim | null {
  try {
    return Digest.decodeClaim(data)
  } catch (error) {
    if (error instanceof Digest.MalformedDataError) return null
    throw error
  }
}

/**
 * What today's policy makes of what was recorded under an earlier one: whose word counts no more counts as taken back, until it counts again.
 */
export function underPolicy(piece: Evidence.Evidence, policy: Config['evidence']): Evidence.Evidence {
  const { groups, worldId, trusts } = policy ?? nothing
  const { chainId, registry, attester } = piece.source
  const counts: Readonly<Record<string, boolean>> = { semaphore: groups.length > 0, worldId: worldId !== undefined }
  const isTrusted = trusts.some(
    (it) =>
      it.claim === piece.claim && it.chainId === chainId && it.registry === registry && it.attesters.some((name) => name === attester),
  )
  return (counts[piece.kind] ?? isTrusted) ? piece : { ...piece, revokedAt: piece.revokedAt ?? piece.verifiedAt }
}

/**
 * Asks again for every attestation that counts, and notes those that were taken back. One that cannot be read stays as it was: a source that is
 * down takes nobody's tier, and what it says when it is back does.
 *
 * @returns what could not be read.
 */
export async function recheck(args: { readonly database: Database.Database; readonly state: State }): Promise<readonly string[]> {
  const { database, state } = args
  const faults: string[] = []
  for (const piece of await Evidence.standing(database)) {
    const { chainId, registry, uid, attester } = piece.source
    const reader = state.readers.get(Number(chainId))
    if (piece.kind === 'semaphore' || piece.kind === 'worldId' || !reader) continue
    try {
      const query = { reader, registry: registry as Hex, uid: uid as Hex }
      const isRevoked =
        piece.kind === 'stored'
          ? (await Eas.fetchStored(query))?.attestation.revokedAt != null
          : await Eas.fetchRevoked({ ...query, attester: attester as Hex })
      if (isRevoked) await Evidence.revoke(database, piece)
    } catch (error) {
      faults.push(`evidence of chain ${chainId}: ${error instanceof Error && 'code' in error ? String(error.code) : 'EVIDENCE_UNREADABLE'}`)
    }
  }
  return [...new Set(faults)]
}
