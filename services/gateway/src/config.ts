/** The deployment a gateway serves, read from its file. */
import { readFile } from 'node:fs/promises'
import { Deployment } from '@plimsoll/api'
import { ChainConfig, Groth16, Http } from '@plimsoll/chain'

export type Config = Deployment.Deployment

/**
 * Reads and checks the deployment document, as a document and as what the readers of its chains take.
 *
 * @throws {Deployment.ConfigError} naming every field that is wrong.
 */
export async function read(path: string): Promise<Config> {
  const text = await readFile(path, 'utf8').catch(() => null)
  if (text === null) throw new Deployment.ConfigError([`${path} cannot be read`])
  return checked(Deployment.fromText(text))
}

/** @throws {Deployment.ConfigError} a chain that its reader would refuse, or what no proof of World ID could be verified by. */
export function checked(config: Config): Config {
  const problems = [...config.chains.flatMap(problemsOf), ...worldIdProblems(config)]
  if (problems.length > 0) throw new Deployment.ConfigError(problems)
  return config
}

/** What the reader of a chain would refuse. */
function problemsOf(chain: Config['chains'][number]): readonly string[] {
  try {
    ChainConfig.from(chain)
    return []
  } catch (error) {
    if (!(error instanceof ChainConfig.InvalidConfigError)) throw error
    return error.faults.map((fault) => `chain ${chain.chainId}: ${fault}`)
  }
}

/** A key that no proof fits, and a service whose word would come unprotected. */
function worldIdProblems({ evidence }: Config): readonly string[] {
  const verifier = evidence?.worldId?.verifier
  if (!verifier) return []
  if (verifier.kind === 'key') return Groth16.isKey(verifier.key, 4) ? [] : ['evidence.worldId.verifier.key: a point is not of its group']
  return Http.isProtected(verifier.url) ? [] : ['evidence.worldId.verifier.url: https is needed beyond this machine']
}
