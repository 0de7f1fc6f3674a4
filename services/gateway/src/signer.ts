/** Who signs, as the environment says. */
import { BaseError, JointSigner, LocalSigner, QuorumSigner, Signer } from '@plimsoll/chain'
import type { Logger } from 'pino'
import type { Config } from './config.ts'
import type { Env } from './env.ts'
import * as Lit from './lit.ts'

type Hex = `0x${string}`

/** Signs digests without a certificate behind them. */
export type Attester = Signer.Signer<Pick<Signer.Request, 'digest'>>

/** The keys held here, for what is no certificate; null where others sign. @throws {LocalSigner.InvalidKeysError} */
export function attesterOf(env: Env, config: Config): Attester | null {
  if (env.SIGNER === 'quorum' || env.SIGNER_KEYS === undefined) return null
  const chainIds = config.venues.map(({ chainId }) => chainId)
  return LocalSigner.of({ privateKeys: list(env.SIGNER_KEYS) as Hex[], threshold: env.SIGNER_THRESHOLD, chainIds })
}

/** The keys that sign settlements; null where none is held here. @throws {LocalSigner.InvalidKeysError} */
export function settlerOf(env: Env, config: Config): Attester | null {
  if (env.SETTLEMENT_KEYS === undefined) return null
  const chainIds = config.vaults.map(({ chainId }) => chainId)
  return LocalSigner.of({ privateKeys: list(env.SETTLEMENT_KEYS) as Hex[], threshold: env.SETTLEMENT_THRESHOLD, chainIds })
}

/** Who signs what; both are the same keys, but for those at Lit's, which sign certificates alone. */
export type Signers = {
  readonly certificates: Signer.Signer<Signer.TiedRequest>
  readonly markDowns: Signer.Signer<Signer.MarkDownRequest>
}

/**
 * The signers of this gateway. Nothing is connected to yet: a signer that is away stops new risk, not the gateway.
 *
 * @throws {LocalSigner.InvalidKeysError} {QuorumSigner.InvalidSignersError} {Deployment.ConfigError}
 */
export async function signersOf(env: Env, config: Config): Promise<Signers> {
  const ours = oursOf(env, config)
  // Lit is never the only signer: the book asks for its signature and for `threshold` of ours.
  const beside = async (lit: Promise<Signer.Signer>) => ({
    ...ours,
    certificates: JointSigner.of(env.SIGNER, [ours.certificates, await lit]),
  })
  if (env.SIGNER === 'lit') return beside(Lit.onNodes(env))
  if (env.SIGNER === 'lit-rest') return beside(Lit.inEnclave(env))
  return ours
}

/**
 * The same signers, and a line in the log where they sign nothing: to whoever runs the gateway it says what only those who ask would see
 * otherwise. Once for each kind of failure in a row, and once when they sign again.
 */
export function logged(signer: Signers['certificates'], log: Pick<Logger, 'warn'>): Signers['certificates'] {
  let last: string | null = null
  const sign = async (request: Signer.TiedRequest) => {
    try {
      const signatures = await signer.sign(request)
      if (last !== null) log.warn({ signers: signer.addresses }, 'the signers sign again')
      last = null
      return signatures
    } catch (error) {
      const code = error instanceof BaseError ? error.code : 'UNKNOWN'
      const failures = error instanceof Signer.UnavailableError || error instanceof Signer.DisagreeError ? error.failures : []
      const kind = [code, ...failures.map(({ signer, why }) => `${signer} ${why}`)].join()
      if (kind !== last) log.warn({ code, failures }, 'the signers signed nothing')
      last = kind
      throw error
    }
  }
  return { ...signer, sign }
}

/** Keys held here, or a quorum that checks. */
function oursOf(env: Env, config: Config): Signers {
  const local = attesterOf(env, config)
  if (local !== null) return { certificates: local, markDowns: local }
  const members = list(env.SIGNER_MEMBERS).map((member) => {
    const at = member.indexOf('@')
    return { address: member.slice(0, at) as Hex, url: member.slice(at + 1) }
  })
  const quorum = QuorumSigner.of({ members, threshold: env.SIGNER_THRESHOLD, timeoutMs: env.SIGNER_TIMEOUT_MS })
  return { certificates: quorum, markDowns: quorum.markDowns }
}

function list(value: string | undefined): readonly string[] {
  return value === undefined ? [] : value.split(',')
}
