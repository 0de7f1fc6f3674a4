import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import * as Database from '../Database.ts'
import * as Migrations from '../Migrations.ts'
import * as Template from './Template.ts'

const home = mkdtempSync(join(tmpdir(), 'plimsoll-template-'))
afterAll(() => rmSync(home, { recursive: true }))

const tagsOf = async (database: Database.Database) =>
  (await database.query<{ tag: string }>('select tag from migrations order by index')).map(({ tag }) => tag)
const identityOf = async (database: Database.Database) => database.query("select value from settings where name = 'identity'")

describe('lay', () => {
  it('edge: what is laid has the schema, nobody in it, and an identity of its own', async () => {
    const [one, two] = await Promise.all(
      ['one', 'two'].map(async (name) => {
        await Template.lay(join(home, name))
        return Database.open({ directory: join(home, name) })
      }),
    )
    if (!one || !two) throw new Error('two were opened')
    expect(await tagsOf(one)).toEqual(Migrations.known().map(({ tag }) => tag))
    expect(await one.query('select 1 from participants')).toEqual([])
    expect(await identityOf(one)).toHaveLength(1)
    expect(await identityOf(one)).not.toEqual(await identityOf(two))
    await Promise.all([one.close(), two.close()])
  })

  it('error: a directory that holds one already', async () => {
    const directory = join(home, 'twice')
    await Template.lay(directory)
    await expect(Template.lay(directory)).rejects.toMatchObject({ code: 'ERR_FS_CP_EEXIST' })
  })
})

describe('blob', () => {
  it('edge: each copy in memory has the schema, nobody in it, and an identity of its own', async () => {
    const memory = await Template.blob()
    await using one = await Database.open({ memory })
    await using two = await Database.open({ memory })
    expect(await tagsOf(one)).toEqual(Migrations.known().map(({ tag }) => tag))
    expect(await one.query('select 1 from participants')).toEqual([])
    expect(await identityOf(one)).toHaveLength(1)
    expect(await identityOf(one)).not.toEqual(await identityOf(two))
  })
})
