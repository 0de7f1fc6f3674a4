/** The deployment a gateway serves, read from its file. */
import { readFile } from 'node:fs/promises'
import { Deployment } from '@plimsoll/api'

export type Config = Deployment.Deployment

/**
 * Reads and checks the deployment document.
 *
 * @throws {Deployment.ConfigError} naming every field that is wrong.
 */
export async function read(path: string): Promise<Config> {
  const text = await readFile(path, 'utf8').catch(() => null)
  if (text === null) throw new Deployment.ConfigError([`${path} cannot be read`])
  return Deployment.fromText(text)
}
