"""Asks pyspf what it makes of zones and senders; `tests/pyspf` writes its input and reads its output.

A line of input is a case: {"records": [[name, type, value], ...], "faults": [[name, type], ...], "queries": [[client,
sender, helo], ...]}. Names are lower case without the final dot. A value of MX is [preference, host]; one of TXT is a list
of strings, a character for each octet. The empty sender stands for HELO.

A line of output is the answer to a query, in order: {"result", "explanation" (or null), "problem" (what pyspf says of an
error; of a lookup that fails, `fault TYPE NAME`), "asked" ([name, type] of each lookup), "lookups" (how many terms count),
"without_void_limit" (null, or all this once more where that limit was the problem)}.

All names are looked up in the case's records. Nothing is asked of a network.
"""

import json
import sys

import spf

ALIASES = 8
RECEIVER = "rx.example.net"
NOW = "1700000000"


class Zone:
    def __init__(self, records, faults):
        self.sets = {}
        self.owners = set()
        self.faults = {(name, kind) for name, kind in faults}
        for name, kind, value in records:
            self.sets.setdefault((name, kind), []).append(value)
            while name:
                self.owners.add(name)
                name = parent(name)

    def node(self, name):
        """The owner of the records for this name: itself, a wildcard (RFC 4592), or None where the name does not exist."""
        if name in self.owners:
            return name
        while name and name not in self.owners:
            name = parent(name)
        wildcard = "*." + name if name else "*"
        return wildcard if wildcard in self.owners else None

    def lookup(self, name, kind):
        if len(name) > 253:
            return []
        owner = name
        for _ in range(ALIASES + 1):
            if (owner, kind) in self.faults:
                break
            node = self.node(owner)
            found = self.sets.get((node, kind))
            aliases = self.sets.get((node, "CNAME"))
            if found or not aliases:
                return found or []
            owner = aliases[0]
        raise spf.TempError(f"fault {kind} {name}")


def parent(name):
    return name.partition(".")[2]


def value_for_pyspf(kind, value):
    if kind == "TXT":
        return [string.encode("latin-1") for string in value]
    return tuple(value) if kind == "MX" else value


def ask(zone, client, sender, helo):
    asked = []

    def lookup(name, kind, *_):
        asked.append([name, kind])
        return [((name, kind), value_for_pyspf(kind, value)) for value in zone.lookup(name, kind)]

    spf.DNSLookup = lookup
    try:
        query = spf.query(i=client, s=sender, h=helo, receiver=RECEIVER, strict=True)
        query.t = NOW
        query.set_default_explanation(None)
        result, _, text = query.check()
        lookups = query.lookups
    except Exception as error:
        result, text, lookups = "crash", repr(error), 0
    return {
        "result": result,
        "explanation": text if result == "fail" else None,
        "problem": text if result in ("permerror", "temperror", "crash") else None,
        "asked": asked,
        "lookups": lookups,
        "without_void_limit": None,
    }


def judge(zone, query):
    answer = ask(zone, *query)
    if "Void lookup limit" in (answer["problem"] or ""):
        limit, spf.MAX_VOID_LOOKUPS = spf.MAX_VOID_LOOKUPS, 1000
        answer["without_void_limit"] = ask(zone, *query)
        spf.MAX_VOID_LOOKUPS = limit
    return answer


for line in sys.stdin:
    case = json.loads(line)
    for query in case["queries"]:
        print(json.dumps(judge(Zone(case["records"], case["faults"]), query)))
