/** A thread that scans blocks of a shared screen as it is asked to: for the benchmark. */
import { parentPort, workerData } from 'node:worker_threads'
import * as Screen from '../Screen.ts'

const screen = workerData as Screen.Screen

parentPort?.on('message', (asked: Screen.scan.Options) => parentPort?.postMessage(Screen.scan(screen, asked)))
