// How PostgreSQL carries out what a repository asks.
import type { Db } from '../src/repositories/schema.ts'
import { cloneDatabase } from './parts.ts'
import { query } from './processes.ts'

interface Node {
  'Node Type': string
  'Relation Name'?: string
  'Index Name'?: string
  'Shared Hit Blocks': number
  'Shared Read Blocks': number
  Plans?: Node[]
}

const nodesOf = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)]

/** The first statement that is asked, carried out: its nodes, such as `Seq Scan agents`, and how many blocks of 8 KiB it needed. */
export async function planOf(db: Db, ask: (db: Db) => Promise<unknown>): Promise<{ nodes: string[]; blocks: number }> {
  const asked: { sql: string; parameters: readonly unknown[] }[] = []
  const recording = new Proxy(db, {
    get(target, name) {
      const value = Reflect.get(target, name, target)
      if (name !== 'executeQuery') return typeof value === 'function' ? value.bind(target) : value
      return (compiled: (typeof asked)[number]) => {
        asked.push(compiled)
        return target.executeQuery(compiled as never)
      }
    },
  })
  await ask(recording)
  const [statement] = asked
  const explain = `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${statement?.sql}`
  const [answer] = await query(explain, statement?.parameters as unknown[], await cloneDatabase())
  const plan: Node = answer['QUERY PLAN'][0].Plan
  const nodes = nodesOf(plan).map((node) => {
    const of = node['Index Name'] ?? node['Relation Name']
    return of ? `${node['Node Type']} ${of}` : node['Node Type']
  })
  return { nodes, blocks: plan['Shared Hit Blocks'] + plan['Shared Read Blocks'] }
}
