// Makes src/openapi.ts, the types of what the API takes and answers, from openapi.yaml, so that the
// page cannot believe in a field that the API does not promise. Nothing of it is in what is built.

import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";

const home = dirname(fileURLToPath(import.meta.url));
const document = parse(readFileSync(join(home, "openapi.yaml"), "utf8"));
const names = Object.keys(document.components.schemas);

const scalars = { string: "string", integer: "number", number: "number", boolean: "boolean", null: "null" };

/** A schema that stands alone has a name; a pointer into one is what it points to. */
function reference(pointer) {
  const path = pointer.replace("#/", "").split("/");
  if (path.length === 3) return path[2];
  return typeOf(path.reduce((place, key) => place[key], document));
}

function union(types) {
  return [...new Set(types)].join(" | ");
}

function objectOf({ properties, required = [], additionalProperties }) {
  if (!properties) {
    const value = typeof additionalProperties === "object" ? typeOf(additionalProperties) : "unknown";
    return `Record<string, ${value}>`;
  }
  const members = Object.entries(properties).map(([name, schema]) => {
    const optional = required.includes(name) ? "" : "?";
    return `${JSON.stringify(name)}${optional}: ${typeOf(schema)};`;
  });
  return `{ ${members.join(" ")} }`;
}

function typeOf(schema) {
  if (schema.$ref) return reference(schema.$ref);
  if ("const" in schema) return JSON.stringify(schema.const);
  if (schema.enum) return union(schema.enum.map(value => JSON.stringify(value)));
  if (schema.properties) return objectOf(schema); // what is said beside that narrows it
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices) return union(choices.map(typeOf));
  if (Array.isArray(schema.type)) {
    return union(schema.type.map(type => typeOf({ ...schema, type })));
  }
  if (schema.type === "array") return `(${typeOf(schema.items)})[]`;
  if (schema.type === "object") return objectOf(schema);
  return scalars[schema.type] ?? "unknown";
}

const types = names.map(name => `export type ${name} = ${typeOf(document.components.schemas[name])};`);
const head = "// Made by types.mjs from openapi.yaml.\n\n";
writeFileSync(join(home, "src/openapi.ts"), `${head}${types.join("\n\n")}\n`);
