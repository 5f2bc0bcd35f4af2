// The OpenAPI document as lines that a person reads in a diff: each path and method, each schema with its fields.
//   node openapi.mjs < openapi.json
import { readFileSync } from 'node:fs'

const document = JSON.parse(readFileSync(0, 'utf8'))
const kind = (schema) => {
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum) return schema.enum.join('|')
  return [schema.type, schema.format, schema.maxLength && `≤${schema.maxLength}`, schema.maxItems && `≤${schema.maxItems}`, schema.pattern && 'decimal']
    .filter(Boolean)
    .join(' ')
}
const lines = [`openapi ${document.openapi}, version ${document.info.version}`]
for (const path of Object.keys(document.paths).sort())
  for (const method of Object.keys(document.paths[path]).sort()) lines.push(`${method.toUpperCase()} ${path}`)
for (const name of Object.keys(document.components.schemas).sort()) {
  const { properties } = document.components.schemas[name]
  const fields = properties.fields?.properties ?? (properties.action || properties.institution ? {} : properties)
  const required = properties.fields?.required ?? []
  lines.push(name)
  for (const field of Object.keys(fields).sort())
    lines.push(`  ${field}${required.includes(field) ? '*' : ''} ${kind(fields[field])}`)
}
console.log(lines.join('\n'))
