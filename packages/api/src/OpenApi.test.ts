import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import * as OpenApi from './OpenApi.ts'

test('openapi.json is what the router says now (node packages/api/scripts/openapi.ts writes it)', () => {
  const committed: unknown = JSON.parse(readFileSync(new URL('../openapi.json', import.meta.url), 'utf8'))
  expect(committed).toEqual(JSON.parse(JSON.stringify(OpenApi.document())))
})

test('edge: every procedure but the subscription has a path', () => {
  const paths = Object.keys(OpenApi.document().paths ?? {})
  expect(paths).toContain('/limits/quote')
  expect(paths).toContain('/limits/issue')
  expect(paths.length).toBeGreaterThanOrEqual(15)
})
