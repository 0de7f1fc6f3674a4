import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Certificate, Hash, MarkDown } from '@plimsoll/contracts'
import { afterEach, describe, expect, test } from 'vitest'
import type { Hex } from './Hex.ts'
import * as QuorumSigner from './QuorumSigner.ts'
import * as Secp256k1 from './Secp256k1.ts'
import type * as Signer from './Signer.ts'

const book = { chainId: 31_337_003, verifyingContract: `0x${'0b'.repeat(20)}` as Hex }
const certificate: Certificate.Certificate = {
  participantId: Hash.ofText('somebody'),
  account: `0x${'0a'.repeat(20)}`,
  venue: `0x${'0e'.repeat(20)}`,
  market: Hash.ofText('ETH-PERP'),
  maxNotional: 10n ** 22n,
  credit: 10n ** 21n,
  imPpm: 100_000,
  sequence: 3n,
  issuedAt: 1_790_000_000n,
  expiresAt: 1_790_000_300n,
  epoch: 1,
  inputsHash: Hash.ofText('inputs'),
  modelHash: Hash.ofText('model'),
  paramsHash: Hash.ofText('params'),
}
const digest = Certificate.digest(certificate, book)
const tie = {
  kind: 'merge',
  message: { from: digest, into: digest, fromAccount: 'a', intoAccount: 'b', nonce: digest, issuedAt: 1, expiresAt: 2 },
  fromSignature: '0x01',
  intoSignature: '0x02',
} as const
const request: Signer.TiedRequest = {
  ...{ digest, chainId: book.chainId, limitBook: book.verifyingContract, certificate, document: '{}' },
  ties: [tie],
}
const keys = ['one', 'two', 'three'].map((name) => Secp256k1.of(Hash.ofText(name))).sort((a, b) => (a.address < b.address ? -1 : 1))

type Behaviour = (question: QuorumSigner.Question, key: Secp256k1.Key, response: ServerResponse) => Promise<void> | void
const send = (response: ServerResponse, answer: unknown) => void response.end(JSON.stringify(answer))
const honest: Behaviour = async ({ certificate, chainId, limitBook }, key, response) => {
  const read = Certificate.fromMessage(certificate)
  send(response, { status: 'signed', signature: await key.sign(Certificate.digest(read, { chainId, verifyingContract: limitBook })) })
}
const failing: Behaviour = (_, __, response) => void response.destroy()
const hanging: Behaviour = () => {}
const lying: Behaviour = async (_, key, response) => send(response, { status: 'signed', signature: await key.sign(Hash.ofText('another')) })
const refusing: Behaviour = (_, __, response) => send(response, { status: 'refused', code: 'MORE_GENEROUS', message: 'It says 2.' })
const unable: Behaviour = (_, __, response) => send(response, { status: 'unable', code: 'RPC_QUORUM_LOST', message: 'No source answered.' })
const slow =
  (ms: number): Behaviour =>
  (question, key, response) =>
    void setTimeout(() => void honest(question, key, response), ms)
const saying =
  (text: string): Behaviour =>
  (_, __, response) =>
    void response.end(text)

const open: { close: () => void }[] = []
afterEach(() => {
  for (const { close } of open.splice(0)) close()
})

/** Three signers that behave so, and how often each was asked. */
async function start(behaviours: readonly Behaviour[], args: Partial<QuorumSigner.of.Args> = {}) {
  const asked = keys.map(() => 0)
  const current = [...behaviours]
  const members = await Promise.all(
    keys.map(async (key, i): Promise<QuorumSigner.Member> => {
      const server = createServer((message, response) => {
        asked[i] = (asked[i] ?? 0) + 1
        void body(message).then((text) => current[i]?.(JSON.parse(text) as QuorumSigner.Question, key, response))
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      open.push({
        close: () => {
          server.closeAllConnections()
          server.close()
        },
      })
      return { address: key.address, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` }
    }),
  )
  const signer = QuorumSigner.of({ members, threshold: 2, timeoutMs: 500, ...args })
  return { signer, asked, become: (i: number, behaviour: Behaviour) => void current.splice(i, 1, behaviour) }
}

async function body(message: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of message) text += String(chunk)
  return text
}

async function refusalOf(
  signing: Promise<unknown>,
): Promise<{ readonly code: string; readonly why: readonly string[]; readonly message: string }> {
  try {
    await signing
  } catch (error) {
    const { code, failures, message } = error as Signer.DisagreeError | Signer.UnavailableError
    return { code, why: failures.map(({ why }) => why).sort(), message }
  }
  return { code: 'SIGNED', why: [], message: '' }
}

describe('of', () => {
  test('worked example: two of three sign what each computed for itself, in the order of their addresses', async () => {
    const { signer } = await start([honest, honest, honest])
    expect(signer).toMatchObject({ kind: 'quorum', threshold: 2, addresses: keys.map(({ address }) => address) })
    const signatures = await signer.sign(request)
    expect(signatures).toHaveLength(2)
    const all = await Promise.all(keys.map((key) => key.sign(digest)))
    const places = signatures.map((signature) => all.indexOf(signature))
    expect(places).toEqual([...places].sort())
    expect(places.every((place) => place >= 0)).toBe(true)
  })

  test('worked example: what the accounts signed goes with the question', async () => {
    const told: unknown[] = []
    const listening: Behaviour = (question, key, response) => {
      told.push(question)
      return honest(question, key, response)
    }
    const { signer } = await start([listening, listening, listening])
    await signer.sign(request)
    expect(told[0]).toMatchObject({ document: '{}', ties: [tie], endings: [] })
    const ending = { message: { account: 'a', other: null, issuedAt: 7 }, signature: '0x03' }
    await signer.sign({ ...request, endings: [ending] })
    expect(told.at(-1)).toMatchObject({ ties: [tie], endings: [ending] })
  })

  test.each<[string, Behaviour]>([
    ['fails', failing],
    ['lies', lying],
    ['hangs', hanging],
    ['is slow', slow(5_000)],
    ['refuses', refusing],
    ['cannot check', unable],
    ['answers a page', saying('<html></html>')],
    ['answers nothing', saying('')],
    ['answers another thing', saying('{"status":"signed"}')],
    ['floods', saying('x'.repeat(200_000))],
  ])('edge: one that %s changes nothing', async (_, behaviour) => {
    for (const at of [0, 1, 2]) {
      const { signer } = await start([honest, honest, honest].map((it, i) => (i === at ? behaviour : it)))
      const expected = await Promise.all(keys.filter((_, i) => i !== at).map((key) => key.sign(digest)))
      expect(await signer.sign(request)).toEqual(expected)
    }
  })

  test('edge: a digest given beside another certificate is not what gets signed', async () => {
    const { signer } = await start([honest, honest, honest])
    const own = await Promise.all(keys.map((key) => key.sign(digest)))
    for (const signature of await signer.sign({ ...request, digest: Hash.ofText('another') })) expect(own).toContain(signature)
  })

  test('edge: one member may not send the signature of another', async () => {
    const [first] = keys
    const stolen: Behaviour = async (_, __, response) => send(response, { status: 'signed', signature: await first?.sign(digest) })
    const { signer } = await start([honest, stolen, stolen])
    expect(await refusalOf(signer.sign(request))).toMatchObject({ code: 'SIGNERS_DISAGREE', why: ['false', 'false'] })
  })

  test.each<[string, readonly Behaviour[], string, readonly string[]]>([
    ['two refuse', [refusing, honest, refusing], 'SIGNERS_DISAGREE', ['refused', 'refused']],
    ['one lies and one refuses', [lying, honest, refusing], 'SIGNERS_DISAGREE', ['false', 'refused']],
    ['two fail', [failing, failing, honest], 'SIGNERS_UNAVAILABLE', ['unreachable', 'unreachable']],
    ['two hang', [hanging, honest, hanging], 'SIGNERS_UNAVAILABLE', ['timeout', 'timeout']],
    ['one refuses and one fails', [refusing, failing, honest], 'SIGNERS_UNAVAILABLE', ['refused', 'unreachable']],
    ['two cannot check', [unable, unable, honest], 'SIGNERS_UNAVAILABLE', ['unable', 'unable']],
  ])('error: %s', async (_, behaviours, code, why) => {
    const { signer } = await start(behaviours)
    const refusal = await refusalOf(signer.sign(request))
    expect(refusal).toMatchObject({ code, why })
    expect(refusal.message).toMatch(/0x[0-9a-f]{40}/)
  })

  test('edge: one that hangs is left alone for some seconds, and asked again after', async () => {
    let time = 1_000_000
    const { signer, asked, become } = await start([honest, hanging, hanging], { nowMs: () => time, timeoutMs: 200 })
    expect((await refusalOf(signer.sign(request))).why).toEqual(['timeout', 'timeout'])
    // Fewer than two are awake: all are asked, for one may be back.
    become(1, honest)
    expect(await signer.sign(request)).toHaveLength(2)
    expect(asked).toEqual([2, 2, 2])
    expect(await signer.sign(request)).toHaveLength(2)
    expect(asked).toEqual([3, 3, 2])
    time += 10_000
    become(2, honest)
    expect(await signer.sign(request)).toHaveLength(2)
    expect(asked).toEqual([4, 4, 3])
  })

  describe('of somebody whom signers do not count', () => {
    const [ben, cleo] = [`0x${'0b'.repeat(20)}`, `0x${'0c'.repeat(20)}`] as const
    const of = (holder: Hex, code: 'HOLDER_UNTIED' | 'HOLDER_UNREAD' = 'HOLDER_UNTIED') => ({ holder, chainId: 1, code })
    const answering = (status: 'refused' | 'unable', uncounted: unknown, ms = 0): Behaviour => {
      const code = status === 'refused' ? 'HOLDER_UNTIED' : 'HOLDER_UNREAD'
      return (_, __, response) => void setTimeout(() => send(response, { status, code, message: 'It is not his.', uncounted }), ms)
    }
    const without = async (behaviours: readonly Behaviour[]) => {
      const { signer } = await start(behaviours)
      const before = performance.now()
      const error = await signer.sign(request).catch((it) => it as Signer.DisagreeError)
      const { code, uncounted } = error as Signer.DisagreeError
      return { code, uncounted, ms: performance.now() - before }
    }

    test('worked example: two that name him, whatever the third does, and nobody is named by a refusal of another kind', async () => {
      const naming = answering('refused', [of(ben)])
      for (const third of [honest, refusing, failing, unable, naming])
        expect(await without([naming, third, naming])).toMatchObject({ code: 'SIGNERS_DISAGREE', uncounted: [of(ben)] })
      expect(await without([refusing, honest, refusing])).toMatchObject({ code: 'SIGNERS_DISAGREE', uncounted: [] })
      const unreading = answering('unable', [of(ben, 'HOLDER_UNREAD')])
      expect(await without([unreading, honest, unreading])).toMatchObject({
        ...{ code: 'SIGNERS_UNAVAILABLE', uncounted: [of(ben, 'HOLDER_UNREAD')] },
      })
    })

    test('edge: one that lies has nobody left out: the others sign, or nothing is', async () => {
      const liar = answering('refused', [of(ben), of(ben), of(cleo)])
      expect(await (await start([liar, honest, honest])).signer.sign(request)).toHaveLength(2)
      expect(await without([liar, honest, failing])).toMatchObject({ code: 'SIGNERS_UNAVAILABLE', uncounted: [] })
      expect(await without([liar, honest, refusing])).toMatchObject({ code: 'SIGNERS_DISAGREE', uncounted: [] })
    })

    test('edge: everybody who is named by two is, though the two that answer first name one each', async () => {
      const late = answering('refused', [of(cleo), of(ben)], 60)
      const said = await without([answering('refused', [of(ben)]), answering('refused', [of(cleo)]), late])
      expect(said.uncounted).toEqual([of(ben), of(cleo)])
    })

    test('edge: one that hangs then costs half of the time, and leaves the rest to ask again', async () => {
      const naming = answering('refused', [of(ben)])
      const { uncounted, ms } = await without([naming, hanging, naming])
      expect(uncounted).toEqual([of(ben)])
      expect(ms).toBeLessThan(450)
    })

    test('edge: as many as a document counts are heard; what is no list names nobody', async () => {
      const many = Array.from({ length: 200 }, (_, index) => ({ ...of(ben, 'HOLDER_UNREAD'), chainId: 900_000_000 + index }))
      expect((await without([answering('unable', many), failing, answering('unable', many)])).uncounted).toHaveLength(200)
      expect((await without([answering('refused', 'him'), honest, answering('refused', null)])).uncounted).toEqual([])
    })
  })

  test('error: a set that cannot give what is asked', () => {
    const members = keys.map(({ address }) => ({ address, url: 'http://127.0.0.1:1' }))
    const attempt = (args: Partial<QuorumSigner.of.Args>) => () => QuorumSigner.of({ members, threshold: 2, timeoutMs: 100, ...args })
    for (const threshold of [0, 4, 1.5]) expect(attempt({ threshold })).toThrow(QuorumSigner.InvalidSignersError)
    expect(
      attempt({
        members: [...members, { url: 'http://127.0.0.1:2', address: (keys[0]?.address.toUpperCase().replace('0X', '0x') ?? '0x') as Hex }],
      }),
    ).toThrow('given twice')
    expect(attempt({ threshold: 3 })().threshold).toBe(3)
  })
})

describe('markDowns', () => {
  const evidence: MarkDown.Evidence = { lots: [{ asset: Hash.ofText('USDC'), amount: 2n ** 100n, haircutPpm: 5 }], sharePpm: 1_000_000 }
  const markDown: MarkDown.MarkDown = {
    ...{ account: certificate.account, venue: certificate.venue, credit: 7n, sequence: 2n, epoch: 1, issuedAt: 1_790_000_000n },
    inputsHash: MarkDown.hashOf(evidence),
  }
  const order: Signer.MarkDownRequest = {
    ...{ digest: MarkDown.digest(markDown, book), chainId: book.chainId, limitBook: book.verifyingContract, markDown, evidence },
    ...{ holders: [certificate.account], documents: ['{}'] },
  }
  const told: unknown[] = []
  const lowering: Behaviour = async (question, key, response) => {
    told.push(question)
    const read = MarkDown.fromMessage((question as unknown as QuorumSigner.MarkDownQuestion).markDown)
    send(response, { status: 'signed', signature: await key.sign(MarkDown.digest(read, book)) })
  }

  test('worked example: the same members, asked for an order; a signature over another digest is none', async () => {
    const { signer } = await start([lowering, lying, lowering])
    expect(signer.markDowns).toMatchObject({ kind: 'quorum', threshold: 2, addresses: signer.addresses })
    const expected = await Promise.all([0, 2].map((at) => keys[at]?.sign(order.digest)))
    expect(await signer.markDowns.sign({ ...order, digest: Hash.ofText('another') })).toEqual(expected)
    const { digest: _, ...rest } = order
    const lots = [{ asset: Hash.ofText('USDC'), amount: `${2n ** 100n}`, haircutPpm: 5 }]
    expect(told[0]).toEqual({ ...rest, markDown: MarkDown.toMessage(markDown), evidence: { ...evidence, lots } })
  })

  test('edge: who hangs over one kind of question is left alone for the other', async () => {
    const { signer, asked, become } = await start([lowering, lowering, hanging], { nowMs: () => 1_000_000, timeoutMs: 200 })
    become(1, unable)
    expect(await refusalOf(signer.markDowns.sign(order))).toMatchObject({ code: 'SIGNERS_UNAVAILABLE', why: ['timeout', 'unable'] })
    become(0, honest)
    become(1, honest)
    expect(await signer.sign(request)).toHaveLength(2)
    expect(asked).toEqual([2, 2, 1])
  })
})
