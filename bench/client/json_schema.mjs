// Times ajv: node json_schema.mjs SCHEMA DOCUMENT MILLISECONDS prints the nanoseconds of one JSON.parse of the
// document with a validation, and of one validation, as medians of rounds.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const Ajv = createRequire(import.meta.url)('ajv')
const [schema, document] = process.argv.slice(2, 4).map((path) => readFileSync(path, 'utf8'))
const until = Number(process.argv[4])
const validate = new Ajv.default({ strict: false }).compile(JSON.parse(schema))
const parsed = JSON.parse(document)
if (!validate(parsed)) throw new Error('the document is not valid')

const calls = Math.max(1, Math.round(2e6 / document.length))
let valid = true

// Of processor time, like that of the server.
function nanoseconds(call) {
  const start = process.cpuUsage()
  for (let at = 0; at < calls; at++) valid = call() && valid
  const { user, system } = process.cpuUsage(start)
  return ((user + system) * 1000) / calls
}

function median(call) {
  const times = []
  const end = Date.now() + until / 2
  while (times.length < 20 || Date.now() < end) times.push(nanoseconds(call))
  times.splice(0, times.length / 4) // while the compiler warms up
  times.sort((left, right) => left - right)
  return times[Math.floor(times.length / 2)]
}

const both = median(() => validate(JSON.parse(document)))
const alone = median(() => validate(parsed))
console.log(both.toFixed(1), alone.toFixed(1), valid ? '' : 'invalid')
