/** Builds the source of the Lit Action: a policy, one bundle of the pure margin package with the certificate's hash, and what its runtime asks for. */
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import type { Policy } from '../LitAction.ts'

/** Where the action runs: as `SIGNER` names it. What differs is the last bundle, and how it is called. */
export const runtimes = {
  lit: { entry: './onNodes.ts', call: 'plimsollEntry.run();' },
  'lit-rest': { entry: './inEnclave.ts', call: 'async function main(params) { return plimsollEntry.main(params); }' },
} as const

export type Runtime = keyof typeof runtimes

/** The same sources and policy give the same text: its hash is what a PKP is permitted to run, and what a key in an enclave follows from. */
export async function bundle(policy: Policy, runtime: Runtime): Promise<string> {
  const { entry, call } = runtimes[runtime]
  const [body, around] = await Promise.all([built('./body.ts', 'plimsollAction'), built(entry, 'plimsollEntry')])
  return `var plimsollPolicy = ${JSON.stringify(policy)};\n${body}\n${around}\n${call}\n`
}

async function built(entry: string, name: string): Promise<string> {
  const build = await rolldown({
    input: fileURLToPath(new URL(entry, import.meta.url)),
    platform: 'neutral',
    treeshake: true,
    logLevel: 'silent',
    resolve: { mainFields: ['module', 'main'], conditionNames: ['import', 'default'] },
  })
  try {
    const { output } = await build.generate({ format: 'iife', name, minify: true })
    return output[0].code.trimEnd()
  } finally {
    await build.close()
  }
}
