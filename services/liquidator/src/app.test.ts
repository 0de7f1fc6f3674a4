import { Database } from '@plimsoll/store'
import * as Template from '@plimsoll/store/testing'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApp } from './app.ts'

let database: Database.Database
let app: ReturnType<typeof createApp>

beforeAll(async () => {
  database = await Database.open({ memory: await Template.blob() })
  app = createApp({ database, desks: [], log: pino({ level: 'silent' }) })
})
afterAll(() => database.close())

const ask = async (path: string, init?: RequestInit) => {
  const answer = await app.request(path, init)
  return { status: answer.status, body: JSON.parse(await answer.text()) }
}
const refused = (status: number, code: string) => ({
  status,
  body: { code, message: expect.stringMatching(/^[^\n]+\.$/), hint: expect.stringMatching(/.{5}/) },
})

describe('createApp', () => {
  test('worked example: how it stands, and what it did', async () => {
    expect(await ask('/status')).toEqual({ status: 200, body: { desks: [] } })
    expect(await ask('/actions')).toEqual({ status: 200, body: { actions: [] } })
    expect((await ask(`/actions?limit=1000&before=${'9'.repeat(18)}&account=0x${'aB'.repeat(20)}`)).status).toBe(200)
  })

  test.each([
    'limit=0',
    'limit=1001',
    'limit=-1',
    'limit=1e3',
    'limit=%D9%A3',
    'limit=',
    'before=x',
    `before=${'9'.repeat(19)}`,
    'account=0x',
    'account=%00',
    'more=1',
    '__proto__=1',
  ])('error: a question with %s', async (question) => {
    expect(await ask(`/actions?${question}`)).toEqual(refused(400, 'QUERY_INVALID'))
  })

  test('error: it takes no orders, and there is nothing else', async () => {
    for (const path of ['/', '/actions/1', '/..%2fetc', '/%ff', '/__proto__']) expect(await ask(path)).toEqual(refused(404, 'NOT_FOUND'))
    for (const method of ['POST', 'PUT', 'DELETE']) expect(await ask('/status', { method })).toEqual(refused(404, 'NOT_FOUND'))
  })
})
