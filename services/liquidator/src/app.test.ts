import { Actions, Database } from '@plimsoll/store'
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

  test('worked example: of one account, before an id, so many, the newest first', async () => {
    const desk = { chainId: 1, sender: `0x${'11'.repeat(20)}` } as const
    const [one, two] = [`0x${'aB'.repeat(20)}`, `0x${'cd'.repeat(20)}`] as const
    const draft = (account: `0x${string}`) => {
      const market = `0x${'00'.repeat(32)}` as const
      return { venue: account, account, market, kind: 'liquidate', document: '{}', hash: market } as const
    }
    await Actions.note(database, { desk, drafts: [one, two, one, two].map(draft) })
    const of = async (question: string) => {
      const { body } = await ask(`/actions?${question}`)
      return (body.actions as readonly { readonly id: string; readonly account: string }[]).map(({ id, account }) => [id, account])
    }
    const [a, b] = [one.toLowerCase(), two]
    const all = await of('')
    expect(all.map(([, account]) => account)).toEqual([b, a, b, a])
    const ids = all.map(([id]) => id)
    expect(ids).toEqual([...ids].sort((x, y) => Number(y) - Number(x)))
    expect(await of(`account=${one}`)).toEqual([all[1], all[3]])
    expect(await of(`before=${ids[1]}`)).toEqual([all[2], all[3]])
    expect(await of('limit=1')).toEqual([all[0]])
    expect(await of(`limit=1&before=${ids[1]}&account=${one}`)).toEqual([all[3]])
    expect(await of(`before=${ids[3]}`)).toEqual([])
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
