#!/usr/bin/env python3
"""Writes web/openapi.yaml as JSON and as a page to read: document.py OPENAPI.yaml OUT.json OUT.html

The page needs neither scripts nor anything from elsewhere, but for docs.css beside it."""
import html
import json
import pathlib
import sys

import markdown
import yaml

METHODS = ("get", "post", "put", "patch", "delete")


def element(name, inside, **attributes):
    said = "".join(f' {key.rstrip("_").replace("_", "-")}="{html.escape(value)}"'
                   for key, value in attributes.items())
    return f"<{name}{said}>{inside}</{name}>"


def text(source):
    return markdown.markdown(source or "", extensions=["tables"], output_format="html")


def code(source):
    return element("code", html.escape(str(source)))


def example(value):
    shown = json.dumps(value, indent=2, ensure_ascii=False)
    return element("pre", code(shown), tabindex="0")


def table(head, rows):
    if not rows:
        return ""
    top = element("tr", "".join(element("th", name, scope="col") for name in head))
    lines = [element("tr", "".join(element("td", cell) for cell in row)) for row in rows]
    grid = element("table", element("thead", top) + element("tbody", "".join(lines)))
    return element("div", grid, class_="wide", tabindex="0")


class Page:
    def __init__(self, document):
        self.document = document

    def resolve(self, thing):
        while "$ref" in thing:
            found = self.document
            for key in thing["$ref"].removeprefix("#/").split("/"):
                found = found[key]
            thing = found
        return thing

    # ---- schemas ----

    def kind(self, schema):
        """What a value may be, in a few words."""
        if "$ref" in schema:
            name = schema["$ref"].removeprefix("#/components/schemas/")
            if "/" in name:
                return self.kind(self.resolve(schema))
            return element("a", name, href=f"#{name}")
        if "oneOf" in schema and "type" not in schema:
            return " or ".join(map(self.kind, schema["oneOf"]))
        if "const" in schema:
            return code(json.dumps(schema["const"]))
        kind = schema.get("type", "anything")
        if kind == "array":
            return "array of " + self.kind(schema["items"])
        return " or ".join([kind] if isinstance(kind, str) else kind)

    def limits(self, schema):
        schema = self.resolve(schema)
        if "enum" in schema:
            yield "one of " + ", ".join(code(json.dumps(value)) for value in schema["enum"])
        for key, words in (("minimum", "at least"), ("exclusiveMinimum", "above"),
                           ("maximum", "at most"), ("minLength", "characters: at least"),
                           ("maxLength", "characters: at most"), ("minItems", "items: at least"),
                           ("maxItems", "items: at most"), ("default", "default")):
            if key in schema:
                yield f"{words} {code(schema[key])}"

    def explain(self, schema, description=None):
        own = description or schema.get("description")
        limits = "; ".join(self.limits(schema))
        return text(own) + (element("p", limits, class_="limits") if limits else "")

    def fields(self, schema, prefix=""):
        needed = schema.get("required", ())
        for name, field in schema.get("properties", {}).items():
            known = code(prefix + name) + (" *" if name in needed else "")
            yield known, self.kind(field), self.explain(field)
            inner = field["items"] if field.get("type") == "array" else field
            yield from self.fields(inner, f"{prefix}{name}." if inner is field
                                   else f"{prefix}{name}[].")

    def schema(self, name, schema):
        shown = [example(value) for value in self.examples(schema)]
        fields = table(("Field", "Type", ""), list(self.fields(schema)))
        lead = "" if "properties" in schema else element("p", self.kind(schema))
        return element("section", element("h3", name) + lead + self.explain(schema) + fields +
                       "".join(shown), id=name)

    def examples(self, thing):
        if "example" in thing:
            return [thing["example"]]
        examples = thing.get("examples", [])
        if isinstance(examples, dict):
            return [each["value"] for each in examples.values()]
        return examples

    # ---- operations ----

    def parameters(self, parameters):
        rows = []
        for parameter in map(self.resolve, parameters):
            name = code(parameter["name"]) + (" *" if parameter.get("required") else "")
            tried = [code(value) for value in self.examples(parameter)]
            told = self.explain(parameter["schema"], parameter.get("description"))
            rows.append((name, parameter["in"], self.kind(parameter["schema"]),
                         told + (element("p", "such as " + ", ".join(tried)) if tried else "")))
        return table(("Parameter", "In", "Type", ""), rows)

    def body(self, body):
        parts = []
        for media, content in (body or {}).get("content", {}).items():
            parts.append(element("p", f"Body: {code(media)}, {self.kind(content['schema'])}"))
            parts += map(example, self.examples(content))
        return "".join(parts)

    def responses(self, responses):
        rows = []
        for status, response in responses.items():
            response = self.resolve(response)
            bodies = [f"{code(media)}<br>{self.kind(content['schema'])}"
                      for media, content in response.get("content", {}).items()]
            rows.append((code(status), text(response["description"]), "<br>".join(bodies)))
        return table(("Status", "Means", "Body"), rows)

    def operation(self, method, path, item, operation):
        head = f'<span class="method">{method.upper()}</span> {code(path)}'
        return element("section", "".join((
            element("h3", head), element("p", html.escape(operation["summary"]), class_="summary"),
            text(operation.get("description")),
            self.parameters(item.get("parameters", []) + operation.get("parameters", [])),
            self.body(operation.get("requestBody")),
            self.responses(operation["responses"]))), id=operation["operationId"])

    def operations(self, tag):
        for path, item in self.document["paths"].items():
            for method in METHODS:
                if method in item and item[method]["tags"][0] == tag:
                    yield method, path, item, item[method]

    # ---- the whole ----

    def contents(self):
        for tag in self.document["tags"]:
            links = [element("a", f"{method.upper()} {html.escape(path)}",
                             href="#" + operation["operationId"])
                     for method, path, _, operation in self.operations(tag["name"])]
            lines = "".join(element("li", link) for link in links)
            yield element("a", tag["name"], href="#tag-" + tag["name"]) + element("ul", lines)
        names = [element("li", element("a", name, href="#" + name))
                 for name in self.document["components"]["schemas"]]
        yield element("a", "schemas", href="#schemas") + element("ul", "".join(names))

    def chapters(self):
        for tag in self.document["tags"]:
            yield element("h2", tag["name"], id="tag-" + tag["name"]) + text(tag["description"])
            for one in self.operations(tag["name"]):
                yield self.operation(*one)
        yield element("h2", "schemas", id="schemas") + text("A star marks what is always there.")
        for name, schema in self.document["components"]["schemas"].items():
            yield self.schema(name, schema)

    def write(self):
        info = self.document["info"]
        places = "".join(element("li", place) for place in self.contents())
        return "\n".join((
            '<!doctype html>', '<html lang="en">', '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            element("title", info["title"] + " REST API"),
            '<link rel="stylesheet" href="docs.css">',
            element("nav", element("ul", places), aria_label="Contents"),
            '<main>', element("h1", info["title"] + " REST API"), text(info["description"]),
            element("p", 'The same for programs: <a href="api/v1/openapi.json">openapi.json</a>, '
                         '<a href="api/v1/openapi.yaml">openapi.yaml</a> (OpenAPI 3.1).'),
            *self.chapters(), '</main>', ''))


def main(source, as_json, as_html):
    document = yaml.safe_load(pathlib.Path(source).read_text(encoding="utf-8"))
    small = json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n"
    pathlib.Path(as_json).write_text(small, encoding="utf-8")
    pathlib.Path(as_html).write_text(Page(document).write(), encoding="utf-8")


main(*sys.argv[1:])
