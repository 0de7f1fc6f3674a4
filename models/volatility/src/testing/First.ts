import * as Artifact from '../Artifact.ts'
import type { Backend } from '../Backend.ts'
import * as Registry from '../Registry.ts'

/** Version 0.1.0 that comes along: one network, of the synthetic market. */
export async function load(backend: Backend): Promise<Artifact.Artifact> {
  const directory = Registry.defaultDirectory
  return Artifact.load({ directory, backend, ...Registry.find(await Registry.read(directory), '0.1.0') })
}
