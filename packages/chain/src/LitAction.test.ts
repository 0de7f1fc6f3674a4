import { createContext, runInContext } from 'node:vm'
import { Certificate, Hash } from '@plimsoll/contracts'
import { Inputs, Limit } from '@plimsoll/margin'
import { hashTypedData } from 'viem'
import { privateKeyToAddress } from 'viem/accounts'
import { describe, expect, test } from 'vitest'
import type { Hex } from './Hex.ts'
import * as LitAction from './LitAction.ts'
import * as LocalSigner from './LocalSigner.ts'
import type { Question } from './QuorumSigner.ts'
import { bundle } from './scripts/bundle.ts'
import { inputs } from './testing/document.ts'

const limitBook: Hex = `0x${'0b'.repeat(20)}`
const { asOf, subject } = inputs
const { chainId, address: venue } = subject.venue
const document = Inputs.canonical(inputs)
const { granted } = Limit.of(inputs)
if (granted?.status !== 'granted') throw new Error('the document gives a limit')
const certificate: Certificate.Certificate = {
  ...{ participantId: subject.participantId, account: subject.account, venue, market: subject.market },
  ...{ maxNotional: granted.maxNotional, credit: granted.credit, imPpm: granted.imPpm, sequence: 7n },
  ...{ issuedAt: BigInt(asOf), expiresAt: BigInt(asOf + 300), epoch: 1 },
  ...{ inputsHash: Hash.ofText(document), modelHash: inputs.forecast.modelHash },
  paramsHash: Hash.ofText(Inputs.canonicalParams(inputs.params)),
}
const policy: LitAction.Policy = {
  ...{ books: [{ chainId, limitBook, venue }], paramsHash: certificate.paramsHash, models: [certificate.modelHash], most: `${10n ** 24n}` },
}
const question = (change: Partial<Certificate.Certificate> = {}, more: Partial<Question> = {}): Question => ({
  ...{ chainId, limitBook, certificate: Certificate.toMessage({ ...certificate, ...change }), document },
  ...more,
})
/** Of the certificate above, at the book above: every signer signs these 32 bytes. */
const golden = '0x3dd1f9ccabee6cc5c55934a568ff75fabfe0b52320094d4acaa3e9f969a078f3'

describe('answer', () => {
  const codeOf = (asked: Question, args: { readonly policy?: LitAction.Policy; readonly now?: number } = {}) => {
    const answer = LitAction.answer({ policy, now: asOf, ...args, question: asked })
    return answer.status === 'refused' ? answer.code : null
  }

  test('worked example: the digest that every signer signs, and that viem and the contract compute', () => {
    expect(LitAction.answer({ policy, question: question(), now: asOf })).toEqual({ status: 'signed', digest: golden })
    expect(Certificate.digest(certificate, { chainId, verifyingContract: limitBook })).toBe(golden)
    expect(hashTypedData(Certificate.typedData(certificate, { chainId, verifyingContract: limitBook }))).toBe(golden)
  })

  test('edge: any model where the policy names none', () => {
    expect(codeOf(question(), { policy: { ...policy, models: null } })).toBe(null)
  })

  test.each<[string, string, Question, { readonly policy?: LitAction.Policy; readonly now?: number }?]>([
    ['a certificate that is none', 'UNREADABLE', question({}, { certificate: {} as Question['certificate'] })],
    ['a document that is none', 'UNREADABLE', question({}, { document: '{}' })],
    ['a document with a space more', 'INPUTS_HASH', question({}, { document: ` ${document}` })],
    ['another hash', 'INPUTS_HASH', question({ inputsHash: Hash.ofText('another') })],
    ['another hash of parameters', 'PARAMS_HASH', question({ paramsHash: Hash.ofText('another') })],
    ['parameters the policy does not know', 'PARAMS_HASH', question(), { policy: { ...policy, paramsHash: Hash.ofText('another') } }],
    ['another model than the document', 'MODEL_HASH', question({ modelHash: Hash.ofText('another') })],
    ['a model the policy does not know', 'MODEL_HASH', question(), { policy: { ...policy, models: [Hash.ofText('another')] } }],
    ['another book', 'BOOK_UNKNOWN', question({}, { limitBook: `0x${'0d'.repeat(20)}` })],
    ['another chain', 'BOOK_UNKNOWN', question({}, { chainId: 1 })],
    ['another venue', 'BOOK_UNKNOWN', question({ venue: limitBook })],
    ['another account', 'SUBJECT_OTHER', question({ account: limitBook })],
    ['another participant', 'SUBJECT_OTHER', question({ participantId: Hash.ofText('another') })],
    ['another market', 'SUBJECT_OTHER', question({ market: Hash.ofText('another') })],
    ['more than the policy signs', 'OVER_POLICY', question(), { policy: { ...policy, most: `${certificate.maxNotional - 1n}` } }],
    ['one unit more than its document gives', 'NOT_DERIVED', question({ maxNotional: certificate.maxNotional + 1n })],
    ['a clock apart', 'CLOCKS_APART', question(), { now: asOf + 16 }],
    ['a longer life', 'LIFE_TOO_LONG', question({ expiresAt: certificate.issuedAt + 301n })],
  ])('error: %s', (_, code, asked, args) => {
    expect(codeOf(asked, args)).toBe(code)
  })
})

describe('bundle', () => {
  /** What a runtime gives every action: no clock of its own here, no way to make code of text. */
  const run = (source: string, globals: Readonly<Record<string, unknown>>): unknown =>
    runInContext(
      `Date.now = () => now;\n${source}`,
      createContext({ TextEncoder, TextDecoder, now: asOf * 1000, ...globals }, { codeGeneration: { strings: false, wasm: false } }),
    )

  test('worked example: the text that the nodes run comes to the same digest, with nothing but the globals of an action', async () => {
    const signed: Hex[] = []
    const said: string[] = []
    const Actions = {
      setResponse: ({ response }: { readonly response: string }) => void said.push(response),
      signEcdsa: async ({ toSign }: { readonly toSign: Uint8Array }) =>
        void signed.push(`0x${Buffer.from(Array.from(toSign)).toString('hex')}`),
    }
    await run(await bundle(policy, 'lit'), { question: question(), publicKey: '0x04', Lit: { Actions } })
    expect(signed).toEqual([golden])
    expect(said).toEqual([JSON.stringify({ status: 'signed', digest: golden })])
  })

  test('worked example: the text that an enclave runs signs it with the key it is given, to the bytes that a local key signs', async () => {
    const privateKey = Hash.ofText('a key of an action')
    const source = await bundle(policy, 'lit-rest')
    for (const given of [privateKey, privateKey.slice(2)]) {
      const Lit = { Actions: { getLitActionPrivateKey: async () => given } }
      const ask = (params: unknown) => run(`${source};main(params)`, { params, Lit })
      const local = LocalSigner.of({ privateKeys: [privateKey], threshold: 1, chainIds: [chainId] })
      const [signature] = await local.sign({ digest: golden })
      expect(await ask({ question: question() })).toEqual({ status: 'signed', digest: golden, signature })
      for (const nothing of [{}, null]) expect(await ask(nothing)).toEqual({ status: 'address', address: privateKeyToAddress(privateKey) })
    }
  })

  test('error: nodes sign nothing that is refused', async () => {
    const said: string[] = []
    const Actions = { setResponse: ({ response }: { readonly response: string }) => void said.push(response) }
    const asked = question({ maxNotional: certificate.maxNotional + 1n })
    await run(await bundle(policy, 'lit'), { question: asked, publicKey: '0x04', Lit: { Actions } })
    expect(said.map((text) => JSON.parse(text) as unknown)).toEqual([expect.objectContaining({ status: 'refused', code: 'NOT_DERIVED' })])
  })

  test('error: an enclave does not touch the key for what it refuses', async () => {
    const source = await bundle(policy, 'lit-rest')
    for (const asked of [question({ maxNotional: certificate.maxNotional + 1n }), question({}, { document: '{}' }), null, 'a question', 7])
      expect(await run(`${source};main(params)`, { params: { question: asked }, Lit: {} })).toMatchObject({ status: 'refused' })
  })

  test('property: both run one body, and differ in the few lines around it', async () => {
    const [nodes, enclave] = await Promise.all([bundle(policy, 'lit'), bundle(policy, 'lit-rest')])
    const body = (source: string) => source.slice(0, source.indexOf('var plimsollEntry'))
    expect(body(nodes)).toBe(body(enclave))
    expect(body(nodes)).toContain('var plimsollAction')
    expect(nodes.length - body(nodes).length).toBeLessThan(1_000)
    expect(enclave.split('\n').at(-2)).toBe('async function main(params) { return plimsollEntry.main(params); }')
  })

  test('property: the same policy gives the same text, another policy another', async () => {
    for (const runtime of ['lit', 'lit-rest'] as const) {
      const texts = await Promise.all([policy, policy, { ...policy, most: '1' }].map((each) => bundle(each, runtime)))
      expect(texts[1]).toBe(texts[0])
      expect(texts[2]).not.toBe(texts[0])
    }
  })
})
