/** Builds the source of the Lit Action: a policy, and one bundle of the pure margin package with the certificate's hash. */
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import type { Policy } from '../LitAction.ts'

/** The same sources and policy give the same text: its hash is what a PKP is permitted to run. */
export async function bundle(policy: Policy): Promise<string> {
  const build = await rolldown({
    input: fileURLToPath(new URL('./entry.ts', import.meta.url)),
    platform: 'neutral',
    treeshake: true,
    logLevel: 'silent',
    resolve: { mainFields: ['module', 'main'], conditionNames: ['import', 'default'] },
  })
  try {
    const { output } = await build.generate({ format: 'iife', name: 'plimsollAction', minify: true })
    const [chunk] = output
    return `var plimsollPolicy = ${JSON.stringify(policy)};\n${chunk.code.trimEnd()}\nplimsollAction.run();\n`
  } finally {
    await build.close()
  }
}
