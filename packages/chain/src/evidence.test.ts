import { fileURLToPath } from 'node:url'
import { createContext, runInContext } from 'node:vm'
import { rolldown } from 'rolldown'
import { expect, test } from 'vitest'
import * as evidence from './evidence.ts'

test('exports', () => {
  expect(Object.keys(evidence).sort()).toEqual(['Envelope', 'Exhibit', 'Hpke', 'PrivateTree'])
})

test('worked example: bundled for browsers it seals and opens where there is WebCrypto and nothing of Node', async () => {
  const input = fileURLToPath(new URL('./evidence.ts', import.meta.url))
  const build = await rolldown({ input, platform: 'browser', logLevel: 'silent' })
  const { output } = await build.generate({ format: 'iife', name: 'evidence' })
  await build.close()
  const [{ code, imports }] = output
  expect(imports).toEqual([])
  const context = createContext({ crypto: globalThis.crypto, TextEncoder, TextDecoder, Uint8Array, ArrayBuffer })
  const program = `(async () => {
    const { Envelope, Hpke, PrivateTree } = evidence
    const leaves = ['a', 'b', 'c'].map((name) => ({ type: 'string', name, value: name + name, salt: PrivateTree.salt() }))
    const binding = { schema: PrivateTree.salt(), root: PrivateTree.root(leaves), owner: PrivateTree.salt() }
    const { publicKey, privateKey } = await Hpke.keyPair()
    const envelope = await Envelope.seal({ ...binding, disclosure: PrivateTree.disclose(leaves, ['b']) }, [publicKey])
    const { leaves: shown } = await Envelope.open(envelope, { binding, privateKey })
    return shown.map(({ value }) => value).join()
  })()`
  runInContext(code, context)
  expect(await runInContext(program, context)).toBe('bb')
})
