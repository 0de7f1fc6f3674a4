/** The signers that run our action at Lit's, as `LIT_CONFIG` says. What is secret comes from the environment, and is in no file. */
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { Deployment, Wire } from '@plimsoll/api'
import { LitRest, LitRestSigner, LitSigner, type Signer } from '@plimsoll/chain'
import { type LocalAccount, privateKeyToAccount } from 'viem/accounts'
import { z } from 'zod'
import type { Env } from './env.ts'

type Hex = `0x${string}`

const address = Wire.address.transform((value) => value as Hex)
/** File with the action's source, beside the one that names it. */
const action = z.string()

const nodesSchema = z.strictObject({
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
  action,
})

const restSchema = z.strictObject({
  /** Where `/core/v1/lit_action` is. */
  url: z.string(),
  /** Of the action's key, as it was given to the book. */
  address,
  action,
})

/** A PKP of Lit's network. @throws {Deployment.ConfigError} */
export async function onNodes(env: Env): Promise<Signer.Signer> {
  const { litNetwork, rpcUrl, staking, nodeProtocol, checkNodeAttestation, publicKey, source } = await read(env, nodesSchema)
  return LitSigner.of({
    network: {
      ...{ litNetwork, rpcUrl, checkNodeAttestation },
      ...(staking === undefined ? {} : { contractContext: { Staking: staking } }),
      ...(nodeProtocol === undefined ? {} : { nodeProtocol }),
    },
    publicKey,
    action: source,
    session: sessionOf(env),
    timeoutMs: env.SIGNER_TIMEOUT_MS,
  })
}

function sessionOf(env: Env): LocalAccount {
  try {
    return privateKeyToAccount((env.LIT_SESSION_KEY ?? '0x') as Hex)
  } catch {
    // The cause may quote the key.
    throw new Deployment.ConfigError(['LIT_SESSION_KEY is no private key'])
  }
}

/** The key of an action at Lit's REST service. @throws {Deployment.ConfigError} */
export async function inEnclave(env: Env): Promise<Signer.Signer> {
  const { url, address, source } = await read(env, restSchema)
  try {
    return LitRestSigner.of({ url, address, apiKey: env.LIT_API_KEY ?? '', action: source, timeoutMs: env.SIGNER_TIMEOUT_MS })
  } catch (error) {
    if (!(error instanceof LitRest.InvalidServiceError || error instanceof LitRest.TooLargeError)) throw error
    throw new Deployment.ConfigError([`${env.LIT_CONFIG}: ${error.message.replace(/\.$/, '')}`])
  }
}

/** The file, with the action that it names. */
async function read<T extends { readonly action: string }>(env: Env, schema: z.ZodType<T>): Promise<T & { readonly source: string }> {
  const path = env.LIT_CONFIG ?? ''
  const outcome = schema.safeParse(jsonOf(path, await textOf(path)))
  if (!outcome.success)
    throw new Deployment.ConfigError(outcome.error.issues.map((issue) => `${path}: ${issue.path.join('.')}: ${issue.message}`))
  return { ...outcome.data, source: await textOf(resolve(dirname(path), outcome.data.action)) }
}

function jsonOf(path: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Deployment.ConfigError([`${path} is no JSON`])
  }
}

async function textOf(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => null)
  if (text === null) throw new Deployment.ConfigError([`${path} cannot be read`])
  return text
}
