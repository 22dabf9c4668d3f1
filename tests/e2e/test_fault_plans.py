"""Fault plans over REST: put, shown, refused, kept."""
import pytest

PLAN = {"seed": 7, "rules": [
    {"stage": "rcpt", "address": "*@slow.test",
     "reply": {"code": 450, "enhanced": "4.2.1", "text": "Try again later"}, "times": 2},
    {"stage": "data_end", "probability": 0.1, "reply": {"code": 451}},
    {"stage": "connect", "after": 100, "reply": {"code": 421}},
    {"stage": "data", "delay_ms": 2000},
    {"stage": "data", "bytes": 1000, "drop": True},
    {"stage": "starttls", "fail": "handshake"},
    {"stage": "session", "throttle_bytes_per_second": 500}]}
NONE = {"in_force": False, "seed": 0, "rules": []}


def path_of(inbox=None):
    return f"/api/v1/inboxes/{inbox}/faults" if inbox else "/api/v1/faults"


def put(server, plan, inbox=None, status=200):
    response = server.rest.send_json("PUT", path_of(inbox), plan)
    assert response.status == status, response
    return response.json()


def shown(server, inbox=None):
    response = server.rest.get(path_of(inbox))
    assert response.status == 200, response
    return response.json()


def with_hits(plan, hits=0):
    return {"in_force": True, "seed": plan.get("seed", 0),
            "rules": [rule | {"hits": hits} for rule in plan["rules"]]}


def make_inbox(server, **fields):
    response = server.rest.send_json("POST", "/api/v1/inboxes", fields)
    assert response.status == 201, response
    return response.json()["name"]


def test_what_the_contract_shows_is_a_plan(start):
    server = start()
    assert shown(server) == NONE
    assert put(server, PLAN) == shown(server) == with_hits(PLAN)
    assert server.rest.delete(path_of()).status == 204
    assert shown(server) == NONE
    assert server.rest.delete(path_of()).status == 204


def test_an_inbox_has_its_own(server):
    one, other = make_inbox(server), make_inbox(server)
    plan = {"rules": [{"stage": "rcpt", "full": 452}]}
    assert put(server, plan, one) == shown(server, one) == with_hits(plan)
    assert shown(server, other) == NONE
    assert server.rest.delete(path_of(one)).status == 204
    assert shown(server, one) == NONE
    for method in "GET", "DELETE":
        assert server.rest.request(method, path_of("no-such-inbox")).status == 404
    put(server, plan, "no-such-inbox", status=404)


def test_a_plan_stays_over_a_restart_and_goes_with_its_inbox(start):
    server = start()
    kept, gone = make_inbox(server), make_inbox(server)
    plan = {"seed": 1, "rules": [{"stage": "rcpt", "full": 452}]}
    for inbox in None, kept, gone:
        put(server, plan, inbox)
    assert server.rest.delete(f"/api/v1/inboxes/{gone}").status == 204
    server.stop()
    server = start()
    assert shown(server) == shown(server, kept) == with_hits(plan)
    again = make_inbox(server, name=gone)
    assert shown(server, again) == NONE


@pytest.mark.parametrize("preset", ["greylisting", "rate-limit", "flaky", "slow", "outage",
                                    "mailbox-full", "bounce", "cut-off"])
def test_presets_become_rules(server, preset):
    inbox = make_inbox(server)
    plan = put(server, {"preset": preset}, inbox)
    assert plan["in_force"] and plan["rules"]
    rules = [{k: v for k, v in rule.items() if k != "hits"} for rule in plan["rules"]]
    assert put(server, {"rules": rules}, inbox) == plan


@pytest.mark.parametrize("plan, field, detail", [
    ({}, "rules", "either"),
    ({"preset": "slwo"}, "preset", "greylisting, rate-limit, flaky"),
    ({"rules": [], "frob": 1}, "frob", "no field"),
    ({"rules": [{"stage": "quit", "drop": True}, {"stage": "rctp", "drop": True}]},
     "rules[1].stage", "connect, helo, starttls, auth, mail, rcpt, data, data_end"),
    ({"rules": [{"stage": "rcpt", "reply": {"code": 250}}]}, "rules[0].reply.code", "400 to 459"),
    ({"rules": [{"stage": "rcpt", "reply": {"code": 354}}]}, "rules[0].reply.code", "500 to 559"),
    ({"rules": [{"stage": "rcpt", "drop": True, "stall": True}]}, "rules[0].stall", "contradicts"),
    ({"rules": [{"stage": "rcpt", "drop": True, "address": "a b"}]}, "rules[0].address", "blanks"),
    ({"rules": [{"stage": "rcpt", "drop": True}] * 101}, "rules", "at most 100"),
    ({"rules": [{"stage": "rcpt", "drop": True, "address": "x" * 321}]}, "rules[0].address", "320"),
    ({"rules": [{"stage": "rcpt", "delay_ms": 600001}]}, "rules[0].delay_ms", "600000"),
    ({"rules": [{"stage": "connect", "drop": True}]}, "rules[0].stage", "before an inbox"),
])
def test_what_is_no_plan_changes_nothing(server, plan, field, detail):
    inbox = make_inbox(server)
    before = put(server, {"rules": [{"stage": "rcpt", "full": 552}]}, inbox)
    problem = put(server, plan, inbox, status=400)
    assert [error["field"] for error in problem["errors"]] == [field]
    assert detail in problem["errors"][0]["detail"]
    assert shown(server, inbox) == before
