// What each plugin and handler declares to depend on, and whose properties of Fastify's objects it really reads, as
// TypeScript's checker sees them.
import { relative, resolve } from 'node:path'
import ts from 'typescript'
import { filesUnder } from './files.ts'
import { isPlugin } from './sources.ts'

export interface Property {
  /** Such as `FastifyRequest.caller`. */
  name: string
  file: string
}

export interface Read {
  /** The plugin, or the package that no plugin of ours registers, which declares the property. */
  owner: string
  /** True where only the property's type is taken, which needs no plugin to be there. */
  isType: boolean
  /** The property, the file and the line. */
  at: string
}

export interface Plugin {
  name: string
  file: string
  dependencies: string[]
  reads: Read[]
}

const { config } = ts.readConfigFile('tsconfig.json', ts.sys.readFile)
const program = ts.createProgram(filesUnder('src'), ts.parseJsonConfigFileContent(config, ts.sys, '.').options)
const checker = program.getTypeChecker()
const pathOf = (node: ts.Node) => relative('.', node.getSourceFile().fileName)
const sources = program.getSourceFiles().filter((file) => pathOf(file).startsWith('src/'))

/** The node and all that it contains. */
function nodesOf(node: ts.Node): ts.Node[] {
  const nodes = [node]
  ts.forEachChild(node, (child) => void nodes.push(...nodesOf(child)))
  return nodes
}

const importsOf = (file: ts.SourceFile) => file.statements.filter(ts.isImportDeclaration)
const pluginFiles = sources.filter(({ text }) => isPlugin(text))

/** The options that the file gives to fastify-plugin. */
async function optionsOf(file: ts.SourceFile): Promise<{ name: string; dependencies?: string[] }> {
  return (await import(resolve(file.fileName))).default[Symbol.for('plugin-meta')]
}
const options = new Map(
  await Promise.all(pluginFiles.map(async (file) => [pathOf(file), await optionsOf(file)] as const)),
)

/** The properties in the file's `declare module 'fastify'`. */
const additionsOf = (file: ts.SourceFile): ts.Node[] =>
  file.statements
    .filter((statement) => ts.isModuleDeclaration(statement) && statement.name.text === 'fastify')
    .flatMap((module) => nodesOf(module).filter(({ parent }) => ts.isInterfaceDeclaration(parent)))
    .filter(ts.isTypeElement)
const additions = new Set(program.getSourceFiles().flatMap(additionsOf))
const namesAdded = new Set([...additions].map((member) => (member as ts.TypeElement).name?.getText()))

/** The property that the node names, in an expression, a destructuring or a type. */
function propertyAt(node: ts.Node): ts.Symbol | undefined {
  if (!(ts.isIdentifier(node) || ts.isStringLiteral(node)) || !namesAdded.has(node.text)) return undefined
  const { parent } = node
  if (ts.isBindingElement(parent) && parent.name === node && !parent.propertyName)
    return checker.getTypeAtLocation(parent.parent).getProperty(node.text)
  // As in `app.getDecorator('calls')`.
  if (ts.isCallExpression(parent) && ts.isPropertyAccessExpression(parent.expression))
    return checker.getTypeAtLocation(parent.expression.expression).getProperty(node.text)
  return checker.getSymbolAtLocation(node)
}

const isInType = ({ parent }: ts.Node) => ts.isLiteralTypeNode(parent) || ts.isQualifiedName(parent)

function ownerOf(property: ts.Symbol | undefined): string | undefined {
  const declaration = property?.declarations?.find((declaration) => additions.has(declaration))
  if (!declaration) return undefined
  const path = pathOf(declaration)
  const library = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]
  if (!library) return options.get(path)?.name ?? path
  const imports = (file: ts.SourceFile) =>
    importsOf(file).some(({ moduleSpecifier }) => (moduleSpecifier as ts.StringLiteral).text === library)
  const registrar = pluginFiles.find(imports)
  return registrar ? options.get(pathOf(registrar))?.name : library
}

/** What is read in the file, and in the files that it imports and that are no plugins. */
function readsOf(file: ts.SourceFile, onlyTypes = false, seen = new Set<string>()): Read[] {
  const key = `${pathOf(file)} ${onlyTypes}`
  if (seen.has(key)) return []
  seen.add(key)
  const own = nodesOf(file).flatMap((node) => {
    const owner = ownerOf(propertyAt(node))
    if (!owner) return []
    const { line } = file.getLineAndCharacterOfPosition(node.getStart())
    const at = `${(node as ts.Identifier).text} at ${pathOf(file)}:${line + 1}`
    return [{ owner, isType: onlyTypes || isInType(node), at }]
  })
  const imported = importsOf(file).flatMap(({ moduleSpecifier, importClause }) => {
    const target = checker.getSymbolAtLocation(moduleSpecifier)?.valueDeclaration?.getSourceFile()
    if (!target || !sources.includes(target) || isPlugin(target.text)) return []
    const isType = importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword
    return readsOf(target, onlyTypes || isType, seen)
  })
  return [...own, ...imported]
}

export const plugins: Plugin[] = pluginFiles.map((file) => {
  const { name = '', dependencies = [] } = options.get(pathOf(file)) ?? {}
  return { name, file: pathOf(file), dependencies, reads: readsOf(file).filter(({ owner }) => owner !== name) }
})

/** What the files of src add to Fastify's types. */
export const declared: Property[] = sources.flatMap((file) =>
  additionsOf(file).map((member) => ({
    name: `${(member.parent as ts.InterfaceDeclaration).name.text}.${(member as ts.TypeElement).name?.getText()}`,
    file: pathOf(file),
  })),
)

const functions = sources
  .filter((file) => pathOf(file) === 'src/app.ts')
  .flatMap((file) => file.statements.filter(ts.isFunctionDeclaration))

/** The files of the plugins that a function of app.ts registers, itself or by the functions that it calls. */
function registeredBy(name: string): string[] {
  const called = functions
    .filter((each) => each.name?.text === name)
    .flatMap(nodesOf)
    .filter(ts.isCallExpression)
  return called.flatMap(({ expression, arguments: [plugin] }) => {
    if (expression.getText() !== 'app.register') return registeredBy(expression.getText())
    const symbol = plugin && checker.getSymbolAtLocation(plugin)
    const declaration = symbol && checker.getAliasedSymbol(symbol).declarations?.[0]
    return declaration ? pathOf(declaration) : ''
  })
}

/** In the order of their registration. */
export const registered = registeredBy('buildApp')
