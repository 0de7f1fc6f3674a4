/** Who signs, as the environment says. */
import { LocalSigner, QuorumSigner, type Signer } from '@plimsoll/chain'
import type { Config } from './config.ts'
import type { Env } from './env.ts'

type Hex = `0x${string}`

/**
 * The signer of this gateway.
 *
 * @throws {LocalSigner.InvalidKeysError} {QuorumSigner.InvalidSignersError}
 */
export function signerOf(env: Env, config: Config): Signer.Signer {
  const threshold = env.SIGNER_THRESHOLD
  if (env.SIGNER === 'quorum') {
    const members = list(env.SIGNER_MEMBERS).map((member) => {
      const at = member.indexOf('@')
      return { address: member.slice(0, at) as Hex, url: member.slice(at + 1) }
    })
    return QuorumSigner.of({ members, threshold, timeoutMs: env.SIGNER_TIMEOUT_MS })
  }
  const chainIds = config.venues.map(({ chainId }) => chainId)
  return LocalSigner.of({ privateKeys: list(env.SIGNER_KEYS) as Hex[], threshold, chainIds })
}

function list(value: string | undefined): readonly string[] {
  return value === undefined ? [] : value.split(',')
}
