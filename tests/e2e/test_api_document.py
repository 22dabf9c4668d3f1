"""web/openapi.yaml against the program's own tables, in both directions: what the document says is
there, and what is there is in the document."""
import json
import os
import pathlib
import re
import subprocess

import jsonschema_rs
import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("MAILSTOP_BIN", ROOT / "build-tests" / "mailstop")).parent
DOCUMENT = yaml.safe_load((ROOT / "web" / "openapi.yaml").read_text())
TABLES = json.loads(subprocess.run([BUILD / "tests/unit/api/print_tables"], check=True,
                                   capture_output=True).stdout)
METHODS = ("get", "put", "post", "delete", "patch")

# Answered by mechanism to every request; see the order in server/http/http.h.
EVERYWHERE = {"400", "403"}
BEHIND_LOGIN = {"401", "429"}

NOT_ALWAYS_THERE = {"/ca.pem"}

# What was asked about did not come about: the answer says what came instead.
VERDICTS = {"408", "417"}


def resolve(thing):
    while "$ref" in thing:
        name = thing["$ref"]
        assert name.startswith("#/")
        thing = DOCUMENT
        for key in name[2:].split("/"):
            thing = thing[key]
    return thing


def operations():
    for path, item in DOCUMENT["paths"].items():
        for method in METHODS:
            if method in item:
                yield method.upper(), path, item, item[method]


def parameters(item, operation, place):
    found = map(resolve, item.get("parameters", []) + operation.get("parameters", []))
    return {p["name"]: p for p in found if p["in"] == place}


def templated(path):
    """Of the table, as the document writes it."""
    return re.sub("[:#]([a-z_]+)", r"{\1}", path)


ROUTES = {(r["method"], templated(r["path"])): r for r in TABLES["routes"]}
DOCUMENTED = {(method, path): (item, operation) for method, path, item, operation in operations()}
BOTH = sorted(ROUTES.keys() & DOCUMENTED.keys())


def test_version():
    assert DOCUMENT["openapi"].startswith("3.1.")


def test_the_same_routes():
    assert ROUTES.keys() == DOCUMENTED.keys()
    assert len(ROUTES) == len(TABLES["routes"]), "a route stands twice in the table"


KINDS = {"boolean": "boolean", "integer": "integer", "string": "string", "array": "array",
         "integer or null": ["integer", "null"]}


def limits(schema, kind):
    if kind == "boolean":
        return 0, 0
    if kind == "array":
        assert schema["maxItems"] <= TABLES["max_texts"]
        schema = schema["items"]
        assert schema["type"] == "string"
        kind = "string"
    least, most = ("minLength", "maxLength") if kind == "string" else ("minimum", "maximum")
    return schema.get(least), schema.get(most)


def flat(table, schemas, prefix=""):
    """What lies in an object is a field "object.name" of the table."""
    for name, schema in schemas.items():
        schema = resolve(schema)
        if prefix + name not in table and schema.get("type") == "object":
            assert schema["additionalProperties"] is False
            yield from flat(table, schema["properties"], f"{prefix}{name}.")
        else:
            yield prefix + name, schema


def check_fields(table, schemas):
    schemas = dict(flat(table, schemas))
    assert table.keys() == schemas.keys()
    for name, field in table.items():
        schema = schemas[name]
        if field["type"] == "any":
            continue
        assert schema["type"] == KINDS[field["type"]], name
        assert limits(schema, field["type"]) == (field["min"], field["max"]), name


@pytest.mark.parametrize("route", BOTH, ids=" ".join)
def test_the_same_query_parameters(route):
    documented = parameters(*DOCUMENTED[route], "query")
    check_fields(ROUTES[route]["query"], {n: p["schema"] for n, p in documented.items()})


@pytest.mark.parametrize("route", BOTH, ids=" ".join)
def test_the_same_path_parameters(route):
    in_path = {kind_name[1:]: kind_name[0]
               for kind_name in re.findall("[:#][a-z_]+", ROUTES[route]["path"])}
    documented = parameters(*DOCUMENTED[route], "path")
    assert documented.keys() == in_path.keys()
    for name, kind in in_path.items():
        assert documented[name]["required"] is True
        wanted = "integer" if kind == "#" else "string"
        assert resolve(documented[name]["schema"])["type"] == wanted


@pytest.mark.parametrize("route", BOTH, ids=" ".join)
def test_the_same_body(route):
    body = DOCUMENTED[route][1].get("requestBody")
    table = ROUTES[route]["body"]
    assert (body is None) == (table is None)
    if body:
        raw = [name for name, field in table.items() if field["type"] == "raw"]
        assert list(body["content"]) == ["application/json", *raw]
        table = {name: field for name, field in table.items() if name not in raw}
        schema = resolve(body["content"]["application/json"]["schema"])
        assert schema["additionalProperties"] is False
        check_fields(table, schema["properties"])


@pytest.mark.parametrize("route", BOTH, ids=" ".join)
def test_statuses_that_mechanism_gives(route):
    method, path = route
    item, operation = DOCUMENTED[route]
    statuses = set(operation["responses"])
    scope = ROUTES[route]["scope"]
    assert EVERYWHERE <= statuses
    assert BEHIND_LOGIN <= statuses if scope != "open" else not BEHIND_LOGIN & statuses
    assert (operation.get("security") == []) == (scope == "open")
    assert ("404" in statuses) == ("{" in path or path in NOT_ALWAYS_THERE or scope == "admin" or
                                   "inbox" in parameters(item, operation, "query"))
    assert ({"413", "415"} <= statuses) == ("requestBody" in operation)
    assert ("416" in statuses) == ("206" in statuses) == \
        ("Range" in parameters(item, operation, "header"))


@pytest.mark.parametrize("route", BOTH, ids=" ".join)
def test_failures_are_problems(route):
    for status, response in DOCUMENTED[route][1]["responses"].items():
        if status >= "400" and status not in VERDICTS:
            assert list(resolve(response)["content"]) == ["application/problem+json"]


@pytest.mark.parametrize("name", sorted(TABLES["schemas"]))
def test_the_same_fields_of_resources(name):
    schema = DOCUMENT["components"]["schemas"][name]
    assert list(schema["properties"]) == TABLES["schemas"][name]
    assert schema["required"] == TABLES["schemas"][name], "each is always there"
    assert schema["additionalProperties"] is False


def test_the_same_warnings():
    schema = DOCUMENT["components"]["schemas"]["Warning"]["properties"]["code"]
    assert schema["enum"] == TABLES["warnings"]


def references(thing):
    if isinstance(thing, dict):
        yield from ([thing["$ref"]] if "$ref" in thing else [])
        for value in thing.values():
            yield from references(value)
    elif isinstance(thing, list):
        for value in thing:
            yield from references(value)


def test_every_component_is_used_and_every_reference_leads_somewhere():
    used = set(references(DOCUMENT))
    for name in used:
        resolve({"$ref": name})
    there = {f"#/components/{kind}/{name}" for kind, things in DOCUMENT["components"].items()
             for name in things if kind != "securitySchemes"}
    assert there == {"/".join(name.split("/")[:4]) for name in used}  # or a part of it
    assert set(DOCUMENT["components"]["securitySchemes"]) == \
        {name for way in DOCUMENT["security"] for name in way}


def test_operation_ids_are_unique():
    ids = [operation["operationId"] for *_, operation in operations()]
    assert len(ids) == len(set(ids))


def test_the_server_serves_the_same_as_json(server):
    assert server.rest.get("/api/v1/openapi.json").json() == DOCUMENT


def test_the_page_has_it_all_and_needs_nothing_from_elsewhere(server):
    page = server.rest.get("/docs").body.decode()
    names = {operation["operationId"] for *_, operation in operations()}
    names |= DOCUMENT["components"]["schemas"].keys()
    there = re.findall(r'\bid="([^"]+)"', page)
    assert names <= set(there) and len(there) == len(set(there))
    assert {name[1:] for name in re.findall(r'href="(#[^"]+)"', page)} <= set(there)
    assert re.findall(r'<link [^>]*href="([^"]+)"', page) == ["docs.css"]
    assert not re.findall(r"<(?:script|style|img|iframe)\b|\b(?:src|style)=", page)


@pytest.mark.parametrize("name", DOCUMENT["components"]["schemas"])
def test_every_schema_has_an_example_that_keeps_to_it(name):
    schema = DOCUMENT["components"]["schemas"][name]
    examples = [schema["example"]] if "example" in schema else schema["examples"]
    validator = jsonschema_rs.Draft202012Validator(
        {"$ref": f"#/components/schemas/{name}", "components": DOCUMENT["components"]})
    for example in examples:
        validator.validate(example)
