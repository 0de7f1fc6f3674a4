/**
 * Preloaded into a process (`node --import`), ends it as `kill −9` would at a chosen step of its work: before a statement or an
 * outgoing request is sent, while it is under way, or after it was answered. What it runs in knows nothing of it.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { appendFileSync, existsSync } from 'node:fs'
import { Server } from 'node:http'
import { isMainThread, Worker } from 'node:worker_threads'
import { PGlite } from '@electric-sql/pglite'
import pg from 'pg'

/** What `PLIMSOLL_KILL` holds, as JSON. */
export type Order = {
  /** Statements of requests served whose path holds this; statements of anything else; or requests to other machines. */
  readonly work: { readonly path: string } | 'background' | 'requests'
  /** The step, counted from 1 once the file `armed` is there. */
  readonly step: number
  readonly moment: 'before' | 'during' | 'after'
  /** Microseconds into the step, for `during`. */
  readonly delay: number
  readonly armed: string
  /** Where the name of the step is written when it comes. */
  readonly told: string
}

const served = new AsyncLocalStorage<true>()
let steps = 0
let order: Order | null = null
/** Shared with a thread of its own, which can kill while this one is busy. */
const trigger = new Int32Array(new SharedArrayBuffer(8))

/** Begins a step; what it gives back ends it. */
function enter(kind: 'statement' | 'request', name: string): () => void {
  const nothing = () => {}
  if (order === null || !concerns(order, kind) || !existsSync(order.armed)) return nothing
  steps += 1
  if (steps !== order.step) return nothing
  const { moment, delay, told } = order
  const die = () => {
    appendFileSync(told, `${moment} ${name}\n`)
    process.kill(process.pid, 'SIGKILL')
  }
  if (moment === 'before') die()
  if (moment === 'after') return die
  appendFileSync(told, `${moment} ${name}\n`)
  Atomics.store(trigger, 1, delay)
  Atomics.store(trigger, 0, 1)
  Atomics.notify(trigger, 0)
  return nothing
}

function concerns({ work }: Order, kind: 'statement' | 'request'): boolean {
  if (work === 'requests') return kind === 'request'
  if (kind === 'request') return false
  return (served.getStore() === true) === (work !== 'background')
}

async function step<T>(kind: 'statement' | 'request', name: string, run: () => Promise<T>): Promise<T> {
  const leave = enter(kind, name)
  const value = await run()
  leave()
  return value
}

/** `insert outbox`, `select participants`: what a statement is mostly about. */
function named(text: string): string {
  const writes = [...text.matchAll(/\b(insert into|update|delete from)\s+(\w+)/g)].map(
    ([, verb = '', table = '']) => `${verb.split(' ')[0]} ${table}`,
  )
  const [, table] = /\bfrom\s+\(?(\w+)/.exec(text) ?? []
  return writes.at(-1) ?? (table === undefined ? text.trim().slice(0, 24) : `select ${table}`)
}

function embedded(): void {
  const { transaction } = PGlite.prototype
  PGlite.prototype.transaction = async function <T>(this: PGlite, work: Parameters<typeof transaction<T>>[0]): Promise<T> {
    enter('statement', 'begin')()
    let leave = () => {}
    const value = await transaction.call(this, async (inner) => {
      const query: typeof inner.query = (text, params, options) => step('statement', named(text), () => inner.query(text, params, options))
      const result = await work({ ...inner, closed: inner.closed, query })
      leave = enter('statement', 'commit')
      return result
    })
    leave()
    return value as T
  }
}

function server(): void {
  const prototype = pg.Client.prototype as unknown as { query: (this: unknown, ...args: unknown[]) => unknown }
  const { query } = prototype
  prototype.query = function (...args) {
    const [first] = args
    const text = typeof first === 'string' ? first : (first as { readonly text?: string } | undefined)?.text
    const sent = () => query.apply(this, args) as Promise<unknown>
    return text === undefined || typeof args.at(-1) === 'function' ? sent() : step('statement', named(text), sent)
  }
}

function network(): void {
  const { fetch } = globalThis
  globalThis.fetch = (input, init) => {
    const body = typeof init?.body === 'string' ? init.body : ''
    return step('request', /"method":"(\w+)"/.exec(body)?.[1] ?? 'request', () => fetch(input, init))
  }
  const { emit } = Server.prototype
  Server.prototype.emit = function (event: string | symbol, ...args: unknown[]): boolean {
    const go = () => Reflect.apply(emit, this, [event, ...args]) as boolean
    const [request] = args
    const path = typeof order?.work === 'object' ? order.work.path : null
    const url = event === 'request' ? String((request as { readonly url?: string }).url) : ''
    return path !== null && url.includes(path) ? served.run(true, go) : go()
  }
}

const text = process.env['PLIMSOLL_KILL']
if (isMainThread && text !== undefined) {
  order = JSON.parse(text) as Order
  embedded()
  server()
  network()
  const thread = `const { workerData } = require('node:worker_threads')
    const cell = new Int32Array(workerData)
    Atomics.wait(cell, 0, 0)
    const end = process.hrtime.bigint() + BigInt(Atomics.load(cell, 1)) * 1000n
    while (process.hrtime.bigint() < end);
    process.kill(process.pid, 'SIGKILL')`
  new Worker(thread, { eval: true, workerData: trigger.buffer }).unref()
}
