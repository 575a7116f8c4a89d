"""Derives the simulator's table of classes from the official datamodel: make-table.py xenapi.json > xenapi-table.txt

One line per thing, tab-separated:
  enum    name    value...
  class   name
  field   name    type    qualifier    [default] ("''": the empty string)
  call    name    result  parameter...    (type, '?' if it is optional, name; the session is left out)
"""
import json
import sys

CLASSES = ["session", "task", "event", "pool", "VM", "VM_metrics", "VM_guest_metrics", "host", "host_metrics", "network", "VIF",
           "PIF", "VLAN", "SR", "PBD", "VDI", "VBD", "console"]


def text(value):
    return {None: "", "": "''", '""': "''"}.get(value, value)


with open(sys.argv[1], encoding="utf-8") as file:
    datamodel = {c["name"]: c for c in json.load(file)}

wanted = [datamodel[name] for name in CLASSES]
enums = {e["name"]: e for c in wanted for e in c["enums"]}
for c in datamodel.values():
    for e in c["enums"]:
        enums.setdefault(e["name"], e)
used = set()
lines = []
for c in wanted:
    lines.append(["class", c["name"]])
    for f in c["fields"]:
        default = text(f.get("default"))
        lines.append(["field", f["name"], f["type"], f["qualifier"], *([default] if default else [])])
        used.update(f["type"].replace("(", " ").replace(")", " ").split())
    for m in c["messages"]:
        parameters = [p["type"] + ("" if p["required"] else "?") + " " + p["name"] for p in m["params"] if p["name"] != "session_id"]
        lines.append(["call", m["name"], m["result"][0], *parameters])
        for p in parameters:
            used.update(p.replace("(", " ").replace(")", " ").split())
for name in sorted(used & enums.keys()):
    print("enum", name, *[v["name"] for v in enums[name]["values"]], sep="\t")
for line in lines:
    print(*line, sep="\t")
