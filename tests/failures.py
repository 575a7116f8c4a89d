"""Prints what failed in trx files, a line each: the test, and the beginning of its message."""
import sys
import xml.etree.ElementTree as xml

NAMESPACE = "{http://microsoft.com/schemas/VisualStudio/TeamTest/2010}"

for path in sys.argv[1:]:
    for result in xml.parse(path).iter(NAMESPACE + "UnitTestResult"):
        if result.get("outcome") == "Failed":
            message = result.findtext(f"{NAMESPACE}Output/{NAMESPACE}ErrorInfo/{NAMESPACE}Message") or ""
            print(result.get("testName"), "|", " ".join(message.split())[:1500])
