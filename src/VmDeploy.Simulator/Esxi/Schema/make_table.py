#!/usr/bin/env python3
"""Writes vim25.txt, the table that the simulator checks requests and shapes replies with.

    python3 make_table.py <folder with the official vim25 XSD files> > vim25.txt

One line per type, in the schema's own words:

    Name:Base field=type field?=type field*=type field+=type field?=type@since
    @Name value value value            an enumeration
    !Method RequestType returnval=type  a method; nothing after the request type when it returns nothing

'?' is optional, '*' any number, '+' one or more. The elements of urn:vsan are left out, and so are the
ArrayOf types, which follow from their name.
"""
import sys
import xml.etree.ElementTree as ET

XS = "{http://www.w3.org/2001/XMLSchema}"
FILES = ["core-types.xsd", "query-types.xsd", "query-messagetypes.xsd", "vim-types.xsd", "vim-messagetypes.xsd"]

# The schema does not tell what came when. These are the common elements that are newer than 7.0.2 (a request may
# hold them), and those newer than 6.7 that the simulator's replies hold.
SINCE = {
    "VirtualMachineConfigSummary.hwVersion": "7.0.0.0",
    "VirtualDevice.numaNode": "8.0.0.1",
    "VirtualDevice.deviceGroupInfo": "8.0.0.1",
    "VirtualDeviceConfigSpec.filterSpec": "8.0.0.1",
    "VirtualDeviceConfigSpec.changeMode": "8.0.0.1",
    "HttpNfcLeaseDeviceUrl.sslCertificate": "9.0.0.0",
    "FileBackedVirtualDiskSpec.sectorFormat": "9.0.0.0",
}


def local(name):
    return name.split(":")[-1]


def fields(owner, sequence):
    for element in sequence if sequence is not None else ():
        if element.tag != XS + "element":
            continue
        many = element.get("maxOccurs") == "unbounded"
        optional = element.get("minOccurs") == "0"
        mark = {(False, False): "", (False, True): "?", (True, False): "+", (True, True): "*"}[many, optional]
        since = SINCE.get(f"{owner}.{element.get('name')}")
        yield f" {element.get('name')}{mark}={local(element.get('type'))}" + (f"@{since}" if since else "")


def type_line(node):
    name = node.get("name")
    extension = node.find(f".//{XS}extension")
    base = local(extension.get("base")) if extension is not None else ""
    sequence = node.find(f".//{XS}sequence")
    return f"{name}:{base}" + "".join(fields(name, sequence))


def main(folder):
    print("# The types and methods of urn:vim25 9.1, made by make_table.py from the official schema.")
    print("# Copyright (c) 2005-2026 Broadcom. All Rights Reserved. The schema is")
    print("# licensed under the Apache License, Version 2.0, http://www.apache.org/licenses/LICENSE-2.0")
    for file in FILES:
        for node in ET.parse(f"{folder}/{file}").getroot():
            if node.tag == XS + "complexType" and not node.get("name").startswith("ArrayOf"):
                print(type_line(node))
            elif node.tag == XS + "simpleType":
                values = (v.get("value") for v in node.iter(XS + "enumeration"))
                print(f"@{node.get('name')} " + " ".join(values))

    elements = {e.get("name"): e for e in ET.parse(f"{folder}/vim-elements.xsd").getroot() if e.tag == XS + "element"}
    for name, element in elements.items():
        response = elements.get(name + "Response")
        if response is not None:
            sequence = response.find(f".//{XS}sequence")
            print(f"!{name} {local(element.get('type'))}" + "".join(fields(name, sequence)))


if __name__ == "__main__":
    main(sys.argv[1])
