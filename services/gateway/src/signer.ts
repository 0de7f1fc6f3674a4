/** Who signs, as the environment says. */
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { Deployment, Wire } from '@plimsoll/api'
import { JointSigner, LitSigner, LocalSigner, QuorumSigner, type Signer } from '@plimsoll/chain'
import { privateKeyToAccount } from 'viem/accounts'
import { z } from 'zod'
import type { Config } from './config.ts'
import type { Env } from './env.ts'

type Hex = `0x${string}`

const address = Wire.address.transform((value) => value as Hex)

const litSchema = z.strictObject({
  litNetwork: z.enum(['custom', 'datil-dev', 'datil-test', 'datil']),
  rpcUrl: z.url(),
  /** Of a custom network. */
  staking: z.strictObject({ address, abi: z.array(z.record(z.string(), z.unknown())) }).optional(),
  nodeProtocol: z.enum(['http://', 'https://']).optional(),
  /** Off on networks of this machine only: it is what says that a node runs what it says. */
  checkNodeAttestation: z.boolean(),
  publicKey: z
    .string()
    .regex(/^0x04[0-9a-fA-F]{128}$/, 'an uncompressed public key')
    .transform((value) => value as Hex),
  /** File with the action's source, beside this one. */
  action: z.string().min(1),
})

/** Signs digests without a certificate behind them. */
export type Attester = Signer.Signer<Pick<Signer.Request, 'digest'>>

/** The keys held here, for what is no certificate; null where others sign. @throws {LocalSigner.InvalidKeysError} */
export function attesterOf(env: Env, config: Config): Attester | null {
  if (env.SIGNER === 'quorum') return null
  const chainIds = config.venues.map(({ chainId }) => chainId)
  return LocalSigner.of({ privateKeys: list(env.SIGNER_KEYS) as Hex[], threshold: env.SIGNER_THRESHOLD, chainIds })
}

/** The keys that sign settlements; null where none is held here. @throws {LocalSigner.InvalidKeysError} */
export function settlerOf(env: Env, config: Config): Attester | null {
  if (env.SETTLEMENT_KEYS === undefined) return null
  const chainIds = config.vaults.map(({ chainId }) => chainId)
  return LocalSigner.of({ privateKeys: list(env.SETTLEMENT_KEYS) as Hex[], threshold: env.SETTLEMENT_THRESHOLD, chainIds })
}

/** Who signs what; both are the same keys. */
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
  const { SIGNER_THRESHOLD: threshold, SIGNER_TIMEOUT_MS: timeoutMs } = env
  const local = attesterOf(env, config)
  if (local === null) {
    const members = list(env.SIGNER_MEMBERS).map((member) => {
      const at = member.indexOf('@')
      return { address: member.slice(0, at) as Hex, url: member.slice(at + 1) }
    })
    const quorum = QuorumSigner.of({ members, threshold, timeoutMs })
    return { certificates: quorum, markDowns: quorum.markDowns }
  }
  if (env.SIGNER === 'local') return { certificates: local, markDowns: local }
  // Lit is never the only signer: the book asks for its signature and for `threshold` of ours.
  return { certificates: JointSigner.of('lit', [local, await litOf(env, timeoutMs)]), markDowns: local }
}

async function litOf(env: Env, timeoutMs: number): Promise<Signer.Signer> {
  const path = env.LIT_CONFIG ?? ''
  const outcome = litSchema.safeParse(JSON.parse(await textOf(path)))
  if (!outcome.success)
    throw new Deployment.ConfigError(outcome.error.issues.map((issue) => `${path}: ${issue.path.join('.')}: ${issue.message}`))
  const { litNetwork, rpcUrl, staking, nodeProtocol, checkNodeAttestation, publicKey, action } = outcome.data
  return LitSigner.of({
    network: {
      ...{ litNetwork, rpcUrl, checkNodeAttestation },
      ...(staking === undefined ? {} : { contractContext: { Staking: staking } }),
      ...(nodeProtocol === undefined ? {} : { nodeProtocol }),
    },
    publicKey,
    action: await textOf(resolve(dirname(path), action)),
    session: privateKeyToAccount((env.LIT_SESSION_KEY ?? '0x') as Hex),
    timeoutMs,
  })
}

async function textOf(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => null)
  if (text === null) throw new Deployment.ConfigError([`${path} cannot be read`])
  return text
}

function list(value: string | undefined): readonly string[] {
  return value === undefined ? [] : value.split(',')
}
