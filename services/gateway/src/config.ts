/** The deployment a gateway serves, read from its file. */
import { readFile } from 'node:fs/promises'
import { Deployment } from '@plimsoll/api'
import { ChainConfig } from '@plimsoll/chain'

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

/** @throws {Deployment.ConfigError} a chain that its reader would refuse. */
export function checked(config: Config): Config {
  const problems = config.chains.flatMap(problemsOf)
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
