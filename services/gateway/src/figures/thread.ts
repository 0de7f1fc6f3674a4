/** Figures of whole books, computed on a thread of their own: whoever asks for anything else does not wait for them. */
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Services } from '@plimsoll/api'
import type { Book, Reading } from '@plimsoll/liquidation'
import type { Logger } from 'pino'
import type { Answer, Answers, Question } from './worker.ts'

/** After so long the thread is taken to hang: the largest book that a gateway serves takes seconds. */
const patienceMs = 30_000

export type Thread = Services.Services['figures'] & { readonly close: () => Promise<void> }

/** A thread, and the book that it was sent. */
type Running = { readonly worker: Worker; book: Book.Book | null }
type Asked = { readonly resolve: (figures: never) => void; readonly reject: (error: Error) => void; readonly timer: NodeJS.Timeout }

/** Starts the thread. Where it ends, those who wait are told so, and another one takes its place. */
export function open(log: Pick<Logger, 'error'>): Thread {
  const asked = new Map<number, Asked>()
  let next = 0
  let running: Running | null = start()

  function start(): Running {
    // Beside this file, which runs as it is written and as it is built.
    const worker = new Worker(new URL(`./worker${extname(import.meta.url)}`, import.meta.url))
    worker.on('message', ({ id, ...answer }: Answer) => {
      if ('thrown' in answer) settle(id)?.reject(Object.assign(new Error(), answer.thrown))
      else settle(id)?.resolve(answer.figures as never)
    })
    worker.on('error', (error) => log.error({ err: error }, 'the thread of figures failed'))
    worker.on('exit', () => replace(worker, 'ended'))
    return { worker, book: null }
  }

  function settle(id: number): Asked | undefined {
    const mine = asked.get(id)
    asked.delete(id)
    clearTimeout(mine?.timer)
    return mine
  }

  /** At once if it was asked anything; else for the next question, so that one that cannot even start is not started for ever. */
  function replace(gone: Worker, how: UnansweredError['how']): void {
    if (running?.worker !== gone) return
    running = asked.size > 0 ? start() : null
    dismiss(how)
  }

  function dismiss(how: UnansweredError['how']): void {
    for (const id of [...asked.keys()]) settle(id)?.reject(new UnansweredError(how))
  }

  function ask<K extends keyof Answers>(kind: K, reading: Reading.Reading, given: Question<K>['given']): Promise<ReturnType<Answers[K]>> {
    running ??= start()
    const { worker } = running
    const { book, ...rest } = reading
    if (running.book !== book) worker.postMessage(book)
    running.book = book
    const id = next++
    const question: Question<K> = { id, kind, reading: rest, given }
    worker.postMessage(question)
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        replace(worker, 'hung')
        void worker.terminate()
      }, patienceMs)
      asked.set(id, { resolve, reject, timer })
    })
  }

  return {
    fragility: (reading, brake) => ask('fragility', reading, brake),
    clusters: (reading, width) => ask('clusters', reading, width),
    stress: (reading, scenario) => ask('stress', reading, scenario),
    close: async () => {
      const gone = running
      running = null
      dismiss('ended')
      await gone?.worker.terminate()
    },
  }
}

/** Thrown when the thread ended before it answered, or took longer than it may. */
export class UnansweredError extends Error {
  override readonly name = 'Thread.UnansweredError'
  readonly code = 'FIGURES_UNANSWERED'
  readonly hint = 'Ask again: another thread has taken its place.'
  readonly how: 'ended' | 'hung'
  constructor(how: 'ended' | 'hung') {
    super(how === 'ended' ? 'The thread that computes figures of books ended.' : 'The thread that computes figures of books took too long.')
    this.how = how
  }
}
