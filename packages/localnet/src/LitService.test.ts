import { concatHex, type Hex, keccak256, recoverAddress, stringToHex } from 'viem'
import { privateKeyToAddress } from 'viem/accounts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import * as Cid from './Cid.ts'
import * as LitService from './LitService.ts'

const root: Hex = `0x${'11'.repeat(32)}`
const apiKey = 'a-key-of-a-test'
let service: LitService.LitService

beforeAll(async () => {
  service = await LitService.start({ root, apiKey })
})
afterAll(() => service?.stop())
beforeEach(() => service.become({ kind: 'none' }))

const ask = async (code: string, params?: unknown, key = apiKey) => {
  const response = await fetch(`${service.url}/core/v1/lit_action`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': key },
    body: JSON.stringify({ code, js_params: params }),
  })
  return { status: response.status, body: (await response.json()) as unknown }
}

describe('start', () => {
  test('worked example: `main` gets the parameters, and what it returns is the response', async () => {
    const code = 'async function main({ a, b }) { console.log("adding", a, b); return { sum: a + b } }'
    expect(await ask(code, { a: 1, b: 2 })).toEqual({
      status: 200,
      body: { response: { sum: 3 }, logs: 'adding 1 2\n', has_error: false },
    })
  })

  test('worked example: the key follows from the source and the root', async () => {
    const code = 'async function main() { return Lit.Actions.getLitActionPrivateKey() }'
    const key = keccak256(concatHex([root, stringToHex(`action:${Cid.of(code)}`)]))
    expect(await ask(code)).toMatchObject({ body: { response: key, has_error: false } })
    expect(service.addressOf(code)).toBe(privateKeyToAddress(key))
    expect(service.addressOf(`${code} `)).not.toBe(service.addressOf(code))
  })

  test('edge: a response that is set, and none', async () => {
    expect(await ask('function main() { LitActions.setResponse({ response: "set" }) }')).toMatchObject({ body: { response: 'set' } })
    expect(await ask('function main() {}')).toMatchObject({ body: { response: '' } })
  })

  test('error: an action that throws, hangs or makes code of text', async () => {
    for (const code of [
      'function main() { throw new Error("no") }',
      'for (;;);',
      'async function main() { return eval("1") }',
      'nonsense(',
    ])
      expect(await ask(code)).toMatchObject({ status: 200, body: { has_error: true, response: '' } })
  })

  test('error: another key', async () => {
    expect((await ask('function main() {}', {}, 'another-key')).status).toBe(401)
  })

  test('edge: each lie is what it says', async () => {
    const digest = keccak256('0x12')
    // What our own action returns, with a signature that the service makes over.
    const code = `function main() { return { status: 'signed', digest: '${digest}', signature: '0x${'22'.repeat(64)}1b' } }`
    const signatureOf = async (fault: LitService.Fault) => {
      service.become(fault)
      const { body } = await ask(code)
      return (body as { readonly response: { readonly signature: Hex } }).response.signature
    }
    const recovered = async (fault: LitService.Fault) => recoverAddress({ hash: digest, signature: await signatureOf(fault) })
    const [honest, twin] = [await signatureOf({ kind: 'none' }), await signatureOf({ kind: 'malleable' })]
    expect(await recovered({ kind: 'impostor' })).not.toBe(service.addressOf(code))
    expect(await recoverAddress({ hash: keccak256(digest), signature: await signatureOf({ kind: 'other' }) })).toBe(service.addressOf(code))
    expect(await recoverAddress({ hash: digest, signature: twin })).toBe(await recoverAddress({ hash: digest, signature: honest }))
    expect(twin).not.toBe(honest)
  })
})
