import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { keccak256 } from 'viem'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type * as WorldId from './WorldId.ts'
import * as WorldIdService from './WorldIdService.ts'

const demand: WorldId.Demand = { appId: 'app_test', action: 'margin', participantId: `0x${'0a'.repeat(32)}`, levels: ['orb'] }
const response: WorldId.Response = {
  ...{ merkle_root: `0x${'1'.repeat(63)}`, nullifier_hash: '0x0002a', proof: `0x${'3'.repeat(512)}`, verification_level: 'orb' },
}
const success = { success: true, action: 'margin', nullifier_hash: '0x2a', uses: 1, max_uses: 0, verification_level: 'orb' }

/** A mock at the edge: it has the documented form of the service and none of its trees. */
let server: Server
let service: WorldIdService.Service
let asked: { readonly url: string | undefined; readonly body: Readonly<Record<string, unknown>> }[] = []
let answer: (response: ServerResponse, request: IncomingMessage) => void

const says = (status: number, document: unknown) => (to: ServerResponse) => {
  to.writeHead(status, { 'content-type': 'application/json' }).end(typeof document === 'string' ? document : JSON.stringify(document))
}

beforeAll(async () => {
  server = createServer((request, to) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      asked.push({ url: request.url, body: JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown> })
      answer(to, request)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  service = { url: `http://127.0.0.1:${port}/`, timeoutMs: 1_000, maxRootAgeSeconds: 3_600 }
})
beforeEach(() => {
  asked = []
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

describe('fetchVerdict', () => {
  test('worked example: what is sent is the proof, our action and our signal; what is said of it counts', async () => {
    answer = says(200, success)
    expect(await WorldIdService.fetchVerdict(response, demand, service)).toEqual({ status: 'accepted', nullifier: 42n })
    const [only, ...more] = asked
    expect(more).toEqual([])
    expect(only?.url).toBe('/api/v2/verify/app_test')
    expect(only?.body).toEqual({
      ...response,
      ...{ action: 'margin', max_age: 3_600 },
      signal_hash: `0x00${keccak256(demand.participantId).slice(2, 64)}`,
    })
  })

  test('edge: what does not count here is not asked of anybody', async () => {
    answer = says(200, success)
    const device = { ...response, verification_level: 'device' }
    expect(await WorldIdService.fetchVerdict(device, demand, service)).toEqual({ status: 'refused', code: 'WRONG_LEVEL' })
    expect(await WorldIdService.fetchVerdict({ ...response, proof: '0x' }, demand, service)).toEqual({
      status: 'refused',
      code: 'MALFORMED',
    })
    expect(asked).toEqual([])
  })

  test.each<[WorldId.Code, string]>([
    ['INVALID_PROOF', 'invalid_proof'],
    ['UNKNOWN_GROUP', 'invalid_merkle_root'],
    ['ROOT_EXPIRED', 'root_too_old'],
    ['SPENT', 'max_verifications_reached'],
  ])('edge: %s where it answers %s', async (code, said) => {
    answer = says(400, { code: said, detail: 'A sentence.', attribute: null })
    expect(await WorldIdService.fetchVerdict(response, demand, service)).toEqual({ status: 'refused', code })
  })

  test.each<[string, (to: ServerResponse) => void]>([
    ['another person', says(200, { ...success, nullifier_hash: '0x2b' })],
    ['another action', says(200, { ...success, action: 'vote' })],
    ['another level', says(200, { ...success, verification_level: 'device' })],
    ['no person', says(200, { success: true, action: 'margin' })],
    ['a person that is no number', says(200, { ...success, nullifier_hash: '42' })],
    ['yes as a text', says(200, { ...success, success: 'true' })],
    ['no, with 200', says(200, { ...success, success: false })],
    ['yes, with 400', says(400, success)],
    ['yes, with 201', says(201, success)],
    ['a refusal that it does not have', says(400, { code: 'constructor' })],
    ['a fault of the settings', says(404, { code: 'not_found' })],
    ['a fault of its own', says(500, { code: 'invalid_proof' })],
    ['too many requests', says(429, {})],
    ['a page', says(200, '<html>')],
    ['nothing', says(200, '')],
    ['null', says(200, 'null')],
    ['half a document', says(200, JSON.stringify(success).slice(0, 30))],
    ['bytes that are no text', (to) => to.writeHead(200).end(Buffer.from([0x22, 0xff, 0x22]))],
    ['more than it should', says(200, { ...success, more: 'x'.repeat(20_000) })],
    ['without end', (to) => void setInterval(() => to.write('x'.repeat(4_000)), 1).unref()],
    ['somewhere else', (to) => to.writeHead(307, { location: 'http://127.0.0.1:9/' }).end()],
    ['silence', () => {}],
    ['a byte now and then', (to) => void setInterval(() => to.write(' '), 100).unref()],
    ['a closed door', (to) => void to.destroy()],
  ])('error: %s counts for nothing', async (_, said) => {
    answer = said
    await expect(WorldIdService.fetchVerdict(response, demand, { ...service, timeoutMs: 500 })).rejects.toMatchObject({
      ...{ name: 'WorldIdService.UnavailableError', code: 'WORLD_ID_UNAVAILABLE' },
    })
    expect(asked).toHaveLength(1)
  })

  test('error: nobody there', async () => {
    const gone = { ...service, url: 'http://127.0.0.1:9' }
    await expect(WorldIdService.fetchVerdict(response, demand, gone)).rejects.toThrow(WorldIdService.UnavailableError)
  })
})
