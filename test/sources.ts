// The files of src as the architecture sees them: their text, what they import, and which of them are plugins.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ts from 'typescript'
import { filesUnder } from './files.ts'

export interface Import {
  /** A file of src, a library or a module of Node's. */
  from: string
  isType: boolean
}

/** A plugin or a handler is what fastify-plugin has made. */
export const isPlugin = (text: string): boolean => /^export default fp\(/m.test(text)

/** Every file of src. */
export const sources = filesUnder('src').map((path) => {
  const name = path.slice('src/'.length)
  const text = readFileSync(path, 'utf8')
  const imports: Import[] = []
  const identifiers = new Set<string>()
  const add = (specifier: ts.Node | undefined, isType = false) => {
    if (!specifier) return
    const from = ts.isStringLiteral(specifier) ? specifier.text : specifier.getText()
    imports.push({ from: from.startsWith('.') ? join(dirname(name), from) : from, isType })
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node))
      add(node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword)
    if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly)
    if (ts.isImportTypeNode(node)) add(ts.isLiteralTypeNode(node.argument) ? node.argument.literal : node, true)
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) add(node.arguments[0])
    if (ts.isIdentifier(node)) identifiers.add(node.text)
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true))
  return { name, text, imports, identifiers, isPlugin: isPlugin(text) }
})
