/** The same asked of whoever keeps World ID's trees: one request to a verifier of the documented form, whose word is then taken. */
import { BaseError } from './BaseError.ts'
import * as Http from './Http.ts'
import * as WorldId from './WorldId.ts'

/** `url` without its path; `maxRootAgeSeconds`: the service refuses older roots, from an hour to a week. */
export type Service = { readonly url: string; readonly timeoutMs: number; readonly maxRootAgeSeconds: number }

/** The most that is read of an answer. Bytes. */
const maxBytes = 16_384

/** What the service says of a proof, in our words. Whatever else it says is a fault of its settings or of its own, and nobody's proof. */
const codes: Readonly<Record<string, WorldId.Code>> = {
  invalid_proof: 'INVALID_PROOF',
  invalid_merkle_root: 'UNKNOWN_GROUP',
  root_too_old: 'ROOT_EXPIRED',
  max_verifications_reached: 'SPENT',
  exceeded_max_verifications: 'SPENT',
  already_verified: 'SPENT',
}

/**
 * Asks the service whether a response counts. What it learns: that this person asks here, for which signal.
 *
 * The signal and the action are ours, never the holder's; what is accepted must be what was asked.
 *
 * @throws {UnavailableError} no answer in time, too long a one, or none that fits the question. Nothing counts then.
 */
export async function fetchVerdict(response: WorldId.Response, demand: WorldId.Demand, service: Service): Promise<WorldId.Verdict> {
  const claim = WorldId.parse(response)
  if (claim === null) return { status: 'refused', code: 'MALFORMED' }
  if (!demand.levels.includes(claim.level)) return { status: 'refused', code: 'WRONG_LEVEL' }
  const { status, json } = await asked(response, demand, service)
  if (status === 200) {
    if (!answers(json, claim, demand)) throw new UnavailableError('its answer is to another question')
    return { status: 'accepted', nullifier: claim.nullifier }
  }
  const code = typeof json['code'] === 'string' && Object.hasOwn(codes, json['code']) ? codes[json['code']] : undefined
  if (status === 400 && code !== undefined) return { status: 'refused', code }
  throw new UnavailableError(`it answered HTTP ${status}`)
}

type Json = Readonly<Record<string, unknown>>

async function asked(response: WorldId.Response, demand: WorldId.Demand, service: Service) {
  const { merkle_root, nullifier_hash, proof, verification_level } = response
  const body = {
    ...{ merkle_root, nullifier_hash, proof, verification_level, action: demand.action },
    signal_hash: `0x${WorldId.signalHash(demand.participantId).toString(16).padStart(64, '0')}`,
    max_age: service.maxRootAgeSeconds,
  }
  const url = `${service.url.replace(/\/+$/, '')}/api/v2/verify/${encodeURIComponent(demand.appId)}`
  const { status, json } = await Http.post({ url, body: JSON.stringify(body), timeoutMs: service.timeoutMs, maxBytes })
    .then((answer) => ({ status: answer.status, json: JSON.parse(answer.text) as unknown }))
    .catch((cause: unknown) => {
      throw new UnavailableError('it gave no answer that can be read', cause)
    })
  if (typeof json !== 'object' || json === null) throw new UnavailableError('its answer is no document')
  return { status, json: json as Json }
}

/** Whether a success is of this proof: a cached or crossed answer says yes to somebody else. */
function answers(json: Json, { nullifier, level }: WorldId.Claim, { action }: WorldId.Demand): boolean {
  const { success, nullifier_hash: echoed, verification_level: said } = json
  if (success !== true || json['action'] !== action || typeof echoed !== 'string') return false
  if (!/^0x[0-9a-f]{1,64}$/i.test(echoed) || BigInt(echoed) !== nullifier) return false
  return said === undefined || said === level
}

/** Thrown when a verifier says nothing that can be used. */
export class UnavailableError extends BaseError {
  override readonly name = 'WorldIdService.UnavailableError'

  constructor(reason: string, cause?: unknown) {
    super({
      code: 'WORLD_ID_UNAVAILABLE',
      message: `Whether this World ID proof holds could not be asked: ${reason}.`,
      hint: 'Try again in a minute; nothing was recorded, and no tier has changed.',
      cause,
    })
  }
}
