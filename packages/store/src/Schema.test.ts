import { readdirSync, readFileSync } from 'node:fs'
import { generateDrizzleJson, generateMigration } from 'drizzle-kit/api'
import { expect, it } from 'vitest'
import * as Migrations from './Migrations.ts'
import * as Schema from './Schema.ts'

const folder = new URL('./migrations/', import.meta.url)
const read = (path: string): unknown => JSON.parse(readFileSync(new URL(path, folder), 'utf8'))

it('the migrations are the schema’s: `pnpm --filter @plimsoll/store generate` would add nothing', async () => {
  const last = readdirSync(new URL('meta/', folder))
    .filter((name) => name.endsWith('_snapshot.json'))
    .sort()
    .at(-1)
  const now = generateDrizzleJson({ ...Schema }, undefined, undefined, 'snake_case')
  expect(await generateMigration(read(`meta/${last}`) as typeof now, now)).toEqual([])
})

it('every migration of the journal is there, in order, and nothing else', () => {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
  expect(files).toEqual(Migrations.known().map(({ tag }) => `${tag}.sql`))
  expect(Migrations.known().map(({ index }) => index)).toEqual(files.map((_, index) => index))
})
